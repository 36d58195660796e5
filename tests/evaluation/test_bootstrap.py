from __future__ import annotations

import math

import numpy as np
import pytest

from mezoo.evaluation.bootstrap import bootstrap_interval, percentile_bounds, resampled_sums
from mezoo.evaluation.recognition import uf1
from mezoo.evaluation.spotting import f1


def mean(counts: np.ndarray) -> np.ndarray:
    """Counts (..., 2) are (sum of values, number of values)."""
    return counts[..., 0] / counts[..., 1]


def test_every_draw_holds_as_many_subjects():
    sums = resampled_sums(np.eye(5, dtype=int), n_resamples=300, seed=0)
    assert sums.shape == (300, 5) and (sums.sum(axis=1) == 5).all() and sums.min() == 0


def test_probability_of_missing_a_subject():
    sums = resampled_sums(np.eye(10, dtype=int), n_resamples=20_000, seed=0)
    assert (sums[:, 0] == 0).mean() == pytest.approx(0.9**10, abs=0.01)


def test_interval_of_a_mean_agrees_with_theory():
    # The bootstrap of a mean of n values has standard deviation s / sqrt(n); bounds at 1.96 of it.
    values = np.random.default_rng(0).integers(0, 100, size=200)
    counts = np.stack([values, np.ones_like(values)], axis=1)
    bounds = bootstrap_interval(counts, mean, n_resamples=5000, seed=1)
    half = 1.96 * values.std() / math.sqrt(200)
    assert bounds.value == values.mean()
    assert bounds.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert bounds.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_equal_subjects_have_no_spread():
    assert bootstrap_interval(np.tile([4, 6, 3], (9, 1)), f1) == (0.6, 0.6, 0.6)


def test_seed():
    counts = np.random.default_rng(0).integers(1, 9, size=(12, 3))
    counts[:, 2] = 1
    assert bootstrap_interval(counts, f1, seed=5) == bootstrap_interval(counts, f1, seed=5)
    assert bootstrap_interval(counts, f1, seed=5) != bootstrap_interval(counts, f1, seed=6)


def test_confusion_matrices():
    rng = np.random.default_rng(0)
    confusions = rng.integers(0, 4, size=(15, 3, 3)) + 5 * np.eye(3, dtype=int)
    bounds = bootstrap_interval(confusions, uf1)
    assert bounds.low < bounds.value == uf1(confusions.sum(axis=0)) < bounds.high


def test_undefined():
    assert all(np.isnan(bootstrap_interval(np.zeros((0, 3), int), f1)))
    assert all(np.isnan(bootstrap_interval(np.zeros((4, 3), int), f1)))
    some = bootstrap_interval(np.array([[0, 0, 0], [2, 2, 2]]), f1)  # a draw of the first alone is left out
    assert some == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="no subject"):
        resampled_sums(np.zeros((0, 3)), n_resamples=10, seed=0)


def test_percentile_bounds():
    assert percentile_bounds(np.arange(101.0), level=0.9) == pytest.approx((5, 95))
