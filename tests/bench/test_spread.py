"""Medians, ranges and ratios of runs."""

from __future__ import annotations

from mezoo.bench.spread import Spread


def test_median_and_range():
    spread = Spread.of([3, 1, 2])
    assert (spread.median, spread.low, spread.high, spread.runs) == (2, 1, 3, (3, 1, 2))


def test_ratio_is_taken_run_by_run():
    slow_moment = Spread.of([10, 100, 10]).ratio(Spread.of([1, 10, 1]))
    assert slow_moment.runs == (10, 10, 10)
    assert Spread.of([4, 6]).ratio(Spread.of([2, 2])).median == 2.5


def test_units():
    assert Spread.of([0.5, 0.25]).scaled(1000).runs == (500, 250)
    assert Spread.of([0.5, 0.25]).inverse().runs == (2, 4)
