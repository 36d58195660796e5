"""Training-free spotting: peaks of the mean motion of all ROIs.

The baseline every learned spotter must beat. Post-processing as in SOFTNet (Liong et al., ICIP 2021):
smooth, threshold between mean and maximum, pick peaks, one interval around each. Differs from it in the
signal, which is the length of the MDMO vector instead of a network's score, and in the window, which is
centred on the frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mezoo.models.peak_picking import moving_mean, pick_peaks
from mezoo.models.proposals import Proposals


def half_mean_length(onset: ArrayLike, offset: ArrayLike) -> int:
    """Half the mean length of annotated intervals (both ends included), in whole frames, at least 1.

    Parameters
    ----------
    onset, offset : array_like, shape (n,)
        Of the training subjects.
    """
    return max(1, int((np.mean(np.asarray(offset) - np.asarray(onset)) + 1) / 2))


def motion(mdmo: NDArray[np.floating], *, window: int) -> NDArray[np.float64]:
    """Mean length of the MDMO vectors of a frame, averaged over a window of frames.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    window : int
        Frames averaged, centred on the frame (an even window holds one more frame before than after it); at
        the ends of the video only the frames that exist.

    Returns
    -------
    ndarray, float64, shape (T,)
        Pixels per frame pair.
    """
    raw = np.linalg.norm(mdmo.astype(np.float64), axis=-1).mean(axis=-1)
    return moving_mean(raw, window=window)


def spot_peaks(mdmo: NDArray[np.floating], *, k: int, p: float) -> Proposals:
    """Spot the expressions of one type in one video.

    Parameters
    ----------
    mdmo : ndarray, shape (T, 12, 2)
        Raw features in pixels per frame pair.
    k : int
        Half the mean expression length: smoothing window, least distance of peaks, and reach of an interval.
    p : float, in [0, 1]
        Height of the threshold between mean (0) and maximum (1) of the smoothed motion.

    Returns
    -------
    Proposals
        As `mezoo.models.peak_picking.pick_peaks` makes them of the smoothed motion.

    Raises
    ------
    ValueError
        When k or p is out of range.
    """
    signal = motion(mdmo, window=max(k, 1)) if len(mdmo) else np.zeros(0)
    return pick_peaks(signal, k=k, p=p)
