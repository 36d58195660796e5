"""The choice of C: subjects stay together, predictions are pooled, ties go to the smaller value."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.learning import svm_choice
from mezoo.learning.svm_choice import choose_C


@pytest.fixture
def noisy():
    """Two classes that differ along one axis, beside many axes of noise: a small C generalises best."""
    rng = np.random.default_rng(0)
    y, subjects = np.arange(60) % 2, np.repeat(np.arange(6), 10)
    x = rng.normal(size=(60, 40)) * 0.8
    x[:, 0] += 2 * y
    return x, y, subjects


def test_the_better_one_wins(noisy):
    x, y, subjects = noisy
    scores = {}
    for train, held_out in ((subjects != s, subjects == s) for s in range(6)):
        for candidate in (0.01, 100.0):
            model = svm_choice.fit_svm(x[train], y[train], 2, C=candidate)
            scores[candidate] = scores.get(candidate, 0) + (model.predict(x[held_out]) == y[held_out]).sum()
    assert scores[0.01] > scores[100.0]  # by construction
    assert choose_C(x, y, subjects, [100.0, 0.01], n_classes=2, n_folds=6) == 0.01


def test_ties_go_to_the_smaller():
    y = np.arange(20) % 2
    x = np.c_[y * 10.0, np.zeros(20)]
    assert choose_C(x, y, np.arange(20) // 4, [10.0, 1.0, 5.0], n_classes=3) == 1.0


def test_no_subject_on_both_sides(noisy, monkeypatch):
    x, y, subjects = noisy
    x[:, 1] = subjects
    seen = []

    def recorded(trained, classes, n_classes, **options):
        seen.append(set(trained[:, 1]))
        assert options == {"C": 1.0, "kernel": "linear"}
        return svm_choice_fit(trained, classes, n_classes, **options)

    svm_choice_fit = svm_choice.fit_svm
    monkeypatch.setattr(svm_choice, "fit_svm", recorded)
    choose_C(x, y, [f"s{k}" for k in subjects], [1.0], n_classes=2, n_folds=3, kernel="linear")
    assert len(seen) == 3 and all(len(part) == 4 for part in seen)  # two of six subjects held out, whole
    assert set.union(*(set(range(6)) - part for part in seen)) == set(range(6))


@pytest.mark.parametrize(("candidates", "n_subjects"), [([], 6), ([1.0], 1)])
def test_nothing_to_choose_from(noisy, candidates, n_subjects):
    x, y, subjects = noisy
    with pytest.raises(ConfigError):
        choose_C(x, y, subjects % n_subjects, candidates, n_classes=2)
