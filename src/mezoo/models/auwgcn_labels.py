"""Per-frame label rows of AUW-GCN from annotated events.

Yin et al., ICME 2023 (arXiv 2303.09114). A video of T feature frames gets an array (T, 8): micro start,
apex, end, action; macro start, apex, end, action. `frame_labels` is our rule; `official_frame_labels`
repeats the official segmentation script on its own tables, faults included, and serves to compare with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

N_COLUMNS = 8
START, APEX, END, ACTION = 0, 1, 2, 3
FIRST_COLUMN = {"micro": 0, "macro": 4}
OFFICIAL_TYPES = {1: "macro", 2: "micro"}


def frame_labels(
    onset: ArrayLike, apex: ArrayLike, offset: ArrayLike, kind: Sequence[str], *, n_frames: int
) -> NDArray[np.int8]:
    """Mark the events of one video.

    Parameters
    ----------
    onset, apex, offset : array_like, shape (E,)
        0-based positions in the feature array, both ends included; NaN where not annotated.
    kind : sequence of str, length E
        ``micro`` or ``macro``.
    n_frames : int
        T, the number of feature frames.

    Returns
    -------
    ndarray, int8, shape (T, 8)

    Raises
    ------
    ValueError
        When an event has neither apex nor offset, or its kind is unknown.

    Notes
    -----
    A missing onset is the first frame (the expression was running when recording began). A missing offset is
    ``2 * apex - onset`` (symmetric decay, as in the official code). A missing apex, or one outside
    [onset, offset], is the midpoint. Events outside the video are left out, others are clipped to it.
    """
    labels = np.zeros((n_frames, N_COLUMNS), np.int8)
    columns = (np.atleast_1d(np.asarray(values, float)) for values in (onset, apex, offset))
    for event, (start, peak, end) in enumerate(zip(*columns, strict=True)):
        if np.isnan(peak) and np.isnan(end):
            raise ValueError(f"event {event} has neither apex nor offset")
        if kind[event] not in FIRST_COLUMN:
            raise ValueError(f"event {event} has kind {kind[event]!r}, expected one of {list(FIRST_COLUMN)}")
        start = 0 if np.isnan(start) else int(start)
        end = 2 * int(peak) - start if np.isnan(end) else int(end)
        if end < 0 or start >= n_frames or end < start:
            continue
        start, end = max(start, 0), min(end, n_frames - 1)
        middle = int(peak) if start <= peak <= end else (start + end) // 2
        _mark(labels, kind[event], start, middle, end)
    return labels


def official_frame_labels(
    start: ArrayLike, apex: ArrayLike, end: ArrayLike, type_idx: ArrayLike, *, n_frames: int
) -> NDArray[np.int8]:
    """Mark the rows of one video of an official table as the official script does.

    Parameters
    ----------
    start, apex, end : array_like, int, shape (E,)
        Numbers of the official tables, used as indices whatever their base; 0 means missing.
    type_idx : array_like, int, shape (E,)
        1 macro, 2 micro.
    n_frames : int
        T, the number of feature frames.

    Returns
    -------
    ndarray, int8, shape (T, 8)

    Notes
    -----
    Kept faults: an apex of -1 (missing, in the SAMM-LV table) marks the last frame of the video; an event
    that truly starts at frame 0 counts as having no start.
    """
    labels = np.zeros((n_frames, N_COLUMNS), np.int8)
    rows = zip(*(np.asarray(values, int).tolist() for values in (start, apex, end, type_idx)), strict=True)
    for first, peak, last, kind in rows:
        if (first, peak, last).count(0) >= 2 or peak >= n_frames:
            continue
        if last == 0:
            last = 2 * peak - first
        elif peak == 0:
            peak = (first + last) // 2
        _mark(labels, OFFICIAL_TYPES[kind], first, peak, min(last, n_frames - 1))
    return labels


def _mark(labels: NDArray[np.int8], kind: str, start: int, apex: int, end: int) -> None:
    column = FIRST_COLUMN[kind]
    labels[start, column + START] = 1
    labels[apex, column + APEX] = 1
    labels[end, column + END] = 1
    labels[start : end + 1, column + ACTION] = 1
