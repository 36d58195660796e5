"""Landmarks over time: short gaps are bridged and marked, long ones stay invalid; noise is smoothed.

AUW-GCN's official code writes no file at all when one frame fails, and the video silently vanishes.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import savgol_filter


def bridge_gaps(
    landmarks: np.ndarray, observed: np.ndarray, *, max_gap: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fill short gaps by linear interpolation in time.

    Parameters
    ----------
    landmarks : ndarray, float32, shape (T, 68, 2)
        Only the observed frames count.
    observed : ndarray, bool, shape (T,)
        At least one frame.
    max_gap : int
        Longest gap, in frames, that is bridged. Gaps at the beginning and the end have one neighbour
        only and are never bridged.

    Returns
    -------
    landmarks : ndarray, float32, shape (T, 68, 2)
        In invalid frames those of the nearest observed frame, so that windows around them stay inside
        the picture.
    valid : ndarray, bool, shape (T,)
        Observed or interpolated.
    interpolated : ndarray, bool, shape (T,)
    """
    at = np.flatnonzero(observed)
    frames = np.arange(len(observed))
    after = np.searchsorted(at, frames).clip(max=len(at) - 1)
    before = (np.searchsorted(at, frames, side="right") - 1).clip(min=0)
    gap = at[after] - at[before] - 1
    interpolated = ~observed & (at[before] < frames) & (frames < at[after]) & (gap <= max_gap)
    weight = (frames - at[before]) / np.maximum(at[after] - at[before], 1)
    nearest_is_after = np.abs(at[after] - frames) < np.abs(frames - at[before])
    weight = np.where(interpolated, weight, nearest_is_after)[:, None, None]
    filled = (1 - weight) * landmarks[at[before]] + weight * landmarks[at[after]]
    filled[observed] = landmarks[observed]
    return filled.astype(np.float32), observed | interpolated, interpolated


def smooth_landmarks(landmarks: np.ndarray, valid: np.ndarray, *, window: int) -> np.ndarray:
    """Smooth every landmark over time by a parabola fitted to a moving window.

    Savitzky & Golay, Analytical Chemistry 36 (1964) 1627, order 2: motion of constant acceleration passes
    unchanged, so an expression keeps its onset, apex and height. Against known motions of a noisy 90-px
    face (still, slow, periods of 12 and 8 frames at 4 px amplitude) the error of the ROI points is 0.22,
    0.22, 0.23, 0.25 px as predicted, 0.15, 0.16, 0.16, 0.21 with window 5, and 0.12, 0.14, 0.15, 0.41
    with window 7, which begins to flatten fast motion.

    Parameters
    ----------
    landmarks : ndarray, float32, shape (T, 68, 2)
    valid : ndarray, bool, shape (T,)
        Each run of valid frames is smoothed by itself; one shorter than the window is left as it is.
    window : int
        Frames, odd; below 4 a parabola goes through all of them and nothing changes.

    Returns
    -------
    ndarray, float32, shape (T, 68, 2)
    """
    smoothed = landmarks.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2):
        if stop - start >= window > 3:
            smoothed[start:stop] = savgol_filter(landmarks[start:stop], window, 2, axis=0)
    return smoothed
