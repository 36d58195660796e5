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
    step : tuple of float32
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
    half = float32(0.5)
    for k in range(t_width):
        x = min(max((float32(np.int32(k)) + half) * step[0] - half, float32(0)), float32(width - 1))
        places[k] = np.int32(x)
        parts[k] = x - float32(places[k])
    for i in range(t_rows):
        y = min(max((float32(i) + half) * step[1] - half, float32(0)), float32(rows - 1))
        low = int(y)
        part = (y - float32(low)) * factor
        first, second = low * stride, min(low + 1, rows - 1) * stride
        above, below = source[first : first + width], source[second : second + width]
        for k in range(width):
            line[k] = above[k] * (factor - part) + below[k] * part
        line[width] = line[width - 1]
        out = target[i * t_stride : i * t_stride + t_width]
        for k in range(t_width):
            left = line[places[k]]
            out[k] = left + parts[k] * (line[places[k] + 1] - left)
