"""Lucas-Kanade refinement of a flow."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.magnify.acceptance import Scene
from mezoo.magnify.refine import Refiner, flatten

SHIFT = Scene(side=80, spread=np.inf, direction=0.5, seed=4)
INSIDE = np.s_[16:-16, 16:-16]


def error(flow, moved):
    truth = moved * np.array([np.cos(0.5), np.sin(0.5)])
    return np.abs(flow[INSIDE] - truth).mean()


@pytest.mark.parametrize("moved", [0.1, 0.25, 0.6])
def test_from_nothing_to_the_truth(moved):
    start = np.zeros((80, 80, 2), np.float32)
    flow = Refiner(flatten(SHIFT.truth(moved, 0)))(start, flatten(SHIFT.truth(moved, 1)), 3)
    assert flow.dtype == np.float32
    assert error(flow, moved) < 0.03


def test_no_round_leaves_the_flow():
    start = np.random.default_rng(0).normal(size=(80, 80, 2)).astype(np.float32)
    frame = SHIFT.truth(1, 0)
    np.testing.assert_array_equal(Refiner(frame)(start, frame, 0), start)


def test_light_is_no_motion():
    start = np.zeros((80, 80, 2), np.float32)
    y, x = np.mgrid[:80, :80] / 80
    frame = SHIFT.truth(1, 0)
    lit = np.clip(np.rint(frame * (1 + 0.2 * x) + 15 * y), 0, 255).astype(np.uint8)
    assert error(Refiner(flatten(frame))(start, flatten(lit), 2), 0) < 0.05


def test_the_flow_stays_where_there_is_no_texture():
    start = np.full((80, 80, 2), 0.5, np.float32)
    flat = flatten(np.full((80, 80), 128, np.uint8))
    np.testing.assert_allclose(Refiner(flat)(start, flat, 3), start, atol=1e-6)
