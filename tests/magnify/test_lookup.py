"""Looking frames up between their pixels."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.magnify.lookup import look_up


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


def test_whole_pixels_are_exact(image):
    y, x = np.mgrid[:20, :30]
    np.testing.assert_array_equal(look_up(image, x, y), image)
    np.testing.assert_array_equal(look_up(image[..., 0], x, y), image[..., 0])


def test_a_ramp_stays_a_ramp():
    y, x = np.mgrid[:20, :30].astype(np.float64)
    places = np.random.default_rng(1).uniform(2, 17, (2, 50, 1))
    found = look_up(3 * x + 2 * y, places[0], places[1])
    np.testing.assert_allclose(found, 3 * places[0] + 2 * places[1], rtol=1e-5)


def test_nearest_border_outside(image):
    far = look_up(image, np.array([[-50.0, 100.0]]), np.array([[-50.0, 100.0]]))
    np.testing.assert_array_equal(far, [[image[0, 0], image[-1, -1]]])


def test_smooth_waves_are_kept():
    x = np.arange(64.0)
    wave = np.sin(2 * np.pi * x / 12) * np.ones((8, 1))
    places = x[4:-4] + 0.3
    found = look_up(wave, places[None], np.full((1, places.size), 3.0))
    np.testing.assert_allclose(found[0], np.sin(2 * np.pi * places / 12), atol=0.02)
