from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.interpolate.rife_triplets import TripletSampler, _look, _turn


def _numbered(n: int, side: int = 64) -> np.ndarray:
    """Clip whose frames have the grey level of their number."""
    return np.arange(n, dtype=np.uint8)[:, None, None] + np.zeros((1, side, side), np.uint8)


def test_shapes_and_times():
    batch = TripletSampler([_numbered(20)], crop=32, span=9, drift=0, bend=0, seed=0).batch(0, 16)
    assert batch.image0.shape == batch.image1.shape == batch.truth.shape == (16, 3, 32, 32)
    assert batch.image0.dtype == batch.t.dtype == np.float32
    first, last, middle = (part[:, 0, 0, 0] * 255 for part in (batch.image0, batch.image1, batch.truth))
    np.testing.assert_allclose(middle, first + batch.t * (last - first), atol=1e-3)
    assert np.all((batch.t > 0) & (batch.t < 1)) and np.abs(last - first).max() <= 8
    assert (last > first).any() and (last < first).any(), "time runs both ways"


def test_a_batch_depends_on_seed_and_number_only():
    def make(seed):
        return TripletSampler([_numbered(20), _numbered(9)], crop=32, span=9, drift=4, bend=0, seed=seed)

    again = make(1)
    again.batch(0, 4)
    for a, b in zip(make(1).batch(7, 4), again.batch(7, 4), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(make(1).batch(7, 4).t, make(2).batch(7, 4).t)
    assert not np.array_equal(make(1).batch(7, 4).t, make(1).batch(8, 4).t)


def _waves(n: int, side: int = 96) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    return np.repeat(np.rint(_wave(x, y)).astype(np.uint8)[None], n, axis=0)


def _wave(x, y):
    return 128 + 50 * np.sin(x / 2) + 50 * np.cos(y / 2)


def test_frames_are_looked_up_where_the_field_points_to():
    sampler = TripletSampler([_waves(5)], crop=64, span=5, drift=0, bend=3, seed=0)
    field = sampler._field(np.random.default_rng(3))
    length = np.sqrt(np.mean(np.sum(field**2, axis=-1)))
    assert field.shape == (64, 64, 2) and 0.5 < length <= 3
    moved = _look(_waves(1)[0], 16 + field).astype(float)
    y, x = np.mgrid[:64, :64] + 16.0
    assert np.abs(moved - _wave(x + field[..., 0], y + field[..., 1])).mean() < 1  # grey levels


@pytest.mark.parametrize(("drift", "bend"), [(10, 0), (0, 3), (10, 3)])
def test_the_flow_leads_from_the_truth_to_both_frames(drift, bend):
    """Frames looked up along it are the truth, inside, where they show the same points."""
    sampler = TripletSampler([_waves(7)[:, :90]], crop=64, span=7, drift=drift, bend=bend, seed=0)
    batch = sampler.batch(0, 24)
    for image, flow in ((batch.image0, batch.flow[:, :2]), (batch.image1, batch.flow[:, 2:])):
        still = np.abs(image - batch.truth)[..., 16:-16, 16:-16].mean() * 255
        moved = np.stack(
            [_look(i.transpose(1, 2, 0), f.transpose(1, 2, 0)) for i, f in zip(image, flow, strict=True)]
        )
        error = np.abs(moved.transpose(0, 3, 1, 2) - batch.truth)[..., 16:-16, 16:-16].mean() * 255
        assert still > 8 and error < 2, "grey levels"


def test_bending_is_a_motion_that_blending_cannot_follow():
    still, bent = (
        TripletSampler([_waves(3)], crop=64, span=3, drift=0, bend=bend, seed=0).batch(0, 16)
        for bend in (0, 3)
    )
    np.testing.assert_array_equal(still.image0, still.truth)
    np.testing.assert_allclose(bent.t, 0.5)
    error = np.abs(bent.truth - (bent.image0 + bent.image1) / 2).mean(axis=(1, 2, 3)) * 255
    assert error.mean() > 2  # grey levels; without bending 0


@pytest.mark.parametrize("drift", [0, 10])
def test_drift_is_a_motion_at_constant_speed(drift):
    y, x = np.mgrid[:96, :90]
    clip = np.repeat((2 * y + x)[None], 12, axis=0).astype(np.uint8)[
        :, :, :
    ]  # a slope: its level tells the place
    sampler = TripletSampler([clip[:, :40, :80]], crop=32, span=12, drift=drift, bend=0, seed=0)
    batch = sampler.batch(0, 64)
    first, last, middle = (
        part.mean(axis=(1, 2, 3)) * 255 for part in (batch.image0, batch.image1, batch.truth)
    )
    np.testing.assert_allclose(middle, first + batch.t * (last - first), atol=1e-2)
    assert (np.abs(last - first).max() > 4) == (drift > 0)
    assert np.abs(last - first).max() <= 3 * drift + 1e-2


def test_colour_is_blue_first():
    clip = np.zeros((3, 32, 32, 3), np.uint8)
    clip[..., 0], clip[..., 1], clip[..., 2] = 10, 20, 30
    batch = TripletSampler([clip], crop=32, span=3, drift=0, bend=0, seed=0).batch(0, 20)
    order = {tuple(np.rint(image[:, 0, 0] * 255).astype(int)) for image in batch.truth}
    assert order == {(30, 20, 10), (10, 20, 30)}  # BGR, and with the channels reversed


def test_turns_keep_the_three_frames_together():
    frames = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    seen = set()
    for seed in range(60):
        turned = _turn(frames, np.random.default_rng(seed))
        alone = _turn(frames[:1], np.random.default_rng(seed))
        np.testing.assert_array_equal(turned[:1], alone)
        seen.add(turned.tobytes())
    assert len(seen) == 16  # eight positions of a square, two orders of channels


def test_clips_that_do_not_fit_are_left_out():
    fits, short, small = _numbered(5), _numbered(2), _numbered(9, side=16)
    batch = TripletSampler([short, small, fits], crop=32, span=31, drift=12, bend=0, seed=0).batch(0, 8)
    assert batch.image0.max() * 255 <= 4.001
    with pytest.raises(ConfigError, match="no clip of 3 frames"):
        TripletSampler([short, small], crop=32, span=9, drift=0, bend=0, seed=0)
    with pytest.raises(ConfigError, match="span of 2"):
        TripletSampler([fits], crop=32, span=2, drift=0, bend=0, seed=0)
