"""Paired comparison of two models tested on the same subjects.

Under the hypothesis that the models are alike, the results of each subject could as well be exchanged
between them. The p-value is the share of such random exchanges that give a difference of the pooled
statistics as large as the one observed (Fisher's randomisation test with the subject as the unit; Phipson
and Smyth 2010 for the "+ 1").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mezoo.evaluation.bootstrap import Statistic, percentile_bounds, resampled_sums


class Comparison(NamedTuple):
    """Difference first - second of a pooled statistic, its 95 % bootstrap bounds, and a two-sided p-value."""

    difference: float
    low: float
    high: float
    p_value: float


def compare(
    first: NDArray, second: NDArray, statistic: Statistic, *, n_resamples: int = 2000, seed: int = 0
) -> Comparison:
    """Compare two models.

    Parameters
    ----------
    first, second : ndarray, int, shape (S, ...)
        Counts of each subject under either model, in the same order of subjects.
    statistic : callable
        Applied to counts pooled over subjects; see `mezoo.evaluation.bootstrap.Statistic`.
    n_resamples : int
        Random exchanges, and bootstrap samples.
    seed : int
        Seed of both.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        When the models have not the same subjects, or there is none.
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or len(first) == 0:
        raise ValueError(
            f"counts have shapes {first.shape} and {second.shape}, expected the same S >= 1 subjects"
        )
    difference = float(statistic(first.sum(axis=0)) - statistic(second.sum(axis=0)))
    swapped = np.random.default_rng(seed).integers(0, 2, size=(n_resamples, len(first)))
    change = (swapped @ (second - first).reshape(len(first), -1)).reshape(n_resamples, *first.shape[1:])
    null = statistic(first.sum(axis=0) + change) - statistic(second.sum(axis=0) - change)
    # A tolerance, because equal differences may come from different sums and be rounded apart.
    extreme = np.abs(null) >= abs(difference) - 1e-12
    p_value = (1 + extreme.sum()) / (1 + (~np.isnan(null)).sum())
    samples = [statistic(resampled_sums(c, n_resamples=n_resamples, seed=seed)) for c in (first, second)]
    low, high = percentile_bounds(samples[0] - samples[1], level=0.95)
    return Comparison(difference, low, high, float(p_value) if np.isfinite(difference) else np.nan)
