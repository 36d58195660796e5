"""Forward warping on fields whose result is known."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.magnify import splat

METHODS = {"softmax": splat.softmax, "mesh": splat.mesh}


def field(dx=0.0, dy=0.0, shape=(12, 15)):
    return np.stack(np.broadcast_arrays(dx, dy, np.zeros(shape))[:2], axis=-1).astype(np.float32)


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(12, 15, 2)).astype(np.float32)


@pytest.mark.parametrize("name", METHODS)
class TestBoth:
    def test_no_motion_is_the_identity(self, name, values):
        carried, filled = METHODS[name](values, field(), np.zeros((12, 15), np.float32))
        np.testing.assert_allclose(carried, values, atol=1e-6)
        assert filled.all()

    def test_whole_pixels(self, name, values):
        carried, filled = METHODS[name](values, field(3, -2), np.zeros((12, 15), np.float32))
        np.testing.assert_allclose(carried[:-2, 3:], values[2:, :-3], atol=1e-5)
        assert not filled[-2:].any() and not filled[:, :3].any() and filled[:-2, 3:].all()

    def test_the_more_important_is_in_front(self, name):
        """The left part runs over the resting right part."""
        x = np.arange(40)
        moves = (x < 15)[None].repeat(12, axis=0)
        carried, filled = METHODS[name](
            field(moves * 1.0, 0, (12, 40)),
            field(moves * 10.0, 0, (12, 40)),
            np.where(moves, 10, 0).astype(np.float32),
        )
        np.testing.assert_allclose(carried[1:-1, 15:24, 0], 1, atol=1e-3)
        np.testing.assert_allclose(carried[1:-1, 27:, 0], 0, atol=1e-3)

    def test_a_smooth_stretch_carries_a_smooth_field(self, name):
        y, x = np.mgrid[:30, :30].astype(np.float32)
        carried, filled = METHODS[name](field(x, y, (30, 30)), field(0.3 * x, 0, (30, 30)), 0.3 * x)
        inside = np.s_[2:-2, 2:-2]
        assert filled.all()
        np.testing.assert_allclose(carried[inside][..., 0], (x / 1.3)[inside], atol=0.4)
        np.testing.assert_allclose(carried[inside][..., 1], y[inside], atol=1e-3)

    def test_targets_far_outside_are_dropped(self, name, values):
        _, filled = METHODS[name](values, field(1e6, -1e6), np.zeros((12, 15), np.float32))
        assert not filled.any()


def test_a_tear_is_a_hole_for_softmax_and_bridged_by_the_mesh():
    x = np.arange(40)
    jump = field(np.where(x < 20, 0.0, 6.0) * np.ones((12, 1)), 0, (12, 40))
    importance = np.zeros((12, 40), np.float32)
    assert not splat.softmax(jump, jump, importance)[1][:, 20:26].any()
    carried, filled = splat.mesh(jump, jump, importance)
    assert filled[:, 20:26].all()
    np.testing.assert_allclose(carried[5, 19:27, 0], np.linspace(0, 6, 8), atol=1e-4)
