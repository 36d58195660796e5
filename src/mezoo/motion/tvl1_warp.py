"""Bicubic warp of the moving image and its gradient, and the linearised residual of TV-L1.

The kernel is the cubic convolution of Keys (1981) with A = -0.75, as in OpenCV's `remap`, at exact
coordinates (OpenCV 4 rounds them to 1/32 px).
"""

from __future__ import annotations

import numpy as np
from numba import float32, njit

from mezoo.motion.tvl1_kernel import INLINE, JIT

#: Border around the moving image and its gradient, so that no tap needs a test.
MARGIN = 8
#: Columns that are examined, and if possible warped, together.
_BLOCK = 16
_REACH = float32(3)  # beyond this many px outside, a coordinate sees border values only
_TINY = np.float32(1e-9)  # a gradient of zero then gives a step of zero
_A = np.float32(-0.75)
_ONE = np.float32(1)


@njit(**JIT)
def gradient(image, grad_x, grad_y, repeat):
    """Central differences of a padded image into padded planes, one-sided (halved) at the image border.

    Parameters
    ----------
    image : ndarray, float32, shape (H + 2 MARGIN, W + 2 MARGIN)
        Only the inside must be set; the border is filled here.
    grad_x, grad_y : ndarray, float32, same shape
        Written; 0 in the border, which must be 0 before.
    repeat : bool
        The border of the image repeats the nearest pixel; otherwise it is 0.
    """
    first, last_row, last_column = MARGIN, image.shape[0] - MARGIN - 1, image.shape[1] - MARGIN - 1
    half, share = np.float32(0.5), float32(repeat)
    for i in range(first, last_row + 1):
        up, down = max(i - 1, first), min(i + 1, last_row)
        for j in range(first, last_column + 1):
            left, right = max(j - 1, first), min(j + 1, last_column)
            grad_x[i, j] = half * (image[i, right] - image[i, left])
            grad_y[i, j] = half * (image[down, j] - image[up, j])
        image[i, :first] = image[i, first] * share
        image[i, last_column + 1 :] = image[i, last_column] * share
    for i in range(MARGIN):
        image[i] = image[first] * share
        image[last_row + 1 + i] = image[last_row] * share


@njit(**INLINE)
def _cubic(f):
    """Weights of the neighbours at -1, 0, 1 and 2 for the fraction 0 <= f < 1 (Keys' cubic convolution)."""
    d, g = f + _ONE, _ONE - f
    a = ((_A * d - 5 * _A) * d + 8 * _A) * d - 4 * _A
    b = ((_A + 2) * f - (_A + 3)) * f * f + _ONE
    c = ((_A + 2) * g - (_A + 3)) * g * g + _ONE
    return a, b, c, _ONE - a - b - c


@njit(**INLINE)
def _weights(shift, low, taps):
    """Weights of five neighbours for displacements within [low, low + 2): four and a zero.

    Neighbours are at low - 1 ... low + 3. The zero is the last where floor(shift) = low, else the first.
    """
    n = shift.size
    w0, w1, w2, w3, w4 = taps[0, :n], taps[1, :n], taps[2, :n], taps[3, :n], taps[4, :n]
    zero = float32(0)
    for k in range(n):
        f = shift[k] - low
        late = f >= _ONE
        f = f - _ONE if late else f
        a, b, c, d = _cubic(f)
        w0[k] = zero if late else a
        w1[k] = a if late else b
        w2[k] = b if late else c
        w3[k] = c if late else d
        w4[k] = d if late else zero


@njit(**INLINE)
def _blend(r0, r1, r2, r3, r4, x_taps, y_taps, out):
    """Weighted sum of 5 x 5 neighbours for a run of pixels; row r_i starts at the first neighbour."""
    x0, x1, x2, x3, x4 = x_taps[0], x_taps[1], x_taps[2], x_taps[3], x_taps[4]
    y0, y1, y2, y3, y4 = y_taps[0], y_taps[1], y_taps[2], y_taps[3], y_taps[4]
    for k in range(out.size):
        a, b, c, d, e = x0[k], x1[k], x2[k], x3[k], x4[k]
        out[k] = (
            y0[k] * (a * r0[k] + b * r0[k + 1] + c * r0[k + 2] + d * r0[k + 3] + e * r0[k + 4])
            + y1[k] * (a * r1[k] + b * r1[k + 1] + c * r1[k + 2] + d * r1[k + 3] + e * r1[k + 4])
            + y2[k] * (a * r2[k] + b * r2[k + 1] + c * r2[k + 2] + d * r2[k + 3] + e * r2[k + 4])
            + y3[k] * (a * r3[k] + b * r3[k + 1] + c * r3[k + 2] + d * r3[k + 3] + e * r3[k + 4])
            + y4[k] * (a * r4[k] + b * r4[k + 1] + c * r4[k + 2] + d * r4[k + 3] + e * r4[k + 4])
        )


