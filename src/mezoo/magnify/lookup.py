"""Backward warp: look a frame up between its pixels by cubic convolution at exact coordinates.

Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29 (1981), a = -0.5, the only
one that leaves a ramp a ramp. OpenCV's `remap` takes a = -0.75, which moves a surface that shall go 0.1 px by 0.14 px,
and rounds coordinates to 1/32 px: too coarse for motions of a fraction of a pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, njit

_JIT: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}


def look_up(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values of an image at real-valued places.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, C)
        Outside, the nearest border pixel counts.
    x, y : ndarray, float, shape (h, w)
        Column and row in px.

    Returns
    -------
    ndarray, float32, shape (h, w) or (h, w, C)
        At whole pixels exactly the image.
    """
    planes = np.ascontiguousarray(image, np.float32).reshape(*image.shape[:2], -1)
    values = _look_up(planes, x.astype(np.float32), y.astype(np.float32))
    return values.reshape(*x.shape, *image.shape[2:])


@njit(**_JIT)
def _taps(f):
    one, half = float32(1), float32(0.5)
    a = -half * f * (one - f) * (one - f)
    d = -half * f * f * (one - f)
    b = (float32(1.5) * f - float32(2.5)) * f * f + one
    return a, b, one - a - b - d, d


@njit(**_JIT)
def _look_up(image, x, y):
    height, width, n = image.shape
    out = np.empty((x.shape[0], x.shape[1], n), np.float32)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            at_x = min(max(x[i, j], float32(0)), float32(width - 1))
            at_y = min(max(y[i, j], float32(0)), float32(height - 1))
            left, top = int(at_x), int(at_y)
            across, down = _taps(at_x - left), _taps(at_y - top)
            for k in range(n):
                value = float32(0)
                for r in range(4):
                    row = min(max(top + r - 1, 0), height - 1)
                    part = float32(0)
                    for c in range(4):
                        part += across[c] * image[row, min(max(left + c - 1, 0), width - 1), k]
                    value += down[r] * part
                out[i, j, k] = value
    return out
