"""Flow in 8 bits and JPEG: the rule of the levels, and how much is lost."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.features.flow_jpeg import BOUND, flow_jpeg, from_levels, to_levels

STEP = 2 * BOUND / 255


def smooth(shape=(96, 96)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.stack([0.8 * np.sin(x / 15), 0.5 * np.cos(y / 11)], axis=-1)


def test_levels():
    flow = np.array([[(-10, 10), (-12, 99), (0, STEP / 2), (5, -5)]])
    assert to_levels(flow)[0].tolist() == [[0, 255], [0, 255], [128, 128], [191, 64]]
    assert to_levels(flow, bound=20)[0, 0].tolist() == [64, 191]


def test_levels_are_off_by_half_a_step_at_most():
    flow = np.random.default_rng(0).uniform(-BOUND, BOUND, (40, 50, 2))
    error = from_levels(to_levels(flow)) - flow
    assert STEP / 2 * 0.9 < np.abs(error).max() <= STEP / 2 + 1e-6


def test_no_motion_becomes_motion():
    np.testing.assert_allclose(from_levels(flow_jpeg(np.zeros((16, 16, 2)))), STEP / 2, atol=1e-6)


def test_jpeg_adds_to_the_loss_of_the_levels():
    flow = smooth()
    coded, stored = (from_levels(levels) - flow for levels in (to_levels(flow), flow_jpeg(flow)))
    rms = [np.sqrt(np.mean(error**2)) for error in (coded, stored)]
    assert 0.9 < rms[0] / (STEP / np.sqrt(12)) < 1.1  # rounding, evenly spread over a step
    assert rms[0] < rms[1] < 0.6 * STEP
    coarse = from_levels(flow_jpeg(flow, quality=10)) - flow
    assert np.abs(coarse).mean() > 2 * np.abs(stored).mean()


def test_components_are_kept_apart():
    flow = smooth()
    levels = flow_jpeg(flow)
    np.testing.assert_array_equal(flow_jpeg(flow[..., ::-1])[..., ::-1], levels)


@pytest.mark.parametrize(
    ("shape", "options"), [((4, 4), {}), ((4, 4, 2), {"bound": 0}), ((4, 4, 2), {"quality": 101})]
)
def test_wrong_usage(shape, options):
    with pytest.raises(ConfigError):
        flow_jpeg(np.zeros(shape), **options)
