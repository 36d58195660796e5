"""Spotting by feature difference: how far a frame is from the mean of the frames k before and k after it.

Moilanen, Zhao, Pietikainen, "Spotting rapid facial movements from videos using appearance-based feature
difference analysis", ICPR 2014, the method that CASME and SMIC made common. Their feature is an LBP
histogram per block; here it is the place of each of the 12 ROIs, i.e. the sum of its MDMO vectors so far, so
that the cached features suffice. Kept: the largest third of the blocks counts, the contrast with the
neighbourhood, the threshold between mean and maximum. No training: k follows from the length of an expression.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.models.peak_picking import pick_peaks
from mezoo.models.proposals import Proposals


def positions(mdmo: NDArray[np.floating]) -> NDArray[np.float64]:
    """Place of every ROI in every frame relative to the first frame.

    Parameters
    ----------
    mdmo : ndarray, shape (T, N, 2)
        Motion (dx, dy) from frame t to frame t + 1 in pixels.

    Returns
    -------
    ndarray, float64, shape (T + 1, N, 2)
    """
    path = np.zeros((len(mdmo) + 1, *mdmo.shape[1:]))
    np.cumsum(mdmo, axis=0, out=path[1:], dtype=np.float64)
    return path


def mean_of_largest_third(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean of the largest third (at least one) of the numbers along the last axis."""
    kept = max(1, round(values.shape[-1] / 3))
    return np.sort(values, axis=-1)[..., -kept:].mean(axis=-1)


def contrast(curve: NDArray[np.floating], *, reach: int) -> NDArray[np.float64]:
    """Subtract the mean of the values `reach` before and after: ``c(i) - (c(i - reach) + c(i + reach)) / 2``.

    Parameters
    ----------
    curve : ndarray, shape (T,)
    reach : int

    Returns
    -------
    ndarray, float64, shape (max(T - 2 reach, 0),)
        Entry 0 belongs to position `reach`.
    """
    inner = len(curve) - 2 * reach
    if inner <= 0:
        return np.zeros(0)
    return curve[reach : reach + inner] - (curve[:inner] + curve[2 * reach :]) / 2


def difference(mdmo: NDArray[np.floating], *, k: int) -> NDArray[np.float64]:
    """Contrasted feature difference of every row.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    k : int
        Frames to the reference frames on either side: half the length of an expression.

    Returns
    -------
    ndarray, float64, shape (T,)
        In pixels, at least 0; 0 near the ends of the video, where frames are missing. Row t stands for
        frame t, the first of its pair.
    """
    path = positions(mdmo)[:-1]
    result = np.zeros(len(mdmo))
    inner = len(path) - 2 * k
    if inner > 2 * k:
        middle = path[k : k + inner] - (path[:inner] + path[2 * k :]) / 2
        feature = mean_of_largest_third(np.linalg.norm(middle, axis=-1))
        result[2 * k : len(mdmo) - 2 * k] = np.maximum(contrast(feature, reach=k), 0)
    return result


def spot_differences(mdmo: NDArray[np.floating], *, k: int, p: float) -> Proposals:
    """Spot the expressions of one type in one video: peaks of `difference`.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    k : int
        Half the mean expression length.
    p : float, in [0, 1]
        Height of the threshold between mean (0) and maximum (1).

    Returns
    -------
    Proposals
        As `mezoo.models.peak_picking.pick_peaks` makes them; the published method reports peaks only.
    """
    return pick_peaks(difference(mdmo, k=k), k=k, p=p)
