"""How far the inner iteration of our TV-L1 is from what the machine can do.

Williams, Waterman, Patterson, "Roofline: an insightful visual performance model for multicore architectures",
CACM 52 (2009) 65-76. Three lower limits of the time per pixel and iteration, each from a rate measured here
by a small loop on one thread:

- arithmetic: `FLOPS` / rate of fused multiply-adds. One iteration of a pixel (`tvl1_kernel`), an addition,
  multiplication, minimum, maximum, root or division as one operation: residual 4, step length and its clamp 3,
  both flow updates with the divergence 12, sum of squared changes 4; forward differences 4, their lengths 8
  (two roots), both divisors 4, their inverses 2, four dual updates 12.
- roots: two square roots and one division (it could serve both divisors), which no processor finishes at that rate.
- memory: `BYTES` / rate of reading and writing arrays as large as the planes together. The dual step follows
  the primal step closely, so one iteration reads ten planes and writes six, four bytes each; the loop for the
  rate, y <- y + a x, reads two and writes one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from mezoo.bench.machine import Machine
from mezoo.bench.scenes import portrait_scene
from mezoo.bench.spread import Spread

FLOPS = 53
BYTES = 64
#: A plain loop, vectorised but not rewritten: a chain of multiply-adds must not be shortened.
_JIT: dict[str, Any] = {"cache": True, "fastmath": {"contract"}, "error_model": "numpy"}
_L1 = 2048  # float32 cells, 8 KB: stays in any first-level cache
_CHAIN = 16  # multiply-adds per cell and pass
_PASSES = 2000
_TRAFFIC = 2**27  # bytes of arrays that a measurement of bandwidth goes through
_CACHELESS = 4  # arrays this many times the last cache come from main memory


@dataclass(frozen=True)
class RooflineRow:
    """Inner iteration at one image size; times in ns per pixel and iteration.

    Attributes
    ----------
    size : int
        Side of the image, px.
    planes : int
        Bytes of all planes of the iteration.
    memory_level : str
        Cache that holds them, or ``memory``.
    measured : Spread
    arithmetic, roots, memory : float
        The three limits.
    share : float
        Largest limit by the shortest time measured: 1 is the best possible. The rates are the best of several
        measurements too.
    """

    size: int
    planes: int
    memory_level: str
    measured: Spread
    arithmetic: float
    roots: float
    memory: float
    share: float


@dataclass(frozen=True)
class Rates:
    """What one core can do.

    Attributes
    ----------
    flops : float
        Operations of fused multiply-adds per second, float32.
    roots : float
        Times per second that two roots and one division are done, float32.
    bytes : dict of str to float
        Level (``L2``, ``L3``, ``memory``) -> bytes read and written per second.
    """

    flops: float
    roots: float
    bytes: dict[str, float]


@njit(**_JIT)
def _multiply_add(values, a, b, passes):
    for _ in range(passes):
        for k in range(values.size):
            x = values[k]
            for _ in range(_CHAIN):
                x = x * a + b
            values[k] = x


@njit(**_JIT)
def _roots(first, second, out, passes):
    one = np.float32(1)
    for _ in range(passes):
        for k in range(out.size):
            out[k] = one / ((one + np.sqrt(first[k])) * (one + np.sqrt(second[k])))


@njit(**_JIT)
def _add(source, target, factor, passes):
    for _ in range(passes):
        for k in range(source.size):
            target[k] += source[k] * factor


def _best(run: Callable[[], object], repeats: int) -> float:
    """Shortest time in seconds of several runs after one that compiles."""
    run()
    return min(_timed(run) for _ in range(repeats))


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def rates(caches: Mapping[str, int], *, repeats: int = 5) -> Rates:
    """Measure what one core can do; `caches` are the sizes in bytes that `machine` found."""
    values, out = np.ones(_L1, np.float32), np.empty(_L1, np.float32)
    almost, little = np.float32(0.999), np.float32(1e-3)
    add = _best(lambda: _multiply_add(values, almost, little, _PASSES), repeats)
    root = _best(lambda: _roots(values, values, out, _PASSES), repeats)
    levels = {level: bandwidth(size, repeats=repeats) for level, size in _levels(caches).items()}
    cells = _L1 * _PASSES
    return Rates(2 * _CHAIN * cells / add, cells / root, levels)


def bandwidth(size: int, *, repeats: int = 5) -> float:
    """Bytes per second that one core reads and writes in two arrays of together `size` bytes."""
    source = np.ones(size // 8, np.float32)
    target = np.zeros_like(source)
    passes = max(1, _TRAFFIC // size)
    factor = np.float32(1e-6)
    return 12 * source.size * passes / _best(lambda: _add(source, target, factor, passes), repeats)


def _levels(caches: Mapping[str, int]) -> dict[str, int]:
    """Bytes of a working set that each level holds well: half a cache; main memory when no cache does."""
    levels = {name: size // 2 for name, size in caches.items() if not name.startswith("L1")}
    return levels | {"memory": _CACHELESS * max(caches.values(), default=2**24)}


def memory_level(planes: int, caches: Mapping[str, int]) -> str:
    """Name the smallest cache beyond the first that holds so many bytes, or ``memory``."""
    fitting = [name for name, size in caches.items() if not name.startswith("L1") and planes <= size]
    return min(fitting, key=lambda name: caches[name], default="memory")


class InnerLoop:
    """The inner iteration of `tvl1_kernel` on the first warp of a real pair; the one place that knows how to call it.

    Attributes
    ----------
    pixels : int
    planes : int
        Bytes of all planes.
    """

    def __init__(self, size: int) -> None:
        from mezoo.motion.tvl1 import TVL1Params
        from mezoo.motion.tvl1_kernel import iterate
        from mezoo.motion.tvl1_solve import Workspace

        params = TVL1Params()
        planes = Workspace([(size, size)], params.tau).planes()
        reference, moving = portrait_scene(size, 1.0, 1.0, n=1).frames.astype(np.float32)
        grad_y, grad_x = np.gradient(moving)
        values = grad_x, grad_y, 1 / (grad_x**2 + grad_y**2 + 1e-9), moving - reference
        for plane, value in zip(planes.fixed, values, strict=True):
            planes.inside(plane)[:] = value
        factors = np.float32(params.lambda_ * params.theta), np.float32(params.tau / params.theta)
        never = np.float32(-1)  # no sum of squares is below it
        views = (*planes.flow, *planes.fixed, *planes.dual)
        self.pixels, self.planes = size * size, sum(plane.nbytes for plane in views)
        self._arguments = (*views, planes.dual_step, planes.shape, *factors, never, 1)
        self._iterate = iterate

    def __call__(self, n: int) -> None:
        """Run `n` iterations."""
        self._iterate(*self._arguments, n)


def roofline(
    sizes: Sequence[int], machine: Machine, *, runs: int, done: Callable[[], object], seconds: float = 0.02
) -> tuple[Rates, list[RooflineRow]]:
    """Measure the inner iteration and its limits.

    Parameters
    ----------
    sizes : sequence of int
        Sides of the images, px.
    machine : Machine
    runs : int
        Each of about `seconds`.
    done : callable
        Called after each size.
    """
    able = rates(machine.caches)
    rows = []
    for size in sizes:
        loop = InnerLoop(size)
        loop(1)
        n = max(1, int(seconds / max(_timed(lambda loop=loop: loop(1)), 1e-6)))  # type: ignore[misc]
        spent = [_timed(lambda loop=loop, n=n: loop(n)) for _ in range(runs)]  # type: ignore[misc]
        measured = Spread.of([1e9 * value / (n * loop.pixels) for value in spent])
        speed = bandwidth(loop.planes)
        limits = 1e9 * FLOPS / able.flops, 1e9 / able.roots, 1e9 * BYTES / speed
        share = max(limits) / measured.low
        rows.append(
            RooflineRow(
                size, loop.planes, memory_level(loop.planes, machine.caches), measured, *limits, share
            )
        )
        done()
    return able, rows
