"""Recognition metrics of MEGC2019: unweighted F1, unweighted average recall, accuracy, from pooled counts.

See et al., "MEGC 2019 - the second facial micro-expressions grand challenge", FG 2019, section III.
Confusion matrices of all folds are added before any ratio is formed (the mean of fold scores is another,
lower number), and means run over all declared classes, one without samples and predictions counting 0.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Over = Literal["declared", "supported"]


def confusion_matrix(
    y_true: Sequence[Hashable], y_pred: Sequence[Hashable], *, classes: Sequence[Hashable]
) -> NDArray[np.int64]:
    """Count samples by true and predicted class.

    Parameters
    ----------
    y_true, y_pred : sequences of labels, same length
        One entry per sample.
    classes : sequence of labels
        Declared classes, in the order of the result.

    Returns
    -------
    ndarray, int64, shape (K, K)
        Row: true class, column: predicted class.

    Raises
    ------
    ValueError
        When the lengths differ or a label is not declared.
    """
    position = {label: i for i, label in enumerate(classes)}
    unknown = sorted({str(label) for label in (*y_true, *y_pred) if label not in position})
    if unknown:
        raise ValueError(f"labels {unknown} are not among the classes {list(classes)}")
    matrix = np.zeros((len(classes), len(classes)), np.int64)
    for true, pred in zip(y_true, y_pred, strict=True):
        matrix[position[true], position[pred]] += 1
    return matrix


def count_looks(truth: NDArray[np.integer], predicted: NDArray[np.integer], *, n_classes: int) -> NDArray:
    """Count samples by true and predicted class for each of several looks at the same samples.

    Parameters
    ----------
    truth : ndarray, int, shape (n,)
        True class of each sample, 0 to K - 1.
    predicted : ndarray, int, shape (looks, n)
        What each look (e.g. each epoch) predicts, in the same order of samples.
    n_classes : int
        K.

    Returns
    -------
    ndarray, int64, shape (looks, K, K)
        One `confusion_matrix` per look.
    """
    predicted = np.asarray(predicted, np.int64)
    looks = np.arange(len(predicted))[:, None]
    place = (looks * n_classes + np.asarray(truth, np.int64)) * n_classes + predicted
    counts = np.bincount(place.ravel(), minlength=len(predicted) * n_classes**2)
    return counts.reshape(-1, n_classes, n_classes)


def best_look(confusions: NDArray[np.integer]) -> int:
    """Choose among looks at the same test samples, as most published code does: accuracy, then UF1.

    The result is a biased estimate; it is to be reported as test-selected, beside the same choice among
    guesses (`mezoo.evaluation.recognition_chance`).

    Parameters
    ----------
    confusions : ndarray, int, shape (looks, K, K)
        As returned by `count_looks`.

    Returns
    -------
    int
        The last of the best.
    """
    hits = _hits(confusions).sum(axis=-1)  # of equally many samples: accuracy without rounding
    second = uf1(confusions).round(12)  # equal fractions may be rounded apart by the order of a sum
    return int(np.lexsort((np.arange(len(hits)), second, hits))[-1])


def best_looks(
    truth: NDArray[np.integer],
    predicted: NDArray[np.integer],
    subjects: Sequence[Hashable],
    *,
    n_classes: int,
) -> NDArray[np.int64]:
    """Choose the `best_look` of each subject; shape (n,): for each sample the look of its subject.

    Parameters
    ----------
    truth, predicted, n_classes
        See `count_looks`.
    subjects : sequence of length n
        Whose sample each one is.
    """
    chosen = np.zeros(len(truth), np.int64)
    places: dict[Hashable, list[int]] = {}
    for place, subject in enumerate(subjects):
        places.setdefault(subject, []).append(place)
    for own in places.values():
        chosen[own] = best_look(count_looks(truth[own], predicted[:, own], n_classes=n_classes))
    return chosen


def class_f1(confusion: NDArray) -> NDArray[np.float64]:
    """F1 of each class, 2 TP / (2 TP + FP + FN); NaN for 0/0. Shape (..., K, K) -> (..., K)."""
    return _ratio(2 * _hits(confusion), confusion.sum(axis=-1) + confusion.sum(axis=-2))


def class_recall(confusion: NDArray) -> NDArray[np.float64]:
    """Share of each true class that is recognised; NaN for 0/0. Shape (..., K, K) -> (..., K)."""
    return _ratio(_hits(confusion), confusion.sum(axis=-1))


def class_precision(confusion: NDArray) -> NDArray[np.float64]:
    """Share of the predictions of each class that are right; NaN for 0/0. Shape (..., K, K) -> (..., K)."""
    return _ratio(_hits(confusion), confusion.sum(axis=-2))


def accuracy(confusion: NDArray) -> NDArray[np.float64]:
    """Share of samples recognised; NaN without samples. Shape (..., K, K) -> (...)."""
    return _ratio(_hits(confusion).sum(axis=-1), confusion.sum(axis=(-2, -1)))


def uf1(confusion: NDArray, *, over: Over = "declared") -> NDArray[np.float64]:
    """Mean of `class_f1` over all declared classes, or over those with true samples. (..., K, K) -> (...)."""
    return _mean(class_f1(confusion), confusion, over)


def uar(confusion: NDArray, *, over: Over = "declared") -> NDArray[np.float64]:
    """Mean of `class_recall`, also called balanced accuracy; see `uf1`. Shape (..., K, K) -> (...)."""
    return _mean(class_recall(confusion), confusion, over)


def weighted_f1(confusion: NDArray) -> NDArray[np.float64]:
    """Mean of `class_f1` weighted by the number of true samples. Shape (..., K, K) -> (...)."""
    support = confusion.sum(axis=-1)
    return _ratio((np.nan_to_num(class_f1(confusion)) * support).sum(axis=-1), support.sum(axis=-1))


def _mean(values: NDArray[np.float64], confusion: NDArray, over: Over) -> NDArray[np.float64]:
    supported = confusion.sum(axis=-1) > 0
    used = supported if over == "supported" else np.ones_like(supported)
    return _ratio((np.nan_to_num(values) * used).sum(axis=-1), used.sum(axis=-1))


def _hits(confusion: NDArray) -> NDArray:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _ratio(part: NDArray, whole: NDArray) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)
