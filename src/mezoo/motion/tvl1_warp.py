"""Bicubic warp of the moving image and its gradient, and the linearised residual of TV-L1.

The kernel is the cubic convolution of Keys (1981) with A = -0.75, as in OpenCV's `remap`, at exact
coordinates (OpenCV 4 rounds them to 1/32 px).

Every pixel looks at its own 4 x 4 neighbours, so wide loops over pixels would have to gather. Instead the
image and its two gradients are stored interleaved, four numbers per pixel (the fourth is unused), and one
vector instruction works on all of them: the weights are the same for the three.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import float32, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from mezoo.motion.tvl1_kernel import INLINE

#: Border around the moving image and its gradient, so that no tap needs a test.
MARGIN = 8
#: Numbers stored per pixel: grey level, gradient in x, gradient in y, nothing.
CHANNELS = 4
#: Neighbours in a row, and rows of neighbours, of the cubic kernel.
TAPS = 4
_REACH = float32(3)  # beyond this many px outside, a coordinate sees border values only
_TINY = np.float32(1e-9)  # a gradient of zero then gives a step of zero
_A = -0.75
#: Cubic, square, linear and constant terms of the weights of the neighbours at -1, 0, 1 and 2 (Keys 1981).
KEYS = (
    (_A, _A + 2, -_A - 2, -_A),
    (-2 * _A, -_A - 3, 2 * _A + 3, _A),
    (_A, 0.0, -_A, 0.0),
    (0.0, 1.0, 0.0, 0.0),
)


@njit(**INLINE)
def interleave(image, planes, height, width, repeat):
    """Write an image and its central differences, one-sided (halved) at the border, as `CHANNELS` per pixel.

    Parameters
    ----------
    image : ndarray, float32, flat of (H, W)
        I1.
    planes : ndarray, float32, flat of (H + 2 MARGIN, W + 2 MARGIN, CHANNELS)
        Written; the gradients in its border must be 0 before and stay so.
    height, width : int
        H and W.
    repeat : bool
        The border of the image repeats the nearest pixel; otherwise it is 0.
    """
    columns = width + 2 * MARGIN
    half, share = np.float32(0.5), float32(repeat)
    for i in range(height):
        up, down = max(i - 1, 0) * width, min(i + 1, height - 1) * width
        row, above, below = image[i * width :], image[up:], image[down:]
        line = planes[(i + MARGIN) * columns * CHANNELS : (i + MARGIN + 1) * columns * CHANNELS]
        for j in range(MARGIN):
            line[CHANNELS * j] = row[0] * share
            line[CHANNELS * (MARGIN + width + j)] = row[width - 1] * share
        for j in range(width):
            place = CHANNELS * (j + MARGIN)
            line[place] = row[j]
            line[place + 1] = half * (row[min(j + 1, width - 1)] - row[max(j - 1, 0)])
            line[place + 2] = half * (below[j] - above[j])
    for j in range(0, columns * CHANNELS, CHANNELS):
        first = MARGIN * columns * CHANNELS + j
        last = first + (height - 1) * columns * CHANNELS
        for i in range(1, MARGIN + 1):
            planes[first - i * columns * CHANNELS] = planes[first] * share
            planes[last + i * columns * CHANNELS] = planes[last] * share


@intrinsic
def _blend(typing, planes, start, step, x_part, y_part, out, place):  # noqa: ARG001
    """Write sum_ij w_i(y_part) w_j(x_part) planes[start + i step + CHANNELS j] to out[place], all numbers at once.

    Two neighbours of a row, with all their numbers, are one vector, and so are their weights, which are cubic
    polynomials of the fractions 0 <= part < 1. Emitted by hand, because numba turns no straight-line code into
    vector instructions; the types are those of LLVM, which splits them for processors with shorter vectors.
    """
    signature = types.void(planes, start, step, x_part, y_part, out, place)
    return signature, _emit_blend


def _emit_blend(context, builder, signature, values):
    planes, start, step, x_part, y_part, out, place = values
    pixel, pair, fast = CHANNELS, 2 * CHANNELS, ("fast",)

    def at(kind, array, offset, length):
        data = cgutils.create_struct_proxy(signature.args[kind])(context, builder, array).data
        vector = ir.VectorType(ir.FloatType(), length)
        return builder.bitcast(builder.gep(data, [offset]), vector.as_pointer())

    def pick(vector, lanes):
        order = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)
        return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), order)

    def add(first, second):
        return second if first is None else builder.fadd(first, second, flags=fast)

    def weights(part, taps):
        """Weights of the neighbours named by `taps`, a lane each."""
        vector = ir.VectorType(ir.FloatType(), len(taps))
        single = builder.insert_element(ir.Constant(vector, ir.Undefined), part, ir.IntType(32)(0))
        f, value = pick(single, [0] * len(taps)), None
        for terms in KEYS:
            constant = ir.Constant(vector, [terms[tap] for tap in taps])
            value = add(value and builder.fmul(value, f, flags=fast), constant)
        return value

    y_weights, totals = weights(y_part, range(TAPS)), [None, None]
    for i in range(TAPS):
        weight = pick(y_weights, [i] * pair)
        for half in range(2):
            offset = builder.add(start, ir.Constant(start.type, half * pair))
            row = builder.load(at(0, planes, offset, pair), align=4)
            totals[half] = add(totals[half], builder.fmul(weight, row, flags=fast))
        start = builder.add(start, step)
    total = None
    for half in range(2):
        x_weights = weights(x_part, [2 * half] * pixel + [2 * half + 1] * pixel)
        total = add(total, builder.fmul(totals[half], x_weights, flags=fast))
    total = builder.fadd(pick(total, list(range(pixel))), pick(total, list(range(pixel, pair))), flags=fast)
    builder.store(total, at(5, out, place, pixel), align=4)
    return context.get_dummy_value()


@njit(**INLINE)
def _places(row, height, width, u1, u2, starts, x_parts, y_parts):
    """Where the neighbours of each pixel of a row begin in the flat planes, and the fractions beyond."""
    columns = np.int32(width + 2 * MARGIN)
    top, bottom = float32(-row) - _REACH, float32(height - 1 - row) + _REACH
    corner = np.int32((row + MARGIN - 1) * columns + MARGIN - 1)
    for k in range(u1.size):
        left = float32(-np.int32(k)) - _REACH
        x = min(max(u1[k], left), left + float32(width - 1) + _REACH + _REACH)
        y = min(max(u2[k], top), bottom)
        x_low, y_low = np.floor(x), np.floor(y)
        starts[k] = CHANNELS * (corner + np.int32(k) + np.int32(y_low) * columns + np.int32(x_low))
        x_parts[k], y_parts[k] = x - x_low, y - y_low


@njit(**INLINE)
def linearise(reference, planes, u1, u2, grad_x, grad_y, inverse, rho, shape, starts, parts, warped):
    """Warp the moving image by the flow and write what stays fixed during the iterations of this warp.

    rho = I1(x + u) - grad I1(x + u) . u - I0, and inverse = 1 / |grad I1(x + u)|^2 (IPOL eq. 12 and 13).

    Parameters
    ----------
    reference : ndarray, float32, flat of (H, W)
        I0.
    planes : ndarray, float32, flat of (H + 2 MARGIN, W + 2 MARGIN, CHANNELS)
        I1 and its gradient (`interleave`).
    u1, u2, grad_x, grad_y, inverse, rho : ndarray, float32, flat plane
        Layout of `tvl1_kernel`; flow in, the others out.
    shape : tuple of int
        (height, width, row_stride).
    starts : ndarray, int32, shape (W,)
        Scratch.
    parts : ndarray, float32, shape (2, W)
        Scratch.
    warped : ndarray, float32, shape (4 W,)
        Scratch.
    """
    height, width, stride = shape
    step = CHANNELS * (width + 2 * MARGIN)
    for i in range(height):
        first = (i + 1) * stride
        a, b = u1[first : first + width], u2[first : first + width]
        _places(i, height, width, a, b, starts, parts[0], parts[1])
        for k in range(width):
            _blend(  # type: ignore[call-arg]  # the typing context is given by numba
                planes, np.int64(starts[k]), step, parts[0, k], parts[1, k], warped, CHANNELS * k
            )
        known = reference[i * width : (i + 1) * width]
        gx, gy = grad_x[first : first + width], grad_y[first : first + width]
        inv, residual = inverse[first : first + width], rho[first : first + width]
        for k in range(width):
            value, x, y = warped[CHANNELS * k], warped[CHANNELS * k + 1], warped[CHANNELS * k + 2]
            gx[k] = x
            gy[k] = y
            inv[k] = float32(1) / (x * x + y * y + _TINY)
            residual[k] = value - x * a[k] - y * b[k] - known[k]
