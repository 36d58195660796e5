"""Measured rates and limits hang together."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.bench.machine import machine
from mezoo.bench.roofline import BYTES, FLOPS, InnerLoop, memory_level, rates, roofline

CACHES = {"L1d": 2**15, "L2": 2**20, "L3": 2**25}


@pytest.fixture(scope="module")
def measured():
    ticks = []
    able, rows = roofline([48], machine(), runs=3, done=lambda: ticks.append(1), seconds=0.005)
    assert len(ticks) == 1
    return able, rows[0]


def test_rates_are_of_this_century(measured):
    able, _ = measured
    assert 1e9 < able.flops < 1e13 and 1e7 < able.roots < able.flops
    assert all(1e8 < rate < 1e13 for rate in able.bytes.values())


def test_limits_follow_from_the_rates(measured):
    able, row = measured
    assert row.arithmetic == pytest.approx(1e9 * FLOPS / able.flops)
    assert row.roots == pytest.approx(1e9 / able.roots)
    assert row.share == pytest.approx(max(row.arithmetic, row.roots, row.memory) / row.measured.low)


def test_nothing_beats_the_limits(measured):
    _, row = measured
    # far below 1 for so small an image; the room is for a machine that slows down between two measurements
    assert 0.02 < row.share < 1.2


def test_size_of_the_planes(measured):
    _, row = measured
    assert row.planes == 10 * (48 + 2) * 64 * 4 and BYTES == 16 * 4


def test_the_loop_runs_all_iterations_and_moves_the_flow():
    loop = InnerLoop(32)
    flow = loop._arguments[0]
    assert not flow.any()
    loop(1)
    once = flow.copy()
    loop(200)
    assert once.any() and np.isfinite(flow).all() and not np.array_equal(once, flow)


@pytest.mark.parametrize(("planes", "level"), [(1000, "L2"), (2**20, "L2"), (2**21, "L3"), (2**26, "memory")])
def test_memory_level(planes, level):
    assert memory_level(planes, CACHES) == level
    assert memory_level(planes, {}) == "memory"


def test_levels_that_are_measured():
    assert set(rates({"L1d": 2**14, "L2": 2**16}, repeats=1).bytes) == {"L2", "memory"}