@njit(**INLINE)
def _warp_run(padded, row, start, stop, x_shift, y_shift, low_x, low_y, taps, warped):
    """Warp pixels [start, stop) of a row whose displacements lie in [low, low + 2) in x and in y."""
    _weights(x_shift[start:stop], float32(low_x), taps[0])
    _weights(y_shift[start:stop], float32(low_y), taps[1])
    top, left = row + low_y + MARGIN - 1, start + low_x + MARGIN - 1
    right = left + stop - start + 4
    for p in range(3):
        # One index, then one slice: numba then knows that neighbours in x lie side by side.
        _blend(
            padded[p, top, left:right], padded[p, top + 1, left:right], padded[p, top + 2, left:right],
            padded[p, top + 3, left:right], padded[p, top + 4, left:right],
            taps[0], taps[1], warped[p, start:stop],
        )  # fmt: skip


@njit(**INLINE)
def _warp_pixel(padded, row, column, shift_x, shift_y, warped):
    """Warp one pixel with 4 x 4 neighbours."""
    low_x, low_y = np.floor(shift_x), np.floor(shift_y)
    a, b, c, d = _cubic(shift_x - low_x)
    y_weights = _cubic(shift_y - low_y)
    top, left = row + int(low_y) + MARGIN - 1, column + int(low_x) + MARGIN - 1
    for p in range(3):
        value = float32(0)
        for i in range(4):
            line = padded[p, top + i, left : left + 4]
            value += y_weights[i] * (a * line[0] + b * line[1] + c * line[2] + d * line[3])
        warped[p, column] = value


@njit(**INLINE)
def _warp_row(padded, row, x_shift, y_shift, taps, warped):
    """Warp one row in runs of nearly equal displacement; blocks of steep displacement go pixel by pixel."""
    width = x_shift.size
    start = 0
    low_x = high_x = x_shift[0]
    low_y = high_y = y_shift[0]
    for left in range(0, width, _BLOCK):
        right = min(left + _BLOCK, width)
        lx = hx = x_shift[left]
        ly = hy = y_shift[left]
        for k in range(left + 1, right):
            lx, hx = min(lx, x_shift[k]), max(hx, x_shift[k])
            ly, hy = min(ly, y_shift[k]), max(hy, y_shift[k])
        x0, y0 = np.floor(min(low_x, lx)), np.floor(min(low_y, ly))
        if max(high_x, hx) < x0 + 2 and max(high_y, hy) < y0 + 2:
            low_x, high_x, low_y, high_y = min(low_x, lx), max(high_x, hx), min(low_y, ly), max(high_y, hy)
            continue
        if left > start:
            x0, y0 = np.floor(low_x), np.floor(low_y)
            _warp_run(padded, row, start, left, x_shift, y_shift, int(x0), int(y0), taps, warped)
            start = left
        if hx < np.floor(lx) + 2 and hy < np.floor(ly) + 2:
            low_x, high_x, low_y, high_y = lx, hx, ly, hy
            continue
        for k in range(left, right):
            _warp_pixel(padded, row, k, x_shift[k], y_shift[k], warped)
        start = right
        if right < width:
            low_x = high_x = x_shift[right]
            low_y = high_y = y_shift[right]
    if start < width:
        x0, y0 = np.floor(low_x), np.floor(low_y)
        _warp_run(padded, row, start, width, x_shift, y_shift, int(x0), int(y0), taps, warped)


@njit(**JIT)
def linearise(reference, padded, u1, u2, grad_x, grad_y, inverse, rho, shape, taps, scratch):
    """Warp the moving image by the flow and write what stays fixed during the iterations of this warp.

    rho = I1(x + u) - grad I1(x + u) . u - I0, and inverse = 1 / |grad I1(x + u)|^2 (IPOL eq. 12 and 13).

    Parameters
    ----------
    reference : ndarray, float32, shape (H, W)
        I0.
    padded : ndarray, float32, shape (3, H + 2 MARGIN, W + 2 MARGIN)
        I1 and its gradient in x and y, bordered (`gradient`).
    u1, u2, grad_x, grad_y, inverse, rho : ndarray, float32, flat plane
        Layout of `tvl1_kernel`; flow in, the others out.
    shape : tuple of int
        (height, width, row_stride).
    taps : ndarray, float32, shape (2, 5, W)
        Scratch.
    scratch : ndarray, float32, shape (5, W)
        Scratch.
    """
    height, width, stride = shape
    x_shift, y_shift, warped = scratch[0], scratch[1], scratch[2:]
    value, slope_x, slope_y = warped[0], warped[1], warped[2]
    for i in range(height):
        first = (i + 1) * stride
        a, b = u1[first : first + width], u2[first : first + width]
        top, bottom = float32(-i) - _REACH, float32(height - 1 - i) + _REACH
        for k in range(width):
            left = float32(-k) - _REACH
            x_shift[k] = min(max(a[k], left), left + float32(width - 1) + _REACH + _REACH)
            y_shift[k] = min(max(b[k], top), bottom)
        _warp_row(padded, i, x_shift, y_shift, taps, warped)
        known = reference[i]
        gx, gy = grad_x[first : first + width], grad_y[first : first + width]
        inv, residual = inverse[first : first + width], rho[first : first + width]
        for k in range(width):
            x, y = slope_x[k], slope_y[k]
            gx[k] = x
            gy[k] = y
            inv[k] = float32(1) / (x * x + y * y + _TINY)
            residual[k] = value[k] - x * a[k] - y * b[k] - known[k]
