"""Timing of flow methods, with a clock that the methods themselves move on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mezoo.bench import flow_speed as module
from mezoo.bench.flow_speed import ORDERS, flow_speed, pairs_of, seconds_per_pair
from mezoo.bench.scenes import Scene
from mezoo.motion.backends import Backend


@pytest.fixture
def frames() -> np.ndarray:
    return np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((1, 20, 24), np.uint8)


def test_pairs_of_each_order(frames):
    firsts = {order: pairs_of(frames, order)[0][:, 0, 0].tolist() for order in ORDERS}
    assert firsts == {"consecutive": [0, 1, 2], "from onset": [0, 0, 0]}
    assert all(pairs_of(frames, order)[1][:, 0, 0].tolist() == [1, 2, 3] for order in ORDERS)


def test_seconds_and_ratios_of_methods_of_known_cost(frames, fake, monkeypatch):
    clock = [0.0]
    calls = []

    def method(label, seconds):
        def solve(reference, moving):
            # the second run of the machine is three times slower for everybody
            calls.append(label)
            clock[0] += seconds * (3 if calls.count(label) > 4 else 1)
            return np.zeros((*reference.shape, 2), np.float32)

        return fake(label, solve)

    monkeypatch.setattr(module.time, "perf_counter", lambda: clock[0])
    methods = [method("ours", 0.5), method("opencv", 4.0)]
    ticks = []
    rows = flow_speed({"still": Scene(frames)}, methods, runs=2, done=lambda: ticks.append(1))
    assert len(rows) == 2 * len(ORDERS) and len(ticks) == 2 * len(ORDERS)
    ours, reference = rows[:2]
    assert (ours.method, ours.order, ours.height, ours.width) == ("ours", "consecutive", 20, 24)
    np.testing.assert_allclose(ours.seconds.runs, [0.5, 1.5])
    np.testing.assert_allclose(ours.ratio.runs, [8, 8])
    np.testing.assert_allclose(reference.ratio.runs, [1, 1])
    # one warm-up pair each, then in turns
    assert calls[:8] == ["ours", "opencv", "ours", "ours", "ours", "opencv", "opencv", "opencv"]


def test_every_run_begins_a_new_video(frames, fake):
    restarts = []
    method = fake("opencv", lambda a, b: np.zeros((*a.shape, 2)), restart=lambda: restarts.append(1))
    flow_speed({"still": Scene(frames)}, [method], runs=3, done=lambda: None)
    assert len(restarts) == 3 * len(ORDERS)


def test_a_batch_is_filled_by_repeating_the_pairs(frames):
    sizes = []

    def many(references, movings):
        sizes.append(len(references))
        return np.zeros((*references.shape, 2), np.float32)

    batched = Backend("batched", {}, lambda a, b: None, many, batch=7)
    seconds_per_pair(batched, *pairs_of(frames, "from onset"))
    assert sizes == [7]
    seconds_per_pair(replace(batched, batch=2), *pairs_of(frames, "from onset"))
    assert sizes[1:] == [2, 1]
