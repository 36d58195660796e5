"""The selection `inner` of recognition: validation subjects set apart from the training, and the best look on them.

See "Selections" in ``docs/protocol.md``. The test subject has no part in either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mezoo.evaluation.recognition import accuracy, confusion_matrix, uf1
from mezoo.learning.clips import ClipSet


def validation_mask(clips: ClipSet, *, share: float, seed: int) -> np.ndarray | None:
    """Draw the validation subjects of a fold; None when too few subjects train, or a class would be lost.

    Parameters
    ----------
    clips : ClipSet
        Of the training subjects.
    share : float
        Share of these subjects that is set apart, at least one; 0 = none.
    seed : int

    Returns
    -------
    ndarray, bool, shape (n,), or None
        True for clips of validation subjects.
    """
    persons = sorted(set(clips.persons))
    if share == 0 or len(persons) < 3:
        return None
    n = max(1, round(share * len(persons)))
    rng = np.random.default_rng(seed)
    for _ in range(20):  # a small fold may lose a class with the first draw
        chosen = set(rng.permutation(persons)[:n].tolist())
        mask = np.array([person in chosen for person in clips.persons])
        if set(clips.target[~mask]) == set(clips.target):
            return mask
    return None


def best_look(probabilities: np.ndarray, target: np.ndarray, classes: Sequence[str]) -> tuple[int, float]:
    """Choose the look with the best UF1, then accuracy, on validation clips; ties go to the later one.

    Parameters
    ----------
    probabilities : ndarray, shape (looks, n, classes)
    target : ndarray, int, shape (n,)
    classes : sequence of str

    Returns
    -------
    int, float
        Row of the look, and its UF1.
    """
    labels = range(len(classes))
    tables = np.stack(
        [confusion_matrix(target.tolist(), p.argmax(axis=1).tolist(), classes=labels) for p in probabilities]
    )
    scores = list(zip(uf1(tables).tolist(), accuracy(tables).tolist(), range(len(tables)), strict=True))
    value, _, row = max(scores)
    return row, value
