"""Pseudo-labels: what networks that score single frames learn to say of each row of a video.

A row t of images of flow stands for the frames from t on, a row of faces for frame t. Positions are rows; an
apex that is not coded is the middle, an offset that is not coded the apex, as in the codes of SOFTNet and MEAN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: What SMEConvNet tells apart; a class is its position.
CLASSES = ("none", "micro", "macro")


class Marks(NamedTuple):
    """An expression in rows, onset and offset included."""

    onset: int
    apex: int
    offset: int
    kind: str


def marks(onset: NDArray, apex: NDArray, offset: NDArray, kind: Sequence[str], *, n_rows: int) -> list[Marks]:
    """Complete and clip annotated expressions.

    Parameters
    ----------
    onset, apex, offset : ndarray, float, shape (E,)
        Rows; NaN where not coded (apex or offset is).
    kind : sequence of str
        ``micro`` or ``macro``.
    n_rows : int
        Rows of the video; what lies behind them is left out.
    """
    found = []
    for start, middle, end, name in zip(onset, apex, offset, kind, strict=True):
        end = middle if np.isnan(end) else end
        middle = (start + end) // 2 if np.isnan(middle) else middle
        last = min(int(end), n_rows - 1)
        if int(start) <= last:
            found.append(Marks(int(start), int(np.clip(middle, start, last)), last, name))
    return found


def overlap_labels(events: Sequence[Marks], *, n_rows: int, window: int) -> NDArray[np.float32]:
    """SOFTNet and MEAN: 1 where rows t to t + window - 1 meet an expression at all, else 0.

    Parameters
    ----------
    events : sequence of Marks
    n_rows : int
    window : int
        Half the mean length of an expression.

    Returns
    -------
    ndarray, float32, shape (n_rows, 1)
    """
    labels = np.zeros((n_rows, 1), np.float32)
    for event in events:
        labels[max(event.onset - window + 1, 0) : event.offset + 1] = 1
    return labels


def hard_and_soft_labels(events: Sequence[Marks], *, n_rows: int, window: int) -> NDArray[np.float32]:
    """MTSN: 1 inside an expression, and beside it a triangle from 0 at onset and offset to 1 at the apex.

    Parameters
    ----------
    events : sequence of Marks
    n_rows : int
    window : int
        Not read: these labels know no window.

    Returns
    -------
    ndarray, float32, shape (n_rows, 2)
    """
    labels = np.zeros((n_rows, 2), np.float32)
    for event in events:
        rows = np.arange(event.onset, event.offset + 1)
        labels[rows, 0] = 1
        labels[rows, 1] = np.interp(rows, [event.onset, event.apex, event.offset], [0, 1, 0])
    return labels


def class_labels(events: Sequence[Marks], *, n_rows: int, window: int) -> NDArray[np.float32]:
    """SMEConvNet: position in `CLASSES` of what a frame shows.

    Parameters
    ----------
    events : sequence of Marks
    n_rows : int
    window : int
        Not read.

    Returns
    -------
    ndarray, float32, shape (n_rows, 1)
    """
    labels = np.zeros((n_rows, 1), np.float32)
    for event in events:
        labels[event.onset : event.offset + 1] = CLASSES.index(event.kind)
    return labels


Labels = Callable[..., NDArray[np.float32]]


def draw_rows(
    positive: NDArray[np.bool_], *, share: float | None, per_positive: float | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose the rows to train on: all positives, and some of the others.

    Parameters
    ----------
    positive : ndarray, bool, shape (n,)
    share : float, optional
        Share of the others that is kept.
    per_positive : float, optional
        Others per positive, where `share` is None.
    rng : Generator

    Returns
    -------
    ndarray, int64
        Ascending.
    """
    own, others = np.flatnonzero(positive), np.flatnonzero(~positive)
    n = len(others) * share if share is not None else len(own) * (per_positive or 0)
    chosen = rng.choice(others, min(len(others), round(n)), replace=False)
    return np.sort(np.concatenate([own, chosen]))
