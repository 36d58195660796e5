"""Augmentation of the apex picture: what it does to pictures whose change is known."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.learning.augment_apex import apex_crop, apex_jitter

FUNCTIONS = [apex_jitter, apex_crop]


def ramp(size: int = 56) -> np.ndarray:
    """Grey level rises to the right: one level per px around 100."""
    return (100 + np.arange(size, dtype=np.float32) - size / 2) * np.ones((1, size, 1), np.float32)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_pure_and_decided_by_the_generator(function, dtype):
    image, flow = ramp().astype(dtype), np.ones((64, 128), np.float32)
    before = image.copy()
    found = [function([image, flow], np.random.default_rng(seed)) for seed in (3, 3, *range(20))]
    assert np.array_equal(image, before)
    assert np.array_equal(found[0][0], found[1][0])
    assert len({item[0].tobytes() for item in found}) >= 5  # a window of 56 of 60 px
    assert all(item[0].shape == image.shape and item[0].dtype == dtype and item[1] is flow for item in found)


def test_jitter_turns_mirrors_and_shifts_within_its_limits():
    """Seen on a ramp: the slope's sign is the mirror, its direction the turn, the middle the shift of levels."""
    signs, angles, shifts = [], [], []
    for seed in range(200):
        image = apex_jitter([ramp()], np.random.default_rng(seed))[0][0]
        middle = image[18:38, 18:38]
        down, right = (float(g.mean()) for g in np.gradient(middle))
        signs.append(np.sign(right))
        angles.append(np.degrees(np.arctan2(down * signs[-1], abs(right))))
        shifts.append(float(middle.mean()) - 99.5)
    assert 60 < signs.count(-1.0) < 140
    assert -5.05 < min(angles) < -4 and 4 < max(angles) < 5.05
    assert -10.6 < min(shifts) < -8 and 8 < max(shifts) < 10.6
    still = sum(abs(a) < 1e-3 for a in angles)
    assert 60 < still < 140


def test_jitter_stays_within_the_grey_levels():
    for level in (0, 255):
        flat = np.full((1, 8, 8), level, np.uint8)
        found = [apex_jitter([flat], np.random.default_rng(seed))[0] for seed in range(50)]
        assert {abs(int(item[0, 4, 4]) - level) <= 10 for item in found} == {True}


def test_crop_is_a_window_of_the_enlarged_picture():
    """On a ramp the slope falls by 224/240, and the window moves by up to 16 px of 240."""
    starts = []
    for seed in range(100):
        image = apex_crop([ramp(224)], np.random.default_rng(seed))[0][0]
        assert np.gradient(image[100, 20:200]).mean() == pytest.approx(224 / 240, rel=1e-3)
        starts.append((float(image[112, 112]) - 100) * 240 / 224 + 8)
    assert -0.1 < min(starts) < 2 and 14 < max(starts) < 16.6
