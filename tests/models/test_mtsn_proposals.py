"""Intervals of MTSN from made scores: reach, limits of length, and what tells micro from macro."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.mtsn_layout import Reach
from mezoo.models.mtsn_proposals import spot_both

REACH = {"micro": Reach(0.5, 0.5, 0.167, 1.0, 0.4), "macro": Reach(1.5, 1.5, 0.5, 3.0, 1.2)}
HALVES = {"micro": 6, "macro": 18}


def spot(score, **changes):
    settings = {"half_lengths": HALVES, "reach": REACH, "fps": 30, "threshold": 0.3, "margin": 0.2}
    return spot_both(score, **settings | changes)


def triangle(place, half, n=300):
    return np.maximum(0, 1 - np.abs(np.arange(n) - place) / half)


def test_a_short_rise_is_a_micro_and_no_macro_expression():
    found = spot(triangle(150, 8))
    assert len(found["micro"]) == 1 and not len(found["macro"])
    onset, offset = found["micro"].intervals[0]
    assert abs(found["micro"].apex[0] - 150) <= 1 and 140 <= onset < 148 and 152 < offset <= 160


def test_a_long_rise_is_a_macro_expression_only():
    found = spot(triangle(150, 40))
    assert len(found["macro"]) == 1 and not len(found["micro"])
    onset, offset = found["macro"].intervals[0]
    assert 105 <= onset < 135 and 165 < offset <= 195


def test_the_margin_decides_on_micro_expressions():
    assert len(spot(triangle(150, 8), margin=0.2)["micro"]) == 1
    assert not len(spot(triangle(150, 8), margin=0.9)["micro"])


def test_the_interval_reaches_to_the_deepest_place_above_the_threshold():
    lone = spot(triangle(100, 12), half_lengths={"micro": 1, "macro": 1}, margin=-1, threshold=0.5)["micro"]
    assert lone.intervals.tolist() == [[pytest.approx(95, abs=1), pytest.approx(105, abs=1)]]


def test_peaks_keep_apart_and_come_best_first():
    score = triangle(80, 8) + 0.8 * triangle(200, 8) + 0.5 * triangle(95, 8)
    found = spot(score)["micro"]
    assert np.abs(found.apex - [80, 200]).max() <= 4 and (np.diff(found.score) < 0).all()


def test_no_score_no_expression():
    assert not sum(map(len, spot(np.zeros(100)).values())) and not sum(map(len, spot(np.zeros(0)).values()))
