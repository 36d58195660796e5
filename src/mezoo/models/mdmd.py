"""MDMD: main directional maximal difference of flow, the training-free baseline of MEGC 2020.

Wang, Wu, Qian, Li, Fu, "A main directional maximal difference analysis for spotting facial movements from
long-term videos", Neurocomputing 2017; as baseline He, Wang, Li, Yap, "Spotting macro- and micro-expression
intervals in long video sequences", FG 2020, arXiv 1912.11985. An expression that passes within 2k frames is
displaced in the middle frame and back in the last one: the flow from frame i - k to i is longer than the one
from i - k to i + k.

Deviations. The flow between frames k apart is the sum of the cached MDMO vectors, and the 12 ROIs stand for
the 6 x 6 blocks: `spot_mdmd` reads what every other spotter reads. Directions are those of the vectors; the
code of the baseline takes atan(u/v), which has two of the four directions only. Of a video too short for k
only that video gets a smaller k; in the code all later ones do. Frames above the threshold are runs; the
code keeps all, the published counts are of runs of plausible length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mezoo.models.frame_difference import contrast, mean_of_largest_third, positions
from mezoo.models.peak_picking import height
from mezoo.models.proposals import Proposals

DIRECTIONS = 4


@dataclass(frozen=True)
class Span:
    """Lengths of one expression type in rows: `k` to the reference frames, runs of `shortest` to `longest`."""

    k: int
    shortest: int
    longest: int


def blocks(flow: NDArray[np.floating], *, n: int = 6) -> NDArray[np.floating]:
    """Cut a field (H, W, 2) into n x n equal blocks, (n * n, pixels, 2); rows and columns left over are dropped."""
    high, wide = flow.shape[0] // n, flow.shape[1] // n
    cut = flow[: n * high, : n * wide].reshape(n, high, n, wide, 2)
    return cut.transpose(0, 2, 1, 3, 4).reshape(n * n, high * wide, 2)


def directional_difference(current: NDArray[np.floating], tail: NDArray[np.floating]) -> NDArray[np.float64]:
    """Feature of one frame: how much longer the flow to it is than the flow past it.

    Parameters
    ----------
    current, tail : ndarray, shape (..., B, P, 2)
        Flow (dx, dy) of P vectors in each of B blocks from frame i - k to i, and from i - k to i + k.

    Returns
    -------
    ndarray, float64, shape (...)
        Per block, of the vectors of `current` in the fullest of four quadrants, the first on ties, the mean
        of the largest third of ``|current| - |tail|``; then the mean of the largest third of the blocks.
    """
    current, tail = np.asarray(current, np.float64), np.asarray(tail, np.float64)
    angle = np.arctan2(current[..., 1], current[..., 0])
    quadrant = np.floor_divide(angle, 2 * np.pi / DIRECTIONS).astype(int) % DIRECTIONS
    inside = quadrant[..., None] == np.arange(DIRECTIONS)  # (..., B, P, 4)
    members = inside.sum(axis=-2)
    main = np.argmax(members, axis=-1)
    chosen = np.take_along_axis(inside, main[..., None, None], axis=-1)[..., 0]
    longer = np.linalg.norm(current, axis=-1) - np.linalg.norm(tail, axis=-1)
    ranked = -np.sort(-np.where(chosen, longer, -np.inf), axis=-1)
    kept = np.maximum(1, np.round(members.max(axis=-1) / 3).astype(int))[..., None]
    first = np.arange(ranked.shape[-1]) < kept
    per_block = np.where(first, ranked, 0).sum(axis=-1) / kept[..., 0]
    return mean_of_largest_third(per_block)


def curve(mdmo: NDArray[np.floating], *, k: int) -> NDArray[np.float64]:
    """Relative difference of every row.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    k : int, >= 2
        Frames between the middle frame and either reference.

    Returns
    -------
    ndarray, float64, shape (T,)
        Pixels; minus infinity at the ends of the video, where frames are missing.
    """
    path = positions(mdmo)[:-1, :, None]  # one vector per ROI and frame
    result = np.full(len(mdmo), -np.inf)
    inner, edge = len(path) - 2 * k, 2 * k - 1
    if inner > 2 * (k - 1):
        head, middle, tail = path[:inner], path[k : k + inner], path[2 * k :]
        feature = directional_difference(middle - head, tail - head)
        result[edge : len(mdmo) - edge] = contrast(feature, reach=k - 1)
    return result


def shortened(k: int, n_rows: int) -> int:
    """Halve k until the video is at least 6k rows long, as in the code of the baseline; not below 2."""
    while k > 2 and n_rows < 6 * k:
        k = max(2, round(k / 2))
    return k


def spot_mdmd(mdmo: NDArray[np.floating], *, span: Span, p: float) -> Proposals:
    """Spot the expressions of one type in one video.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    span : Span
        Lengths of the type.
    p : float, in [0, 1]
        Height of the threshold between mean (0) and maximum (1) of the curve; published 0.01.

    Returns
    -------
    Proposals
        Best first: runs of rows above the threshold whose length is within the limits; the apex is the
        largest value of the run, which is also its score.

    Raises
    ------
    ValueError
        When p is out of range.
    """
    values = curve(mdmo, k=shortened(span.k, len(mdmo)))
    known = values[np.isfinite(values)]
    above = values > height(known, p) if len(known) else np.zeros(len(values), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], above, [False]]).astype(int)))
    onset, offset = edges[::2], edges[1::2] - 1
    length = offset - onset + 1
    kept = (length >= span.shortest) & (length <= span.longest)
    onset, offset = onset[kept], offset[kept]
    apex = np.array([a + np.argmax(values[a : b + 1]) for a, b in zip(onset, offset, strict=True)], np.int64)
    found = Proposals(onset, apex, offset, values[apex])
    return found.select(np.argsort(-found.score, kind="stable"))
