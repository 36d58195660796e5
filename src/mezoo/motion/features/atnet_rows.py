"""Rows of ATNet: mean direction and mean magnitude of 8x8 blocks, for the frame pairs around the apex.

Peng, Wang, Bi, Shi, Zhou, Chen, "A novel apex-time network for cross-dataset micro-expression recognition", ACII
2019. What a row holds and which frames it spans was inferred from the features that the authors released; they
are averages of raw angles, which is odd near 180 degrees (``angle="vector"`` is the direction of the mean flow).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.features.blocks import equal_blocks
from mezoo.motion.features.directions import angles, check_flow

#: Rows of a clip; the pair that begins at the apex frame is row `APEX_ROW`.
N_ROWS, APEX_ROW = 64, 32
N_BLOCKS = 8

Angle = Literal["mean", "vector"]
ANGLES = ("mean", "vector")


def atnet_rows(
    flows: Iterable[np.ndarray | None], *, onset: int, apex: int, angle: Angle = "mean"
) -> np.ndarray:
    """Rows of one clip: 64 frame pairs around the apex, 0 before the onset and from the offset on.

    Row i is the pair of the frames apex - 32 + i and apex - 31 + i. A clip that is longer than the window loses
    both ends. The released loader moves the rows that are not 0 to the end; that is left to the reader.

    Parameters
    ----------
    flows : iterable of ndarray, float, shape (H, W, 2)
        Flow between neighbouring frames, (dx right, dy down) in px: the pair that begins at the onset frame
        first, the one that ends at the offset frame last. None for a pair without usable flow (its row is 0).
    onset, apex : int
        Frame numbers (or positions); only their difference counts.
    angle : {'mean', 'vector'}
        See `block_row`.

    Returns
    -------
    ndarray, float32, shape (64, 128)
        Each row as `block_row` gives it.

    Raises
    ------
    ConfigError
        Shapes do not fit, or unknown angle.
    """
    rows = np.zeros((N_ROWS, 2 * N_BLOCKS**2), np.float32)
    for row, flow in enumerate(flows, start=onset - apex + APEX_ROW):
        if 0 <= row < N_ROWS and flow is not None:
            rows[row] = block_row(flow, angle=angle)
    return rows


def block_row(flow: np.ndarray, *, angle: Angle = "mean") -> np.ndarray:
    """Mean direction and magnitude of the 8x8 blocks of one flow field.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px; at least 8x8 px.
    angle : {'mean', 'vector'}
        ``mean``: arithmetic mean of the directions atan2(dy, dx) of the pixels, as released. ``vector``:
        direction of the mean vector.

    Returns
    -------
    ndarray, float32, shape (128,)
        Direction (rad) and magnitude (px, mean of the pixels) of each block in turn, blocks row by row.

    Raises
    ------
    ConfigError
        Another shape, or unknown angle.
    """
    check_flow(flow, N_BLOCKS)
    if angle not in ANGLES:
        raise ConfigError(
            f"angle {angle!r}", f"one of {', '.join(ANGLES)}", "Correct the angle of atnet_rows"
        )
    vectors = np.asarray(flow, np.float32)
    if angle == "mean":
        direction = block_means(angles(vectors))
    else:
        direction = angles(np.stack([block_means(vectors[..., k]) for k in range(2)], axis=-1))
    magnitude = block_means(np.hypot(vectors[..., 0], vectors[..., 1]))
    return np.stack([direction, magnitude], axis=-1).ravel().astype(np.float32)


def block_means(values: np.ndarray) -> np.ndarray:
    """Mean of the 8x8 blocks of an image (H, W), float64 (8, 8)."""
    starts = [[block.start for block in equal_blocks(length, N_BLOCKS)] for length in values.shape]
    sums = np.add.reduceat(np.add.reduceat(values, starts[0], dtype=np.float64), starts[1], axis=1)
    heights, widths = (np.diff([*first, length]) for first, length in zip(starts, values.shape, strict=True))
    return sums / np.outer(heights, widths)
