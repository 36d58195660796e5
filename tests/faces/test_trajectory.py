"""Gaps in time: which are bridged, how, and what smoothing keeps."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.faces.trajectory import bridge_gaps, smooth_landmarks


def ramp(n: int) -> np.ndarray:
    """Every coordinate moves by one pixel per frame."""
    return np.broadcast_to(np.arange(n, dtype=np.float32)[:, None, None], (n, 68, 2)).copy()


def with_gap(n: int, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    landmarks, observed = ramp(n), np.ones(n, bool)
    landmarks[start:stop], observed[start:stop] = 0, False
    return landmarks, observed


class TestBridgeGaps:
    @pytest.mark.parametrize("length", [1, 5, 10])
    def test_short_gap_is_interpolated_and_marked(self, length):
        landmarks, observed = with_gap(40, 12, 12 + length)
        filled, valid, interpolated = bridge_gaps(landmarks, observed, max_gap=10)
        np.testing.assert_allclose(filled, ramp(40), atol=1e-5)
        assert valid.all() and np.flatnonzero(interpolated).tolist() == list(range(12, 12 + length))
        assert filled.dtype == np.float32

    def test_long_gap_is_invalid_and_holds_the_nearest(self):
        landmarks, observed = with_gap(40, 12, 23)
        filled, valid, interpolated = bridge_gaps(landmarks, observed, max_gap=10)
        assert np.flatnonzero(~valid).tolist() == list(range(12, 23)) and not interpolated.any()
        assert filled[12:23, 0, 0].tolist() == [11] * 6 + [23] * 5

    def test_gaps_at_the_ends_have_one_neighbour_only(self):
        landmarks, observed = ramp(10), np.ones(10, bool)
        observed[:2] = observed[-3:] = False
        filled, valid, interpolated = bridge_gaps(landmarks, observed, max_gap=10)
        assert valid.tolist() == [False] * 2 + [True] * 5 + [False] * 3 and not interpolated.any()
        assert filled[:, 0, 0].tolist() == [2, 2, 2, 3, 4, 5, 6, 6, 6, 6]


class TestSmooth:
    def test_motion_of_constant_acceleration_is_kept(self):
        landmarks = 0.05 * ramp(20) ** 2
        np.testing.assert_allclose(
            smooth_landmarks(landmarks, np.ones(20, bool), window=5), landmarks, atol=1e-4
        )

    def test_noise_falls_as_the_window_says(self):
        noise = np.random.default_rng(0).normal(size=(400, 68, 2)).astype(np.float32)
        smoothed = smooth_landmarks(noise, np.ones(400, bool), window=5)
        assert smoothed[5:-5].std() == pytest.approx(np.sqrt(17 / 35), rel=0.02)  # sum of squared weights

    def test_runs_do_not_mix(self):
        landmarks, valid = ramp(20), np.ones(20, bool)
        valid[9:11] = False
        landmarks[11:] += 100
        np.testing.assert_allclose(smooth_landmarks(landmarks, valid, window=5), landmarks, atol=1e-4)

    def test_off(self):
        noise = np.random.default_rng(0).normal(size=(9, 68, 2)).astype(np.float32)
        np.testing.assert_array_equal(smooth_landmarks(noise, np.ones(9, bool), window=1), noise)
