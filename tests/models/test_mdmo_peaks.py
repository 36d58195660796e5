from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.mdmo_peaks import half_mean_length, motion, spot_peaks


def bumps(frames: int, peaks: dict[int, float], width: float = 4.0) -> np.ndarray:
    """Features whose motion is a sum of bumps of the given heights."""
    t = np.arange(frames)
    size = sum(height * np.exp(-((t - at) ** 2) / (2 * width**2)) for at, height in peaks.items())
    direction = np.array([0.6, -0.8])
    return (size[:, None, None] * direction + np.zeros((1, 12, 1))).astype(np.float32)


def test_motion_is_the_mean_length_in_the_window():
    mdmo = np.zeros((5, 12, 2))
    mdmo[2, :6] = [3, 4]  # half of the ROIs move by 5 px
    np.testing.assert_allclose(motion(mdmo, window=1), [0, 0, 2.5, 0, 0])
    np.testing.assert_allclose(motion(mdmo, window=3), [0, 2.5 / 3, 2.5 / 3, 2.5 / 3, 0])


def test_motion_at_the_ends_averages_existing_frames():
    np.testing.assert_allclose(motion(bumps(30, {15: 1.0}, width=1e6), window=7), np.ones(30), rtol=1e-6)


def test_finds_the_peaks_best_first():
    found = spot_peaks(bumps(200, {50: 1.0, 120: 2.0}), k=9, p=0.3)
    assert found.apex.tolist() == [120, 50]
    assert found.intervals.tolist() == [[111, 129], [41, 59]]
    assert found.score[0] > found.score[1] > 0


def test_threshold_lies_between_mean_and_maximum():
    mdmo = bumps(200, {50: 1.0, 120: 2.0})
    assert spot_peaks(mdmo, k=9, p=0.9).apex.tolist() == [120]
    assert spot_peaks(mdmo, k=9, p=0.0).apex.tolist() == [120, 50]


def test_peaks_closer_than_k_are_one():
    mdmo = bumps(200, {100: 2.0, 112: 1.8}, width=2)
    assert len(spot_peaks(mdmo, k=5, p=0.2)) == 2
    assert spot_peaks(mdmo, k=15, p=0.2).apex.size == 1


def test_intervals_stay_in_the_video():
    assert spot_peaks(bumps(40, {5: 1.0, 34: 1.5}, width=1.5), k=7, p=0.1).intervals.tolist() == [
        [27, 39],
        [0, 12],
    ]


@pytest.mark.parametrize("frames", [0, 1, 50])
def test_no_motion_gives_nothing(frames):
    assert len(spot_peaks(np.zeros((frames, 12, 2)), k=5, p=0.5)) == 0


def test_half_mean_length():
    # SOFTNet's rule int((mean(offset - onset) + 1) / 2): mean 12.5 -> 6.75 -> 6.
    assert half_mean_length([10, 100], [22, 113]) == 6
    assert half_mean_length([5], [5]) == 1


def test_exception():
    with pytest.raises(ValueError, match="k is 0"):
        spot_peaks(np.zeros((9, 12, 2)), k=0, p=0.5)
