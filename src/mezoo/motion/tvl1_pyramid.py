"""Bilinear resizing for the pyramid of TV-L1, sampled as OpenCV's `resize` does (pixel centres, clamped ends)."""

from __future__ import annotations

import numpy as np
from numba import float32, njit

from mezoo.motion.tvl1_kernel import INLINE


@njit(**INLINE)
def resize(source, width, stride, rows, step, factor, target, t_width, t_stride, t_rows, places, parts, line):
    """Resize a plane and multiply it by a factor.

    Parameters
    ----------
    source, target : ndarray, float32, flat
        Rows of `width` numbers, `stride` apart; `target` is written (`t_width`, `t_stride`, `t_rows`).
    rows, t_rows : int
        Rows of each.
    step : tuple of float
        Source pixels per target pixel, along x and along y.
    factor : float32
        Of all values.
    places : ndarray, int32, shape (>= t_width,)
        Scratch.
    parts : ndarray, float32, shape (>= t_width,)
        Scratch.
    line : ndarray, float32, shape (>= width + 1,)
        Scratch.
    """
    for k in range(t_width):
        x = min(max((k + 0.5) * step[0] - 0.5, 0.0), width - 1.0)
        places[k] = np.int32(x)
        parts[k] = float32(x - places[k])
    for i in range(t_rows):
        y = min(max((i + 0.5) * step[1] - 0.5, 0.0), rows - 1.0)
        low = int(y)
        part = float32(y - low) * factor
        first, second = low * stride, min(low + 1, rows - 1) * stride
        above, below = source[first : first + width], source[second : second + width]
        for k in range(width):
            line[k] = above[k] * (factor - part) + below[k] * part
        line[width] = line[width - 1]
        out = target[i * t_stride : i * t_stride + t_width]
        for k in range(t_width):
            left = line[places[k]]
            out[k] = left + parts[k] * (line[places[k] + 1] - left)
