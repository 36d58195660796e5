"""Search for the apex of one expression without training: divide and conquer.

Divide and conquer: Liong, See, Wong, Le Ngo, Oh, Phan, "Automatic apex frame spotting in micro-expression
database", ACPR 2015: of a curve that rises with the expression, keep the half whose peaks sum to more until
one peak is left. For long videos `spot_windows` is our reading: the paper searches clips of which onset and offset
are known (`mezoo.motion.apex_spotting` does). Its curve is the contrasted feature difference
(`mezoo.models.frame_difference`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.models.frame_difference import difference
from mezoo.models.peak_picking import around, height, peaks_of
from mezoo.models.proposals import Proposals, suppress_overlaps

#: Windows overlap by half, so neighbours find the same apex; of two intervals that share more only the better stays.
MAX_IOU = 0.5


def divide_and_conquer(curve: NDArray[np.floating]) -> int:
    """Position of the apex by repeated halving.

    Parameters
    ----------
    curve : ndarray, float, shape (T,), T >= 1

    Returns
    -------
    int
        The last peak left; the half with the larger sum of peaks is kept, the first on ties. Without any
        peak inside (a curve that only rises or falls), the largest value.
    """
    peaks = peaks_of(curve)
    if not len(peaks):
        return int(np.argmax(curve))
    first, last = 0, len(curve)
    while len(peaks) > 1:
        middle = (first + last) // 2
        left, right = peaks[peaks < middle], peaks[peaks >= middle]
        if curve[left].sum() >= curve[right].sum():
            peaks, last = left, middle
        else:
            peaks, first = right, middle
    return int(peaks[0])


def spot_windows(mdmo: NDArray[np.floating], *, k: int, p: float) -> Proposals:
    """Spot the expressions of one type in one video: divide and conquer in overlapping windows.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    k : int
        Half the mean expression length. A window has 4k rows, so that some window holds an average
        expression whole, wherever it lies; the next window starts 2k rows later.
    p : float, in [0, 1]
        Height of the threshold between mean (0) and maximum (1) of the feature difference.

    Returns
    -------
    Proposals
        Best first: interval [apex - k, apex + k] around the apex of each window, clipped to the video, whose
        feature difference, which is also its score, reaches the threshold.

    Raises
    ------
    ValueError
        When k or p is out of range.
    """
    if k < 1:
        raise ValueError(f"k is {k}, expected at least 1")
    moved = difference(mdmo, k=k)
    if not len(moved):
        return around(moved, np.zeros(0, np.int64), k=k)
    starts = range(0, max(1, len(moved) - 2 * k), 2 * k)
    apexes = np.unique([start + divide_and_conquer(moved[start : start + 4 * k]) for start in starts])
    peaks = peaks_of(moved, height=height(moved, p))
    found = around(moved, np.intersect1d(apexes, peaks), k=k)  # the edge of a window is no apex
    return suppress_overlaps(found, max_iou=MAX_IOU, top_k=len(found))
