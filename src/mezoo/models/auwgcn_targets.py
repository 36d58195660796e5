"""Training targets of AUW-GCN: widen the label marks of a clip into what the losses compare with.

Yin et al., ICME 2023 (arXiv 2303.09114); widths and the Gaussian as in the official data set. Two faults of
the official code are repaired by default and kept in `official` mode: marks in the last frames of a clip
are not widened to the right (the limit compares a padded index with the unpadded length), and of two apexes
close together the later one overwrites the peak of the earlier.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mezoo.models.auwgcn_labels import ACTION, APEX, FIRST_COLUMN
from mezoo.models.auwgcn_labels import END as END_COLUMN
from mezoo.models.auwgcn_labels import START as START_COLUMN
from mezoo.models.auwgcn_layout import CONTEXT, END, NEITHER, START, TYPES

WIDTH = {"micro": 1, "macro": 3}
"""Frames on either side to which a mark is widened."""

APEX_SIGMA = 4.0
"""Standard deviation, in frames, of the soft apex target, for both types."""


class Targets(NamedTuple):
    """Targets of n clips; the second axis is the type, in the order of `auwgcn_layout.TYPES`.

    Attributes
    ----------
    start_end : ndarray, int64, shape (n, 2, F)
        Class START, END or NEITHER of every frame.
    apex : ndarray, float32, shape (n, 2, F)
        1 at an apex, falling off around it, 0 elsewhere.
    action : ndarray, float32, shape (n, 2, F)
        1 from onset to offset.
    """

    start_end: NDArray[np.int64]
    apex: NDArray[np.float32]
    action: NDArray[np.float32]


def training_targets(
    labels: NDArray[np.integer],
    *,
    context: int = CONTEXT,
    mode: Literal["corrected", "official"] = "corrected",
) -> Targets:
    """Build the targets of clips.

    Parameters
    ----------
    labels : ndarray, int, shape (n, context + F + context, 8)
        Label rows of `mezoo.models.auwgcn_labels`, segmented with context.
    context : int
        Frames of context on each side, cropped from the targets.
    mode : {"corrected", "official"}
        Whether to repair the faults named at the top of this file.

    Returns
    -------
    Targets
    """
    clips, frames = labels.shape[:2]
    start_end = np.full((clips, 2, frames), NEITHER, np.int64)
    apex = np.zeros((clips, 2, frames), np.float32)
    official = mode == "official"
    right = frames - 2 * context if official else frames  # first index that widening may not reach
    for i, kind in enumerate(TYPES):
        column, width = FIRST_COLUMN[kind], WIDTH[kind]
        for value, mark_column in ((START, START_COLUMN), (END, END_COLUMN)):  # an end overwrites a start
            for clip, mark in np.argwhere(labels[:, :, column + mark_column] == 1):
                start_end[clip, i, _around(mark, width, 0, right)] = value
        for clip, mark in np.argwhere(labels[:, :, column + APEX] == 1):
            near = _around(mark, width, 1 if official else 0, right)
            bump = np.exp(-((near - mark) ** 2) / (2 * APEX_SIGMA**2)).astype(np.float32)
            apex[clip, i, near] = bump if official else np.maximum(apex[clip, i, near], bump)
    action = (
        labels[:, :, [FIRST_COLUMN[kind] + ACTION for kind in TYPES]].transpose(0, 2, 1).astype(np.float32)
    )
    inner = slice(context, frames - context)
    return Targets(start_end[..., inner], apex[..., inner], action[..., inner])


def _around(mark: int, width: int, low: int, high: int) -> NDArray[np.integer]:
    """List the indices within `width` of `mark`: on its left not below `low`, on its right below `high`."""
    return np.r_[max(mark - width, low) : mark, mark, mark + 1 : min(mark + width + 1, high)]
