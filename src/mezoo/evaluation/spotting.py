"""Spotting metric of the Micro-Expression Grand Challenges: pooled counts at IoU >= 0.5 or another threshold.

He et al., "Spotting macro- and micro-expression intervals in long video sequences" (MEGC2020, arXiv
1912.11985, section II-C), kept by the later challenges. Intervals include both ends; the data set is
treated as one long video: true positives, predictions and annotations are summed over videos before any
ratio is formed. Counts are int arrays whose last axis is (n_gt, n_pred, tp), so that types, subjects and
epochs are further axes and pooling is a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

TYPES = ("micro", "macro")
N_GT, N_PRED, TP = 0, 1, 2

Rule = Literal["megc2021", "auwgcn", "auwgcn_2023", "abpn", "softnet"]
RULES: tuple[Rule, ...] = get_args(Rule)
Counts = NDArray[np.int64]


def match(truth: ArrayLike, predicted: ArrayLike, *, iou: float = 0.5) -> NDArray[np.int64]:
    """Pair predictions with annotations one to one, best overlap first.

    Parameters
    ----------
    truth, predicted : array_like, int, shape (m, 2) and (n, 2)
        [onset, offset], both included, of one video and one type.
    iou : float
        Least overlap of a pair, above 0, at most 1; compared as a fraction, so that 0.3 is 3/10.

    Returns
    -------
    ndarray, int64, shape (k, 2)
        Index into truth and into predicted, in order of choice. The remaining pair with the highest IoU is
        taken, ties by lower index in truth, then in predicted. IoU = `iou` exactly is enough.

    Raises
    ------
    ValueError
        When an interval ends before it begins, or `iou` is no threshold.
    """
    least = _fraction(iou)
    truth, predicted = _intervals(truth), _intervals(predicted)
    for name, spans in (("truth", truth), ("predicted", predicted)):
        if (spans[:, 1] < spans[:, 0]).any():
            raise ValueError(f"{name} holds an interval with offset < onset; fill missing offsets first")
    common, union = _overlap(truth, predicted, inclusive=True)
    # Integers: a threshold such as one half is met exactly.
    gt, pred = np.nonzero(least.denominator * common >= least.numerator * union)
    # Quotients of integers below 2**26 are equal as doubles only when equal as fractions.
    order = np.lexsort((pred, gt, -common[gt, pred] / union[gt, pred]))
    pairs: list[tuple[int, int]] = []
    free_gt, free_pred = np.ones(len(truth), bool), np.ones(len(predicted), bool)
    for i, j in zip(gt[order].tolist(), pred[order].tolist(), strict=True):
        if free_gt[i] and free_pred[j]:
            free_gt[i] = free_pred[j] = False
            pairs.append((i, j))
    return np.array(pairs, np.int64).reshape(-1, 2)


def rank_hits(truth: ArrayLike, predicted: ArrayLike, *, iou: float = 0.5) -> NDArray[np.bool_]:
    """Tell which predictions, best first, find an annotation that none before them has found.

    The matching of PASCAL VOC (Everingham et al., IJCV 88, 2010, section 4.2): a prediction belongs to the
    annotation that it overlaps most, even when that one is found already.

    Parameters
    ----------
    truth, predicted : array_like, int, shape (m, 2) and (n, 2)
        [onset, offset], both included, of one video and one type; predictions by falling score.
    iou : float
        See `match`.

    Returns
    -------
    ndarray, bool, shape (n,)
    """
    least = _fraction(iou)
    truth, predicted = _intervals(truth), _intervals(predicted)
    hits = np.zeros(len(predicted), bool)
    if not len(truth) or not len(predicted):
        return hits
    common, union = _overlap(truth, predicted, inclusive=True)
    enough = least.denominator * common >= least.numerator * union
    found: set[int] = set()
    for j, i in enumerate((common / union).argmax(axis=0).tolist()):
        hits[j] = enough[i, j] and i not in found
        if hits[j]:
            found.add(i)
    return hits


def count(truth: ArrayLike, predicted: ArrayLike, *, rule: Rule = "megc2021", iou: float = 0.5) -> Counts:
    """Count annotations, predictions and true positives of one video and one type.

    Parameters
    ----------
    truth, predicted : array_like, int, shape (m, 2) and (n, 2)
        [onset, offset], both included.
    rule : {"megc2021", "auwgcn", "auwgcn_2023", "abpn", "softnet"}
        ``megc2021`` is `match`. The others repeat what published code counts. Three take lengths as
        offset - onset and ask for more than `iou`: ``auwgcn``, since 2025, counts the predictions that are
        some annotation's best; ``auwgcn_2023``, behind the published table of AUW-GCN, every prediction that
        overlaps some annotation; ``abpn`` every annotation that some prediction overlaps. They accept an
        annotation with offset < onset (missing) and never find it. ``softnet`` counts the hits
        of `rank_hits` (their number does not depend on the order), leaves out annotations of onset 0 and videos
        that lack the type, and counts a false alarm where nothing is predicted.
    iou : float
        See `match`.

    Returns
    -------
    ndarray, int64, shape (3,)
        (n_gt, n_pred, tp).

    Raises
    ------
    ValueError
        When the rule counts more true positives than annotations or predictions, as ``auwgcn_2023`` and
        ``abpn`` can.
    """
    truth, predicted = _intervals(truth), _intervals(predicted)
    if rule == "softnet":
        return _softnet_counts(truth, predicted, iou)
    if rule == "megc2021":
        hits = len(match(truth, predicted, iou=iou))
    else:
        hits = _official_hits(truth, predicted, rule, _fraction(iou))
    return check(np.array([len(truth), len(predicted), hits], np.int64))


def _softnet_counts(truth: NDArray[np.int64], predicted: NDArray[np.int64], iou: float) -> Counts:
    coded = truth[truth[:, 0] != 0]
    if not len(coded):
        return np.zeros(3, np.int64)
    hits = rank_hits(coded, predicted, iou=iou).sum()
    return check(np.array([len(coded), max(len(predicted), 1), hits], np.int64))


def _official_hits(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], rule: Rule, least: Fraction
) -> int:
    if not len(truth) or not len(predicted):
        return 0
    common, union = _overlap(truth, predicted, inclusive=False)
    found = (common > 0) & (least.denominator * common > least.numerator * union)
    if rule == "auwgcn_2023":
        return int(found.any(axis=0).sum())
    if rule == "abpn":
        return int(found.any(axis=1).sum())
    iou = np.where(found, common / np.where(found, union, 1), 0.0)
    return len(set(iou.argmax(axis=1)[found.any(axis=1)].tolist()))


def _fraction(iou: float) -> Fraction:
    if not 0 < iou <= 1:
        raise ValueError(f"an IoU of {iou} is no threshold: it lies above 0 and is at most 1")
    return Fraction(iou).limit_denominator(1000)


def _intervals(values: ArrayLike) -> NDArray[np.int64]:
    return np.asarray(values, np.int64).reshape(-1, 2)


def _overlap(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], *, inclusive: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames in common and frames of the union of all pairs, both of shape (m, n)."""
    onset, offset = truth[:, None, 0], truth[:, None, 1] + inclusive
    other_onset, other_offset = predicted[None, :, 0], predicted[None, :, 1] + inclusive
    common = np.maximum(np.minimum(offset, other_offset) - np.maximum(onset, other_onset), 0)
    return common, offset - onset + other_offset - other_onset - common


