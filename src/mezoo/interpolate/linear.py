"""Linear blending: a new frame is the weighted mean of its two neighbours. What anything else has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.interpolate.clips import blend


def linear_weights(positions: NDArray[np.float64], n_frames: int) -> NDArray[np.float64]:
    """Weights of the frames of a clip at `positions`.

    Parameters
    ----------
    positions : ndarray, float64, shape (L,)
        In frames, from 0 to n_frames - 1.
    n_frames : int

    Returns
    -------
    ndarray, float64, shape (L, n_frames)
        Rows sum to 1.
    """
    nodes = np.arange(n_frames)
    return np.maximum(0.0, 1 - np.abs(positions[:, None] - nodes))


def render_linear(frames: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Frames at `positions`: uint8 (T, ...) -> (L, ...)."""
    return blend(linear_weights(positions, len(frames)), frames)
