"""Temporal interpolation model (TIM): a smooth curve through all frames of a clip, read at new times.

Zhou, Zhao, Pietikäinen, "Towards a practical lipreading system", CVPR 2011; first used for micro-expressions
by Pfister, Li, Zhao, Pietikäinen, ICCV 2011. The paper embeds the frames in the eigenvectors of the Laplacian
of a path graph, maps them to the image space by least squares and evaluates the curves in between. Those
eigenvectors are the cosines of the type-II DCT, so the whole model is a cosine interpolation of each pixel;
the closed form needs no singular value decomposition and no linearly independent frames.

Deviation from the authors' code: none in the numbers (checked to 4e-13); frames are rounded to grey levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.interpolate.clips import blend


def tim_weights(positions: NDArray[np.float64], n_frames: int) -> NDArray[np.float64]:
    """Weights of the frames of a clip at `positions`.

    The value at position p (from 0) of a series x_0 ... x_{N-1} is its mean plus
    sum_{k=1}^{N-1} A_k cos(pi k (p + 1/2) / N) with A_k = 2/N sum_i x_i cos(pi k (i + 1/2) / N).

    Parameters
    ----------
    positions : ndarray, float64, shape (L,)
        In frames, from 0 to n_frames - 1.
    n_frames : int
        N.

    Returns
    -------
    ndarray, float64, shape (L, n_frames)
        Rows sum to 1; a weight may be negative, so a value may leave the range of the frames.
    """
    harmonics = np.pi * np.arange(1, n_frames) / n_frames
    at_frames = np.cos(harmonics * (np.arange(n_frames)[:, None] + 0.5))  # (N, N - 1)
    at_positions = np.cos(harmonics * (positions[:, None] + 0.5))  # (L, N - 1)
    return (1 + 2 * at_positions @ at_frames.T) / n_frames


def render_tim(frames: NDArray[np.uint8], positions: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Frames at `positions`: uint8 (T, ...) -> (L, ...); the frames of the clip come back unchanged."""
    return blend(tim_weights(positions, len(frames)), frames)
