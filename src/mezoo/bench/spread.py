"""Median and range of repeated measurements, and of the ratio of two things measured in turns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A repeated measurement.

    Attributes
    ----------
    median, low, high : float
        Median, smallest and largest value.
    runs : tuple of float
        Every value, in the order of the runs.
    """

    median: float
    low: float
    high: float
    runs: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise the values of all runs (at least one)."""
        runs = tuple(float(value) for value in values)
        return cls(statistics.median(runs), min(runs), max(runs), runs)

    def ratio(self, other: Spread) -> Spread:
        """Summarise this by `other`, run by run, so that a slow moment of the machine hits both."""
        return Spread.of([mine / theirs for mine, theirs in zip(self.runs, other.runs, strict=True)])

    def scaled(self, factor: float) -> Spread:
        """Summarise the values in another unit."""
        return Spread.of([value * factor for value in self.runs])

    def inverse(self) -> Spread:
        """Summarise the inverse of each value: seconds per item -> items per second."""
        return Spread.of([1 / value for value in self.runs])
