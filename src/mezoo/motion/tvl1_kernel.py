"""Inner iterations of TV-L1 optical flow: thresholding and Chambolle's dual ascent, fused.

Zach, Pock, Bischof, "A duality based approach for realtime TV-L1 optical flow", DAGM 2007, in the form of
Sanchez Perez, Meinhardt-Llopis, Facciolo, IPOL 3 (2013) 137-150 (doi 10.5201/ipol.2013.26), section 3.

Every plane is stored as one flat row-major array with a border, so that a step over many rows is one long
loop without branches, which the compiler turns into vector instructions:

- one row above and one below the image, and at least one column to the right (`row_stride` > width);
- the right border column repeats the last column of the flow and the row below repeats its last row: the
  forward differences vanish there (Neumann border);
- the dual variables are 0 in all border cells (`dual_step` is 0 there), so that the backward differences of
  the first row and column use the dual variable itself. The right border of one row is the left border of
  the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float32, njit

#: Compiler options. The compiled code is kept on disk, and the interpreter lock is released.
JIT: dict[str, Any] = {"cache": True, "fastmath": True, "error_model": "numpy", "nogil": True}
#: Options of pieces. Inlined by force: a piece that is called is optimised differently in the process that
#: compiles than in one that loads the code from disk, and the last bits of the flow would then differ.
INLINE: dict[str, Any] = JIT | {"forceinline": True}
#: Rows per block: the dual step follows the primal step one block later, while its planes are in the cache.
BAND = 16
_ONE = np.float32(1)


@njit(**INLINE)
def _primal(
    grad_x, grad_y, inverse, rho, u1, u2, p11, p11_left, p12, p12_up, p21, p21_left, p22, p22_up, bound
):
    """Threshold step and divergence step on a run of cells; returns the sum of the squared changes of u.

    The step length of IPOL eq. (13) is written as a clamp, which holds for all three of its cases, and the
    dual variables carry the factor theta, so that u = v + div p.
    """
    change = float32(0)
    for k in range(rho.size):
        gx, gy, a, b = grad_x[k], grad_y[k], u1[k], u2[k]
        length = min(max(-(rho[k] + gx * a + gy * b) * inverse[k], -bound), bound)
        da = length * gx + (p11[k] - p11_left[k] + p12[k] - p12_up[k])
        db = length * gy + (p21[k] - p21_left[k] + p22[k] - p22_up[k])
        change += da * da + db * db
        u1[k] = a + da
        u2[k] = b + db
    return change


@njit(**INLINE)
def _dual(u1, u1_right, u1_down, u2, u2_right, u2_down, p11, p12, p21, p22, dual_step, ratio):
    """Semi-implicit dual step on a run of cells: p <- (p + tau grad u) / (1 + tau/theta |grad u|)."""
    for k in range(u1.size):
        a, b, step = u1[k], u2[k], dual_step[k]
        ax, ay, bx, by = u1_right[k] - a, u1_down[k] - a, u2_right[k] - b, u2_down[k] - b
        divisor_a = _ONE + ratio * np.sqrt(ax * ax + ay * ay)
        divisor_b = _ONE + ratio * np.sqrt(bx * bx + by * by)
        factor_a, factor_b = _ONE / divisor_a, _ONE / divisor_b
        p11[k] = (p11[k] + step * ax) * factor_a
        p12[k] = (p12[k] + step * ay) * factor_a
        p21[k] = (p21[k] + step * bx) * factor_b
        p22[k] = (p22[k] + step * by) * factor_b


@njit(**INLINE)
def iterate(
    u1, u2, grad_x, grad_y, inverse, rho, p11, p12, p21, p22, dual_step, shape, bound, ratio, stop, least, n
):
    """Run at most `n` iterations in place; return how many ran and whether the last one met the stop test.

    Parameters
    ----------
    u1, u2 : ndarray, float32, flat plane
        Flow in px, x and y component.
    grad_x, grad_y, inverse, rho : ndarray, float32, flat plane
        Gradient of the warped image, 1 / |gradient|^2, and the part of the residual that is fixed in a warp.
    p11, p12, p21, p22 : ndarray, float32, flat plane
        Dual variables times theta, of u1 in x and y and of u2 in x and y.
    dual_step : ndarray, float32, (BAND + 1) rows
        tau inside the image, 0 in border columns.
    shape : tuple of int
        (height, width, row_stride).
    bound : float32
        lambda * theta.
    ratio : float32
        tau / theta.
    stop : float32
        The loop ends when the sum of the squared changes of both components is not above this.
    least, n : int
        Bounds of the number of iterations.
    """
    height, width, stride = shape
    for done in range(n):
        change = float32(0)
        for top in range(0, height, BAND):
            bottom = min(top + BAND, height)
            i, j = (top + 1) * stride, (bottom + 1) * stride
            change += _primal(
                grad_x[i:j], grad_y[i:j], inverse[i:j], rho[i:j], u1[i:j], u2[i:j],
                p11[i:j], p11[i - 1 : j - 1], p12[i:j], p12[i - stride : j - stride],
                p21[i:j], p21[i - 1 : j - 1], p22[i:j], p22[i - stride : j - stride], bound,
            )  # fmt: skip
            for k in range(i + width, j + width, stride):
                u1[k], u2[k] = u1[k - 1], u2[k - 1]
            # The dual step of a row needs the new flow of the row below: it lags one row behind.
            if top > 0:
                i -= stride
            if bottom < height:
                j -= stride
            else:
                for k in range(j, j + stride):
                    u1[k], u2[k] = u1[k - stride], u2[k - stride]
            _dual(
                u1[i:j], u1[i + 1 : j + 1], u1[i + stride : j + stride],
                u2[i:j], u2[i + 1 : j + 1], u2[i + stride : j + stride],
                p11[i:j], p12[i:j], p21[i:j], p22[i:j], dual_step[: j - i], ratio,
            )  # fmt: skip
        if change <= stop and done + 1 >= least:
            return done + 1, True
    return n, False
