"""Confidence interval of a pooled statistic by resampling whole subjects (percentile bootstrap, Efron 1979).

Clips of one person are alike, so the person is the unit that is drawn: an interval from resampled clips
would be too narrow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Statistic = Callable[[NDArray], NDArray[np.float64]]
"""Maps pooled counts, with any leading axes, to one number each; e.g. `spotting.f1` or `recognition.uf1`."""


class Interval(NamedTuple):
    """A statistic of all subjects and the bounds of its interval."""

    value: float
    low: float
    high: float


def resampled_sums(per_subject: NDArray, *, n_resamples: int, seed: int) -> NDArray[np.int64]:
    """Sum counts over subjects drawn with replacement.

    Parameters
    ----------
    per_subject : ndarray, int, shape (S, ...)
        Counts of each subject, e.g. (n_gt, n_pred, tp) or a confusion matrix.
    n_resamples : int
        How often S subjects are drawn.
    seed : int
        Seed of the draw; the same seed and S draw the same subjects.

    Returns
    -------
    ndarray, int64, shape (n_resamples, ...)

    Raises
    ------
    ValueError
        When there is no subject.
    """
    subjects = len(per_subject)
    if subjects == 0:
        raise ValueError("no subject to draw from")
    draws = np.random.default_rng(seed).multinomial(
        subjects, np.full(subjects, 1 / subjects), size=n_resamples
    )
    flat = np.asarray(per_subject, np.int64).reshape(subjects, -1)
    return (draws @ flat).reshape(n_resamples, *per_subject.shape[1:])


def bootstrap_interval(
    per_subject: NDArray, statistic: Statistic, *, n_resamples: int = 2000, seed: int = 0, level: float = 0.95
) -> Interval:
    """Interval of a statistic of the counts pooled over subjects.

    Parameters
    ----------
    per_subject : ndarray, int, shape (S, ...)
        Counts of each subject.
    statistic : callable
        Applied to the sum over subjects, and to all resampled sums at once.
    n_resamples, seed : int
        See `resampled_sums`.
    level : float
        Coverage.

    Returns
    -------
    Interval
        Samples in which the statistic is undefined (NaN) are left out; NaN bounds when that is all of them.
        Without subjects everything is NaN.
    """
    per_subject = np.asarray(per_subject)
    if len(per_subject) == 0:
        return Interval(np.nan, np.nan, np.nan)
    value = float(statistic(per_subject.sum(axis=0)))
    samples = statistic(resampled_sums(per_subject, n_resamples=n_resamples, seed=seed))
    return Interval(value, *percentile_bounds(samples, level=level))


def percentile_bounds(samples: NDArray[np.float64], *, level: float) -> tuple[float, float]:
    """Lower and upper bound that leave (1 - level) / 2 of the defined samples on either side."""
    defined = samples[~np.isnan(samples)]
    if not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
