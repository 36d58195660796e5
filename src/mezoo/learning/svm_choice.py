"""The penalty C of a support vector machine, chosen on the training subjects alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mezoo.errors import ConfigError
from mezoo.evaluation.recognition import confusion_matrix, uf1
from mezoo.learning.svm import fit_svm

#: Differences of UF1 below this are rounding.
_TIE = 1e-12


def choose_C(
    x: np.ndarray,
    y: np.ndarray,
    groups: Sequence[str] | np.ndarray,
    candidates: Sequence[float],
    *,
    n_classes: int,
    n_folds: int = 5,
    **options: Any,
) -> float:
    """Find the candidate with the highest UF1 over inner folds that share no subject.

    Predictions of all inner folds are pooled before UF1 is formed, as in the outer evaluation.

    Parameters
    ----------
    x : ndarray, float, shape (N, F)
        Feature vectors of the training clips.
    y : ndarray, int, shape (N,)
        Their classes.
    groups : sequence of str or int, length N
        Their subjects.
    candidates : sequence of float
        Values of C.
    n_classes : int
        Declared classes.
    n_folds : int
        Inner folds; with fewer subjects, one for each of them.
    **options
        Of `svm.fit_svm`, other than C.

    Returns
    -------
    float
        The smallest of the best candidates.

    Raises
    ------
    ConfigError
        No candidate, or clips of fewer than two subjects.
    """
    from sklearn.model_selection import GroupKFold

    subjects = np.asarray(groups)
    n_subjects = len(np.unique(subjects))
    if not candidates or n_subjects < 2 or n_folds < 2:
        raise ConfigError(
            f"{len(candidates)} values of C, {n_subjects} training subjects, {n_folds} inner folds",
            "at least one value, two subjects and two folds",
            "Give C candidates, or choose C by hand",
        )
    folds = list(GroupKFold(min(n_folds, n_subjects)).split(x, y, subjects))
    best, best_uf1 = 0.0, -1.0
    for candidate in sorted(candidates):
        predicted = np.empty(len(x), np.int64)
        for train, held_out in folds:
            model = fit_svm(x[train], y[train], n_classes, C=candidate, **options)
            predicted[held_out] = model.predict(x[held_out])
        score = float(uf1(confusion_matrix(y.tolist(), predicted.tolist(), classes=range(n_classes))))
        if score > best_uf1 + _TIE:
            best, best_uf1 = candidate, score
    return best