def check(counts: Counts) -> Counts:
    """Return the counts, or raise when they cannot be: tp above n_gt or n_pred, or anything negative.

    Raises
    ------
    ValueError
        With the first impossible triple.
    """
    counts = np.asarray(counts)
    tp = counts[..., TP]
    wrong = (counts < 0).any(axis=-1) | (tp > counts[..., N_GT]) | (tp > counts[..., N_PRED])
    if wrong.any():
        n_gt, n_pred, hits = counts[wrong][0].tolist()
        raise ValueError(
            f"impossible counts: {hits} true positives of {n_gt} annotations, {n_pred} predictions"
        )
    return counts


def precision(counts: Counts) -> NDArray[np.float64]:
    """Share of predictions that are right, tp / n_pred; NaN without predictions. Shape (..., 3) -> (...)."""
    return _ratio(counts[..., TP], counts[..., N_PRED])


def recall(counts: Counts) -> NDArray[np.float64]:
    """Share of annotations that are found, tp / n_gt; NaN without annotations. Shape (..., 3) -> (...)."""
    return _ratio(counts[..., TP], counts[..., N_GT])


def f1(counts: Counts) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall, 2 tp / (n_gt + n_pred); NaN for 0/0. Shape (..., 3) -> (...)."""
    return _ratio(2 * counts[..., TP], counts[..., N_GT] + counts[..., N_PRED])


def _ratio(part: NDArray, whole: NDArray) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


METRICS: dict[str, Callable[[Counts], NDArray[np.float64]]] = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
}


def best_look(counts: Counts) -> int:
    """Choose among looks (e.g. epochs) at the same test data by the highest F1, as most published code does.

    The result is a biased estimate; it is to be reported as test-selected, beside `mezoo.evaluation.chance`.

    Parameters
    ----------
    counts : ndarray, int64, shape (looks, 2, 3)
        Of one subject, per type; F1 is that of both types together.

    Returns
    -------
    int
        The first of the best.
    """
    return int(np.nan_to_num(f1(check(counts).sum(axis=1)), nan=0.0).argmax())


def scored_intervals(
    onset: ArrayLike, apex: ArrayLike, offset: ArrayLike, *, first_frame: int
) -> NDArray[np.int64]:
    """Complete annotations for scoring, by the convention of MEGC2020: no annotation is left out.

    Parameters
    ----------
    onset, apex, offset : array_like, float, shape (n,)
        Frame numbers, NaN where not annotated.
    first_frame : int
        Number of the first frame of the video; stands for a missing onset (recording began too late).

    Returns
    -------
    ndarray, int64, shape (n, 2)
        [onset, offset]; a missing offset is the apex.

    Raises
    ------
    ValueError
        When an event has neither apex nor offset.
    """
    onset, apex, offset = (np.atleast_1d(np.asarray(values, float)) for values in (onset, apex, offset))
    end = np.where(np.isnan(offset), apex, offset)
    if np.isnan(end).any():
        raise ValueError(f"event {int(np.isnan(end).argmax())} has neither apex nor offset")
    begin = np.where(np.isnan(onset), first_frame, onset)
    return np.stack([begin, end], axis=1).astype(np.int64)
