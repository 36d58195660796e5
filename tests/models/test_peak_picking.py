from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.peak_picking import around, height, pick_peaks


def test_height_lies_between_mean_and_maximum():
    curve = np.array([0.0, 1.0, 5.0])
    assert [height(curve, p) for p in (0, 0.5, 1)] == [2.0, 3.5, 5.0]


def test_peaks_become_intervals_best_first():
    curve = np.zeros(60)
    curve[[20, 40]] = [1.0, 2.0]
    found = pick_peaks(curve, k=5, p=0.2)
    assert found.intervals.tolist() == [[35, 45], [15, 25]]
    assert found.score.tolist() == [2.0, 1.0] and found.apex.tolist() == [40, 20]
    assert pick_peaks(curve, k=5, p=0.9).apex.tolist() == [40]
    assert pick_peaks(curve, k=25, p=0.2).apex.tolist() == [40], "the lower one is too near"


def test_intervals_are_clipped():
    assert around(np.arange(10.0), np.array([1, 8]), k=4).intervals.tolist() == [[4, 9], [0, 5]]


def test_a_rising_curve_and_none_have_no_peak():
    assert len(pick_peaks(np.arange(9.0), k=2, p=0)) == len(pick_peaks(np.zeros(0), k=2, p=0)) == 0


@pytest.mark.parametrize(("k", "p"), [(0, 0.5), (1, -0.1), (1, 1.1)])
def test_exceptions(k, p):
    with pytest.raises(ValueError, match=f"k is {k} and p is {p}"):
        pick_peaks(np.zeros(5), k=k, p=p)
    if k:
        with pytest.raises(ValueError, match="p is"):
            height(np.ones(5), p)
