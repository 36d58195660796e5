from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.interpolate import clips
from mezoo.interpolate.clips import blend, check_clip, check_positions, even_positions, to_grey_levels


def test_even_positions_hit_the_frames_exactly():
    assert even_positions(11, 11).tolist() == list(range(11))
    assert even_positions(11, 6).tolist() == [0, 2, 4, 6, 8, 10]
    for n_frames in range(1, 140):
        for n in (2, 10, 11, 16, 32, 64, 128):
            places = even_positions(n_frames, n)
            assert len(places) == n and places[0] == 0 and places[-1] == n_frames - 1
            whole = np.abs(places - np.rint(places)) < 1e-6
            assert np.array_equal(places[whole], np.rint(places[whole]))


@pytest.mark.parametrize("n", [1, 0, -3])
def test_too_few_frames_wanted(n):
    with pytest.raises(ConfigError, match="at least 2"):
        even_positions(5, n)


def test_rounding():
    assert to_grey_levels(np.array([-3.0, 0.4, 0.6, 254.7, 300])).tolist() == [0, 0, 1, 255, 255]


def test_blend_in_parts(monkeypatch):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (5, 7, 9, 3), dtype=np.uint8)
    weights = rng.dirichlet(np.ones(5), 4)
    whole = blend(weights, frames)
    monkeypatch.setattr(clips, "_BLOCK", 100)
    np.testing.assert_array_equal(blend(weights, frames), whole)
    np.testing.assert_array_equal(whole, to_grey_levels(np.tensordot(weights, frames.astype(float), 1)))


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((4, 8, 8), np.float32),
        np.zeros((8, 8), np.uint8),
        np.zeros((4, 8, 8, 4), np.uint8),
        np.zeros((0, 8, 8), np.uint8),
        [[[0]]],
    ],
)
def test_no_clip(frames):
    with pytest.raises(ConfigError, match="Expected uint8 frames"):
        check_clip(frames)


@pytest.mark.parametrize("positions", [[-0.1], [3.01], [np.nan], [[0.0]]])
def test_positions_outside(positions):
    with pytest.raises(ConfigError, match="from 0 to 3"):
        check_positions(np.array(positions), 4)
