"""Peaks of a curve over time as intervals: the last step of every spotter that scores frames.

As in SOFTNet (Liong, See, Wong, ICIP 2021): threshold between mean and maximum of the curve, peaks at
least k frames apart, one interval around each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.models.proposals import Proposals


def moving_mean(curve: NDArray[np.floating], *, window: int) -> NDArray[np.float64]:
    """Mean over a window centred on each position, shape (T,).

    An even window holds one more value before than after it; at the ends of the video only those that exist
    count.
    """
    from scipy.ndimage import convolve1d

    kernel = np.ones(window)
    total = convolve1d(curve.astype(np.float64), kernel, mode="constant")
    return total / convolve1d(np.ones(len(curve)), kernel, mode="constant")


def peaks_of(
    curve: NDArray[np.floating], *, height: float | None = None, distance: int | None = None
) -> NDArray[np.int64]:
    """Positions of the peaks of a curve, of a least height and distance where given."""
    # SciPy takes a second to import, and most networks need none of it
    from scipy.signal import find_peaks

    return find_peaks(curve, height=height, distance=distance)[0].astype(np.int64)


def height(curve: NDArray[np.floating], p: float) -> float:
    """Threshold between the mean (p = 0) and the maximum (p = 1) of a curve that is not empty.

    Raises
    ------
    ValueError
        When p is out of range.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"p is {p}, expected 0 to 1")
    mean = curve.mean()
    return float(mean + p * (curve.max() - mean))


def pick_peaks(curve: NDArray[np.floating], *, k: int, p: float) -> Proposals:
    """Make an interval of each peak of a curve.

    Parameters
    ----------
    curve : ndarray, float, shape (T,)
        One number per feature row.
    k : int
        Least distance of peaks, and reach of an interval to either side.
    p : float, in [0, 1]
        See `height`.

    Returns
    -------
    Proposals
        Best first; interval [peak - k, peak + k], clipped to the video; score is the height of the peak.
        A curve that still rises at the edge of the video has no peak there.

    Raises
    ------
    ValueError
        When k or p is out of range.
    """
    if k < 1 or not 0 <= p <= 1:
        raise ValueError(f"k is {k} and p is {p}, expected k >= 1 and p in [0, 1]")
    return peaks_from(curve, k=k, level=height(curve, p) if len(curve) else 0.0)


def peaks_from(curve: NDArray[np.floating], *, k: int, level: float) -> Proposals:
    """As `pick_peaks`, with the threshold itself, which a peak may just reach."""
    peaks = np.zeros(0, np.int64)
    if len(curve):
        peaks = peaks_of(curve, height=level, distance=k)
    return around(curve, peaks, k=k)


def around(curve: NDArray[np.floating], peaks: NDArray[np.integer], *, k: int) -> Proposals:
    """Intervals that reach k rows to either side of given peaks, clipped to the video, highest first."""
    onset, offset = np.maximum(peaks - k, 0), np.minimum(peaks + k, len(curve) - 1)
    found = Proposals(onset, peaks.astype(np.int64), offset, curve[peaks].astype(np.float64))
    return found.select(np.argsort(-found.score, kind="stable"))
