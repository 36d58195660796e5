"""More rows with an expression for SOFTNet: each mirrored, blurred and noisy.

Liong, See, Wong, ICIP 2021, and their code: micro-expressions are rare, so each of their images is seen four
times. It changes images of flow before their levels are spread, so here levels become px, and levels again; the code
cuts noisy values at 1 px, which is not done here.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_BLUR, _NOISE_PX = 7, 0.1  # kernel in px of the image; variance 0.01 in the code


def augmented(
    images: NDArray[np.uint8], spans: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Make three further versions of each image.

    Parameters
    ----------
    images : ndarray, uint8, shape (n, S, S, 3)
    spans : ndarray, float32, shape (n, 3, 2)
        Values of the levels 0 and 255.
    rng : Generator

    Returns
    -------
    ndarray, uint8, shape (3n, S, S, 3)
        All mirrored, then all blurred, then all noisy; of each channel the least value is 0, the largest 255.
    """
    low, width = spans[:, None, None, :, 0], (spans[..., 1] - spans[..., 0])[:, None, None]
    values = low + images / np.float32(255) * width
    blurred = [cv2.GaussianBlur(image, (_BLUR, _BLUR), 0) for image in values]
    noisy = values + rng.normal(0, _NOISE_PX, values.shape).astype(np.float32)
    parts = [values[:, :, ::-1], np.stack(blurred) if len(images) else values, noisy]
    return _levels(np.concatenate(parts))


def _levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low = values.min(axis=(1, 2), keepdims=True)
    width = values.max(axis=(1, 2), keepdims=True) - low
    shares = np.divide(values - low, width, out=np.zeros_like(values), where=width > 0)
    return np.rint(255 * shares).astype(np.uint8)
