"""Time per pair of every flow method, measured in turns (A B A B ...) in one process on one thread.

What slows the machine for a moment then hits all methods alike, so the ratio of a run is steadier than the
seconds it is made of.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mezoo.bench.methods import REFERENCE, Method
from mezoo.bench.scenes import Scene
from mezoo.bench.spread import Spread
from mezoo.motion.backends import Backend

#: How a video is taken apart into pairs: neighbouring frames, or each frame against the first.
ORDERS = ("consecutive", "from onset")


@dataclass(frozen=True)
class SpeedRow:
    """Speed of one method on the pairs of one scene.

    Attributes
    ----------
    scene, order, method : str
    height, width : int
        Of the images, px.
    seconds : Spread
        Per pair.
    ratio : Spread
        Seconds of the reference by those of this method.
    """

    scene: str
    height: int
    width: int
    order: str
    method: str
    seconds: Spread
    ratio: Spread


def pairs_of(frames: np.ndarray, order: str) -> tuple[np.ndarray, np.ndarray]:
    """Take frames (T, H, W) apart into (references, movings) of T - 1 pairs."""
    movings = frames[1:]
    return (frames[:-1] if order == "consecutive" else np.repeat(frames[:1], len(movings), 0)), movings


def seconds_per_pair(method: Backend, references: np.ndarray, movings: np.ndarray) -> float:
    """Solve the pairs of a video from its beginning; time per pair.

    Where a method likes larger batches than there are pairs, they are repeated until one is full.
    """
    repeated = np.arange(max(len(movings), method.batch)) % len(movings)
    references, movings = references[repeated], movings[repeated]
    method.restart()
    start = time.perf_counter()
    for first in range(0, len(movings), method.batch):
        chunk = slice(first, first + method.batch)
        method.many(references[chunk], movings[chunk])
    return (time.perf_counter() - start) / len(movings)


def flow_speed(
    scenes: Mapping[str, Scene], methods: Sequence[Method], *, runs: int, done: Callable[[], object]
) -> list[SpeedRow]:
    """Measure all methods on all scenes.

    Parameters
    ----------
    scenes : mapping of str to Scene
    methods : sequence of Method
        With the reference among them.
    runs : int
    done : callable
        Called after each run of all methods on the pairs of one scene and order.
    """
    rows = []
    for name, scene in scenes.items():
        solvers = {method.label: method.make() for method in methods}
        for solver in solvers.values():  # compiles, and takes its memory
            solver.many(scene.frames[:1], scene.frames[1:2])
        for order in ORDERS:
            pairs = pairs_of(scene.frames, order)
            taken: dict[str, list[float]] = {label: [] for label in solvers}
            for _ in range(runs):
                for label, solver in solvers.items():
                    taken[label].append(seconds_per_pair(solver, *pairs))
                done()
            rows += _rows(name, scene.frames.shape[1:], order, taken)
    return rows


def _rows(scene: str, shape: Sequence[int], order: str, taken: Mapping[str, list[float]]) -> list[SpeedRow]:
    seconds = {label: Spread.of(values) for label, values in taken.items()}
    height, width = shape
    return [
        SpeedRow(scene, height, width, order, label, value, seconds[REFERENCE].ratio(value))
        for label, value in seconds.items()
    ]
