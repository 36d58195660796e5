from __future__ import annotations

import numpy as np
import pytest

from mezoo.evaluation.paired import compare
from mezoo.evaluation.spotting import f1


def subjects(tp: np.ndarray) -> np.ndarray:
    return np.stack([np.full_like(tp, 10), np.full_like(tp, 10), tp], axis=1)


def test_difference_by_hand():
    result = compare(subjects(np.array([6, 4])), subjects(np.array([3, 5])), f1)
    assert result.difference == pytest.approx(0.1)
    # Of the four exchanges all give |difference| >= 0.1 (0.1 or 0.2).
    assert result.p_value == 1.0


def test_p_value_of_a_consistent_difference():
    # Nine subjects all better by the same amount: only the identity and the full exchange are as extreme.
    better, worse = subjects(np.full(9, 6)), subjects(np.full(9, 4))
    result = compare(better, worse, f1, n_resamples=50_000, seed=0)
    assert result.p_value == pytest.approx(2 / 2**9, rel=0.15)
    assert (result.low, result.high) == pytest.approx((0.2, 0.2))


def test_same_model():
    counts = subjects(np.array([1, 5, 9]))
    assert compare(counts, counts, f1) == (0.0, 0.0, 0.0, 1.0)


def test_antisymmetric():
    rng = np.random.default_rng(0)
    first, second = subjects(rng.integers(0, 10, 20)), subjects(rng.integers(0, 10, 20))
    one, other = compare(first, second, f1, seed=3), compare(second, first, f1, seed=3)
    assert one.difference == -other.difference and one.p_value == other.p_value
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_false_alarms_are_as_rare_as_promised():
    rng = np.random.default_rng(1)
    p = [
        compare(
            subjects(rng.integers(0, 10, 15)), subjects(rng.integers(0, 10, 15)), f1, n_resamples=200, seed=i
        )
        for i in range(300)
    ]
    rejected = np.mean([result.p_value <= 0.1 for result in p])
    assert 0.05 < rejected < 0.15  # 0.1 with a standard error of 0.017


def test_exception():
    with pytest.raises(ValueError, match="same S"):
        compare(np.zeros((3, 3)), np.zeros((4, 3)), f1)
    with pytest.raises(ValueError, match="same S"):
        compare(np.zeros((0, 3)), np.zeros((0, 3)), f1)
