"""Augmentations of STRCN on clips whose frames tell their own number."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.learning.augment_strcn import strcn_frames, strcn_motion


def test_motion_is_scaled_as_a_whole():
    flow = np.random.default_rng(0).standard_normal((3, 8, 6)).astype(np.float32)
    rng = np.random.default_rng(1)
    found = [strcn_motion([flow], rng)[0] for _ in range(200)]
    factors = [float((new / flow).mean()) for new in found]
    for new, factor in zip(found, factors, strict=True):
        np.testing.assert_allclose(new, factor * flow, rtol=1e-5)
    assert len(np.unique(np.round(factors, 4))) == 8
    assert min(factors) == pytest.approx(6 / 9.5, rel=1e-5) and max(factors) == pytest.approx(
        13 / 9.5, rel=1e-5
    )


def test_frames_keep_their_order_and_their_ends():
    frames = np.broadcast_to(np.arange(30, dtype=np.uint8)[:, None, None], (1, 30, 4, 5))
    rng = np.random.default_rng(0)
    changed = 0
    for _ in range(50):
        (found,) = strcn_frames([frames], rng)
        assert found.shape == (1, 30, 4, 5) and found.dtype == np.float32
        times = found[0, :, 0, 0]
        assert times[0] == 0 and times[-1] == 29 and (np.diff(times) >= -1e-5).all()
        assert (found == times[:, None, None]).all()
        changed += bool((times != np.arange(30)).any())
    assert 35 <= changed < 50  # one share in twelve leaves out nothing


@pytest.mark.parametrize("length", [2, 3, 5])
def test_short_clips(length):
    frames = np.zeros((1, length, 4, 4))
    for seed in range(20):
        assert strcn_frames([frames], np.random.default_rng(seed))[0].shape == (1, length, 4, 4)


def test_the_generator_decides():
    frames = np.random.default_rng(0).random((1, 12, 4, 4))
    same, again, other = (strcn_frames([frames], np.random.default_rng(seed))[0] for seed in (3, 3, 4))
    assert (same == again).all() and (same != other).any()
