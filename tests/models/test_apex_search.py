from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.apex_search import divide_and_conquer, spot_windows


def out_and_back(frames: int, onset: int, half: int, *, speed=0.5) -> np.ndarray:
    """All ROIs move right from `onset` for `half` rows and back as long."""
    mdmo = np.zeros((frames, 12, 2))
    mdmo[onset : onset + half, :, 0] = speed
    mdmo[onset + half : onset + 2 * half, :, 0] = -speed
    return mdmo


def test_one_peak_is_the_apex():
    t = np.arange(40)
    assert divide_and_conquer(np.exp(-((t - 13) ** 2) / 20)) == 13


def test_the_half_with_more_peak_height_wins_over_the_single_highest_peak():
    curve = np.zeros(32)
    curve[4] = 5.0  # the highest of all, alone in the first half
    curve[[18, 22, 28]] = [2.0, 3.0, 1.5]  # together higher: the second half is kept
    assert divide_and_conquer(curve) == 22  # of [16, 24) against [24, 32), then [20, 24) against [16, 20)


def test_without_a_peak_the_largest_value():
    assert divide_and_conquer(np.arange(9.0)) == 8
    assert divide_and_conquer(np.array([2.0])) == 0


def test_every_peak_is_found_alone():
    rng = np.random.default_rng(0)
    for _ in range(50):
        curve = rng.random(int(rng.integers(3, 80)))
        apex = divide_and_conquer(curve)
        inside = 0 < apex < len(curve) - 1
        assert not inside or (curve[apex] >= curve[apex - 1] and curve[apex] >= curve[apex + 1])


@pytest.mark.parametrize("onset", range(9, 75, 5))
def test_an_expression_is_found_once_wherever_it_lies(onset):
    found = spot_windows(out_and_back(100, onset, 8), k=8, p=0.3)
    assert found.intervals.tolist() == [[onset, onset + 16]] and found.apex.tolist() == [onset + 8]


def test_two_expressions_best_first():
    mdmo = out_and_back(300, 60, 8) + out_and_back(300, 200, 8, speed=0.8)
    assert spot_windows(mdmo, k=8, p=0.3).apex.tolist() == [208, 68]
    assert spot_windows(mdmo, k=8, p=0.8).apex.tolist() == [208]


@pytest.mark.parametrize("frames", [0, 1, 5, 50])
def test_no_motion_gives_nothing(frames):
    assert len(spot_windows(np.zeros((frames, 12, 2)), k=5, p=0.5)) == 0


def test_exceptions():
    with pytest.raises(ValueError, match="k is 0"):
        spot_windows(np.zeros((9, 12, 2)), k=0, p=0.5)
    with pytest.raises(ValueError, match="p is 2"):
        spot_windows(np.zeros((9, 12, 2)), k=1, p=2)
