"""The search in a feature matrix finds a bump of known place."""

from __future__ import annotations

import numpy as np

from mezoo.models.feature_matrix import contrast_curve, pick_apexes


def bumps(*places, n=200, width=5):
    features = 0.01 * np.random.default_rng(0).normal(size=(n, 16))
    for place in places:
        rows = np.arange(place - width, place + width + 1)
        features[rows] += (1 - np.abs(rows - place) / width)[:, None] * np.linspace(-1, 1, 16)
    return features


def test_one_apex():
    found = pick_apexes(contrast_curve(bumps(90), k=5), k=5, p=0.6)
    assert len(found) == 1 and abs(found.apex[0] - 90) <= 3
    assert found.intervals.tolist() == [[found.apex[0] - 5, found.apex[0] + 5]]


def test_two_apexes_and_a_slow_drift_that_is_none():
    features = bumps(60, 140) + np.linspace(0, 3, 200)[:, None]
    found = pick_apexes(contrast_curve(features, k=5), k=5, p=0.6)
    assert len(found) == 2 and np.abs(np.sort(found.apex) - [60, 140]).max() <= 3


def test_a_still_video_and_none_at_all():
    assert (contrast_curve(np.ones((50, 4)), k=5) == 0).all()
    assert len(pick_apexes(np.zeros(0), k=5, p=0.5)) == 0
