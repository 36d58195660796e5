"""TV-L1 of one image pair as one compiled function: pyramid, warps, median filter and iterations.

The order of the steps is that of OpenCV's DualTVL1OpticalFlow. All memory is given: nothing is allocated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import float32, njit

from mezoo.motion.tvl1_kernel import BAND, INLINE, JIT, iterate
from mezoo.motion.tvl1_median import SCRATCH_ROWS, SIDES, median
from mezoo.motion.tvl1_pyramid import resize
from mezoo.motion.tvl1_warp import CHANNELS, MARGIN, interleave, linearise

#: Columns of the table that tells the size of a level and where its planes begin in the memory.
HEIGHT, WIDTH, STRIDE, STEP, REFERENCE, MOVING, PLANES, FLOW, FIXED, DUAL = range(10)
N_COLUMNS = 10
#: Planes of equal alignment would compete for the same cache lines: they are this many numbers apart, modulo a page.
_SHIFT = 16 * 13
_PAGE = 1024


@njit(**INLINE)
def spacing(height, stride):
    """Numbers from the start of a plane to that of the next."""
    return -(-((height + 2) * stride) // _PAGE) * _PAGE + _SHIFT


@dataclass(frozen=True)
class Planes:
    """Arguments of `tvl1_kernel.iterate` on one level; the arrays are flat, in the layout described there."""

    shape: tuple[int, int, int]
    flow: list[np.ndarray]
    fixed: list[np.ndarray]
    dual: list[np.ndarray]
    dual_step: np.ndarray

    def inside(self, plane: np.ndarray) -> np.ndarray:
        """View of the image part of a plane, shape (H, W)."""
        height, width, stride = self.shape
        return plane.reshape(height + 2, stride)[1:-1, :width]


class Workspace:
    """Memory of all levels of one image size.

    Parameters
    ----------
    sizes : list of tuple of int
        (height, width) of the levels, the finest first.
    tau : float
        Dual step.
    """

    def __init__(self, sizes: list[tuple[int, int]], tau: float) -> None:
        self.table = np.zeros((len(sizes), N_COLUMNS), np.int64)
        end = 0
        for row, (height, width) in zip(self.table, sizes, strict=True):
            stride = -(-(width + 1) // 16) * 16
            gap = spacing(height, stride)
            image = -(-height * width // 16) * 16
            padded = (height + 2 * MARGIN) * (width + 2 * MARGIN) * CHANNELS
            counts = ((BAND + 1) * stride, image, image, padded, 2 * gap, 4 * gap, 4 * gap)
            row[:STEP] = height, width, stride
            for column, count in enumerate(counts, start=STEP):
                row[column] = end
                end += -(-count // 16) * 16
        buffer = np.zeros(end + 16, np.float32)
        first = (-buffer.ctypes.data // buffer.itemsize) % 16
        self.memory = buffer[first:]
        for row in self.table:
            step = self.memory[row[STEP] :][: (BAND + 1) * row[STRIDE]].reshape(BAND + 1, -1)
            step[:, : row[WIDTH]] = tau
        height, width = sizes[0]
        self.shape = sizes[0]
        self.places = np.empty(width, np.int32)
        self.parts = np.empty((2, width), np.float32)
        self.line = np.empty(max(width * CHANNELS, width + 1), np.float32)
        self.rows = np.empty((SCRATCH_ROWS, width + SIDES), np.float32)

    def planes(self, level: int = 0) -> Planes:
        """Return views of one level."""
        row = self.table[level]
        height, width, stride = (int(n) for n in row[:STEP])
        cells, gap = (height + 2) * stride, spacing(height, stride)

        def views(column: int, n: int) -> list[np.ndarray]:
            return [self.memory[row[column] + k * gap :][:cells] for k in range(n)]

        step = self.memory[row[STEP] :][: (BAND + 1) * stride]
        return Planes((height, width, stride), views(FLOW, 2), views(FIXED, 4), views(DUAL, 4), step)

    def swap(self) -> None:
        """Let the moving image of the pair before be the reference of the next."""
        self.table[:, [REFERENCE, MOVING]] = self.table[:, [MOVING, REFERENCE]]

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """Arguments of `solve`: memory, table, and scratch."""
        return self.memory, self.table, self.places, self.parts, self.line, self.rows


@njit(**INLINE)
def _load(image, memory, start):
    """Copy an image of grey levels into the finest level."""
    height, width = image.shape
    for i in range(height):
        target = memory[start + i * width : start + (i + 1) * width]
        for k in range(width):
            target[k] = float32(image[i, k])


@njit(**INLINE)
def _shrink(memory, table, column, scale, places, parts, line):
    """Fill the coarser levels of one image from its finest one."""
    step = (1 / scale, 1 / scale)
    for n in range(1, len(table)):
        rows, width, t_rows, t_width = (
            table[n - 1, HEIGHT],
            table[n - 1, WIDTH],
            table[n, HEIGHT],
            table[n, WIDTH],
        )
        source, target = memory[table[n - 1, column] :], memory[table[n, column] :]
        resize(
            source,
            width,
            width,
            rows,
            step,
            float32(1),
            target,
            t_width,
            t_width,
            t_rows,
            places,
            parts[0],
            line,
        )


@njit(**INLINE)
def _carry(memory, table, source, target, factor, places, parts, line):
    """Resize the flow of one level to another, its vectors by `factor`."""
    rows, columns, s_stride = table[source, HEIGHT], table[source, WIDTH], table[source, STRIDE]
    height, width, stride = table[target, HEIGHT], table[target, WIDTH], table[target, STRIDE]
    for k in range(2):
        u = memory[table[source, FLOW] + k * spacing(rows, s_stride) + s_stride :]
        v = memory[table[target, FLOW] + k * spacing(height, stride) + stride :]
        resize(
            u, columns, s_stride, rows, (columns / width, rows / height), float32(factor),
            v, width, stride, height, places, parts[0], line,
        )  # fmt: skip


@njit(**INLINE)
def _begin(memory, table, n, top, held, scale, places, parts, line):
    """Start the flow of level `n`: from the next coarser one; on the first one, `top`, from 0 or the last answer."""
    if n == top and not held:
        start, gap = table[n, FLOW], spacing(table[n, HEIGHT], table[n, STRIDE])
        memory[start : start + 2 * gap] = float32(0)
    elif n < top or n > 0:  # a warm start on the finest level has its flow there
        source = 0 if n == top else n + 1
        _carry(memory, table, source, n, scale**n if n == top else 1 / scale, places, parts, line)


@njit(**INLINE)
def _lost(fixed, shape, u1, u2, limit):
    """Tell whether some block of 16 x 16 px still moves by more than `limit` px after the first warp.

    Least squares of Lucas and Kanade per block on the residual at the present flow; the sum on the diagonal keeps
    blocks without texture quiet.
    """
    grad_x, grad_y, rho = fixed[0], fixed[1], fixed[3]
    height, width, stride = shape
    block = 16
    for top in range(0, height - block + 1, block):
        for left in range(0, width - block + 1, block):
            xx = yy = float32(4 * block * block)
            xy = xr = yr = float32(0)
            for i in range(top, top + block):
                first = (i + 1) * stride + left
                for k in range(first, first + block):
                    x, y = grad_x[k], grad_y[k]
                    rest = rho[k] + x * u1[k] + y * u2[k]
                    xx += x * x
                    yy += y * y
                    xy += x * y
                    xr += x * rest
                    yr += y * rest
            scale = xx * yy - xy * xy
            dx, dy = yy * xr - xy * yr, xx * yr - xy * xr
            if dx * dx + dy * dy > limit * limit * scale * scale:
                return True
    return False


@njit(**INLINE)
def _jumped(memory, row, last, limit):
    """Tell whether the flow of some block of 16 x 16 px differs by more than `limit` px from the last answer."""
    height, width, stride, gap = row[HEIGHT], row[WIDTH], row[STRIDE], spacing(row[HEIGHT], row[STRIDE])
    u1, u2 = memory[row[FLOW] :], memory[row[FLOW] + gap :]
    block = 16
    for top in range(0, height - block + 1, block):
        for left in range(0, width - block + 1, block):
            dx = dy = float32(0)
            for i in range(top, top + block):
                first = (i + 1) * stride
                for k in range(left, left + block):
                    dx += u1[first + k] - last[i, k, 0]
                    dy += u2[first + k] - last[i, k, 1]
            if dx * dx + dy * dy > limit * limit * float32(block**4):
                return True
    return False


@njit(**INLINE)
def _solve_level(memory, row, how, starts, parts, line, rows, settings):
    """Warp and iterate on one level.

    `how`: warps, iterations of each at least, and the motion of a block from which False is returned (0: never).
    """
    n_warps, least, limit = how
    bound, ratio, epsilon, _, n_inner, n_outer, median_size, nearest = settings
    height, width, stride = row[HEIGHT], row[WIDTH], row[STRIDE]
    shape, cells, gap = (height, width, stride), (height + 2) * stride, spacing(height, stride)
    reference, moving = memory[row[REFERENCE] :][: height * width], memory[row[MOVING] :][: height * width]
    padded = (height + 2 * MARGIN) * (width + 2 * MARGIN) * CHANNELS
    planes, step = memory[row[PLANES] :][:padded], memory[row[STEP] :][: (BAND + 1) * stride]
    u1, u2 = memory[row[FLOW] :][:cells], memory[row[FLOW] + gap :][:cells]
    f, d = row[FIXED], row[DUAL]
    gx, gy, inverse = memory[f:][:cells], memory[f + gap :][:cells], memory[f + 2 * gap :][:cells]
    rho = memory[f + 3 * gap :][:cells]
    p11, p12 = memory[d:][:cells], memory[d + gap :][:cells]
    p21, p22 = memory[d + 2 * gap :][:cells], memory[d + 3 * gap :][:cells]
    memory[d : d + 4 * gap] = float32(0)
    stop = epsilon * epsilon * float32(height * width)
    interleave(moving, planes, height, width, nearest)
    for warp in range(n_warps):
        linearise(reference, planes, u1, u2, gx, gy, inverse, rho, shape, starts, parts, line)
        if warp == 0 and limit > 0 and _lost((gx, gy, inverse, rho), shape, u1, u2, limit):
            return False
        for _ in range(n_outer):
            if median_size > 1:
                for k in range(2):
                    median(memory[row[FLOW] + k * gap :][:cells], shape, median_size, rows)
            _, met = iterate(
                u1,
                u2,
                gx,
                gy,
                inverse,
                rho,
                p11,
                p12,
                p21,
                p22,
                step,
                shape,
                bound,
                ratio,
                stop,
                least,
                n_inner,
            )
            if met:
                break
    return True


@njit(**JIT)
def solve(reference, moving, known, warm, last, flow, arrays, n_warps, stream, settings):
    """Solve one pair.

    Parameters
    ----------
    reference, moving : ndarray, uint8, shape (H, W)
        The images.
    known : bool
        Whether the memory already holds the pyramid of the reference.
    warm : bool
        Begin with the flow in the memory, on one of the finer levels.
    last : ndarray, float32, shape (H, W, 2)
        The flow of the pair before, read for a warm start only.
    flow : ndarray, float32, shape (H, W, 2)
        Written: (dx, dy) in px.
    arrays : tuple of ndarray
        `Workspace.arrays`.
    n_warps : int
        Linearisations per level.
    stream : tuple
        How a warm start is solved (`tvl1.STREAM`): two ways, tried in this order, and the change of flow of a block
        since the pair before, in px, from which it is given up. A way: first level; linearisations per level;
        iterations of each, at least; motion of a block, left on the finest level, in px, from which it is given up.
    settings : tuple
        bound, ratio, epsilon, scale_step, n_inner, n_outer, median_size, nearest: see `tvl1.TVL1Params`.

    Returns
    -------
    bool
        Whether the warm start held; otherwise all levels were solved.
    """
    memory, table, places, parts, line, rows = arrays
    if not known:
        _load(reference, memory, table[0, REFERENCE])
    _load(moving, memory, table[0, MOVING])
    for column in range(MOVING if known else REFERENCE, MOVING + 1):
        _shrink(memory, table, column, settings[3], places, parts, line)
    coarsest = len(table) - 1
    ways = (stream[0], stream[1], (coarsest, n_warps, 1, float32(0)))
    way = 0 if warm else 2
    n = top = min(ways[way][0], coarsest)
    while n >= 0:  # one call of each piece, because each is a long piece of code
        _, warps, least, residual = ways[way]
        _begin(memory, table, n, top, way < 2, settings[3], places, parts, line)
        how = (warps, least, residual if n == 0 else float32(0))
        found = _solve_level(memory, table[n], how, places, parts, line, rows, settings)
        n -= 1
        jumped = way < 2 and found and n < 0 and _jumped(memory, table[0], last, stream[2])
        if jumped or not found:
            way = 2 if jumped else way + 1
            n = top = min(ways[way][0], coarsest)
    height, width, stride = table[0, HEIGHT], table[0, WIDTH], table[0, STRIDE]
    gap = spacing(height, stride)
    for i in range(height):
        first = table[0, FLOW] + (i + 1) * stride
        u1, u2, out = memory[first : first + width], memory[first + gap : first + gap + width], flow[i]
        for k in range(width):
            out[k, 0] = u1[k]
            out[k, 1] = u2[k]
    return way < 2
