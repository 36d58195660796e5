"""Search for apex frames in a matrix of features, a row per frame, with a sliding window. Our reading of it.

Zhang, Chen, Meng, Liu, Fu, "SMEConvNet", IEEE Access 6 (2018) 71143-71151, of which the abstract tells: a window as
long as an expression slides over the features of a long video and the apex stands out. Read here as: how far a row
is from the mean of the rows half an expression before and after it, summed over the window; the largest is the
apex. The paper looks for one apex in a video; here every peak above the threshold is one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.models.peak_picking import moving_mean, pick_peaks
from mezoo.models.proposals import Proposals, suppress_overlaps


def contrast_curve(features: NDArray[np.floating], *, k: int) -> NDArray[np.float64]:
    """Distance of each row to the mean of the rows k before and k after, averaged over the window.

    Parameters
    ----------
    features : ndarray, shape (T, D)
    k : int
        Half the length of an expression; the window has 2k rows.

    Returns
    -------
    ndarray, float64, shape (T,)
        At least 0; at the ends of the video the first or last row stands for those that are missing.
    """
    padded = np.pad(features.astype(np.float64), ((k, k), (0, 0)), mode="edge")
    ends = (padded[: len(features)] + padded[2 * k :]) / 2
    return moving_mean(np.linalg.norm(features - ends, axis=1), window=2 * k)


def pick_apexes(curve: NDArray[np.floating], *, k: int, p: float) -> Proposals:
    """Find the apex frames of one type of expression in one video, and intervals around them.

    Parameters
    ----------
    curve : ndarray, shape (T,)
        Of `contrast_curve`.
    k : int
        Half the mean length of the expressions.
    p : float, in [0, 1]
        Height of the threshold between mean (0) and maximum (1).

    Returns
    -------
    Proposals
        As `mezoo.models.peak_picking.pick_peaks` makes them; of those whose windows meet only the highest.
    """
    found = pick_peaks(curve, k=k, p=p)
    return suppress_overlaps(found, max_iou=0, top_k=len(found))
