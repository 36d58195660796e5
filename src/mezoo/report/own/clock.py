"""Seconds per step of a run, with a bar on a terminal while it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

_BAR = "{desc:<24}|{bar:24}| {n_fmt}/{total_fmt} {rate_fmt} {elapsed}"


class Clock:
    """Measures the steps of a run.

    Attributes
    ----------
    seconds : dict of str to float
        Step -> seconds, in the order of the steps.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Callable[[], object]]:
        """Time a step; yields what is to be called for each of its `total` parts."""
        begin = time.perf_counter()
        # disable=None: a bar on a terminal only, not in a log
        with tqdm(
            total=total, desc=name, unit="frame", bar_format=_BAR if total else None, disable=None
        ) as bar:
            yield bar.update
        self.seconds[name] = time.perf_counter() - begin

    def lines(self, n_frames: int) -> list[tuple[str, float, float]]:
        """Name, share of the time and frames per second of each step, and of the whole run at the end."""
        total = sum(self.seconds.values())
        rows = [(name, took / total, n_frames / max(took, 1e-9)) for name, took in self.seconds.items()]
        return [*rows, ("in all", 1.0, n_frames / max(total, 1e-9))]
