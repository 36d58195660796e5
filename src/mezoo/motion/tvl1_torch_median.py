"""Median over square windows by minima and maxima of whole planes, on any device of torch; for `tvl1_torch`.

A network of comparisons has no branches, so each of its steps is one operation on shifted views of planes, and
what neighbouring windows share is computed once: a column is sorted once for all windows that contain it, and
two sorted columns are merged once. Merges: Batcher, "Sorting networks and their applications", AFIPS 1968, the
odd-even merge for any two lengths (Knuth, TAOCP 3, section 5.3.4). Only steps that the median needs are kept:
88 for windows of 5x5 and 22 for 3x3.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad


class _View(NamedTuple):
    """A plane seen shifted: its value at (row + down, column + right)."""

    plane: int
    down: int = 0
    right: int = 0


class _Step(NamedTuple):
    """The minimum (`smaller`) or the maximum of two planes; `reach` is how far it looks (down, right)."""

    smaller: bool
    first: _View
    second: _View
    reach: tuple[int, int]


class _Network:
    """Steps by the number of the plane that they make; plane 0 is the image."""

    def __init__(self) -> None:
        self.steps: dict[int, _Step] = {}

    def add(self, smaller: bool, a: _View, b: _View) -> _View:
        down, right = zip(*(self._reach(view) for view in (a, b)), strict=True)
        plane = len(self.steps) + 1
        self.steps[plane] = _Step(smaller, a, b, (max(down), max(right)))
        return _View(plane)

    def _reach(self, view: _View) -> tuple[int, int]:
        down, right = self.steps[view.plane].reach if view.plane else (0, 0)
        return down + view.down, right + view.right

    def merge(self, a: list[_View], b: list[_View]) -> list[_View]:
        """Sort the union of two sorted lists."""
        if not a or not b:
            return a + b
        if len(a) == len(b) == 1:
            return [self.add(True, a[0], b[0]), self.add(False, a[0], b[0])]
        even, odd = self.merge(a[0::2], b[0::2]), self.merge(a[1::2], b[1::2])
        merged, n = even[:1], min(len(odd), len(even) - 1)
        for low, high in zip(odd[:n], even[1 : n + 1], strict=True):
            merged += [self.add(True, low, high), self.add(False, low, high)]
        return merged + odd[n:] + even[n + 1 :]

    def gather(self, one: list[_View], size: int, down: int, right: int) -> tuple[list[_View], list[_View]]:
        """Sort what `size` (3 or 5) neighbours hold, each a sorted list: all but the last, and the last."""

        def shifted(views: list[_View], n: int) -> list[_View]:
            return [_View(view.plane, view.down + n * down, view.right + n * right) for view in views]

        most = self.merge(one, shifted(one, 1))
        if size == 5:
            most = self.merge(most, shifted(most, 2))
        return most, shifted(one, size - 1)

    def select(self, a: list[_View], b: list[_View], rank: int) -> _View:
        """Value of a rank (from 1) in the union of sorted lists: the least max(a_i, b_j) over i + j = rank."""
        found = a[rank - 1]
        for j in range(1, len(b) + 1):
            found = self.add(True, found, self.add(False, a[rank - j - 1], b[j - 1]))
        return found


@cache
def _plan(size: int) -> tuple[list[tuple[int, _Step]], int]:
    """List the steps of the median, each with the buffer that it writes, and count the buffers.

    Planes are numbered by their buffers, which serve again after the last step that reads them; buffer 0 is
    the image.
    """
    network = _Network()
    column = network.merge(*network.gather([_View(0)], size, 1, 0))
    median = network.select(*network.gather(column, size, 0, 1), (size * size + 1) // 2)
    last_reader: dict[int, int] = {0: median.plane, median.plane: median.plane}
    for plane in range(median.plane, 0, -1):
        if plane in last_reader:
            for view in network.steps[plane][1:3]:
                last_reader.setdefault(view.plane, plane)
    buffer_of, n_buffers, plan = {0: 0}, 1, []
    free: list[int] = []
    for plane in sorted(last_reader.keys() - {0}):
        step = network.steps[plane]
        if not free:
            free, n_buffers = [n_buffers], n_buffers + 1
        buffer_of[plane] = free.pop()
        first, second = (view._replace(plane=buffer_of[view.plane]) for view in (step.first, step.second))
        free += [buffer_of[p] for p in {step.first.plane, step.second.plane} if last_reader[p] == plane]
        plan.append((buffer_of[plane], step._replace(first=first, second=second)))
    return plan, n_buffers


class Median:
    """Median filter in place with the border pixels repeated, as ``cv2.medianBlur``; keeps its memory.

    Parameters
    ----------
    planes : Tensor, float32, shape (N, H, W), contiguous
        What is filtered.
    size : {3, 5}
        Side of the windows in px.
    larger : Median, optional
        One of the same size of windows and planes at least as large, whose memory is used too.
    """

    def __init__(self, planes: Tensor, size: int, larger: Median | None = None) -> None:
        self._planes, self._margin = planes, size // 2
        self._plan, n_buffers = _plan(size)
        n, height, width = planes.shape
        cells = n * (height + size - 1) * (width + size - 1)
        self._buffers: Tensor = planes.new_empty((n_buffers, cells)) if larger is None else larger._buffers
        self._bound = lru_cache(maxsize=4)(self._bind)

    def __call__(self, n: int) -> None:
        """Filter the first `n` planes."""
        image, steps = self._bound(n)
        image.copy_(pad(self._planes[None, :n], [self._margin] * 4, mode="replicate")[0])
        for operation, first, second, out in steps:
            operation(first, second, out=out)

    def _bind(self, n: int) -> tuple[Tensor, list]:
        """Make views: of the image with its border, and of the operands and the result of each operation."""
        _, height, width = self._planes.shape
        height, width = height + 2 * self._margin, width + 2 * self._margin
        views: dict[int, Tensor] = {}

        def made(buffer: int, rows: int, columns: int) -> Tensor:
            return self._buffers[buffer, : n * rows * columns].view(n, rows, columns)

        views[0] = made(0, height, width)
        steps = []
        for buffer, (smaller, first, second, (down, right)) in self._plan:
            rows, columns = height - down, width - right
            operands = [
                views[v.plane][:, v.down : v.down + rows, v.right : v.right + columns]
                for v in (first, second)
            ]
            views[buffer] = made(buffer, rows, columns)
            steps.append((torch.minimum if smaller else torch.maximum, *operands, views[buffer]))
        steps[-1] = (*steps[-1][:3], self._planes[:n])
        return views[0], steps
