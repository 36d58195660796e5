from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mezoo.evaluation.bootstrap import bootstrap_interval
from mezoo.evaluation.recognition import accuracy, best_looks, class_precision, count_looks, uar, uf1
from mezoo.evaluation.recognition_chance import LabelGuesser


def after_choice(truth, subjects, guesser, *, looks, seed):
    """Accuracy, UF1 and UAR of a guesser whose best look counts for each subject."""
    guesses = guesser.guess(len(truth), np.random.default_rng([seed, looks]), looks=looks)
    look = best_looks(truth, guesses, subjects, n_classes=3)
    chosen = guesses[look, np.arange(len(truth))]
    matrix = count_looks(truth, chosen[None], n_classes=3)[0]
    return accuracy(matrix), uf1(matrix), uar(matrix)


def test_guesses_have_the_prior_and_are_drawn_anew():
    guesser = LabelGuesser.from_labels([0, 0, 0, 2], n_classes=3)
    guesses = guesser.guess(50, np.random.default_rng(0), looks=400)
    assert guesses.shape == (400, 50) and guesses.dtype == np.int16
    shares = np.bincount(guesses.ravel(), minlength=3) / guesses.size
    assert shares == pytest.approx([0.75, 0, 0.25], abs=0.015)  # standard error 0.003
    assert len(np.unique(guesses, axis=0)) == 400
    assert np.array_equal(guesses, guesser.guess(50, np.random.default_rng(0), looks=400))


def test_no_label():
    with pytest.raises(ValueError, match="no training label"):
        LabelGuesser.from_labels([], n_classes=3)


@pytest.mark.parametrize("looks", [1, 4])
def test_accuracy_of_chance_is_the_analytic_one(looks):
    """One clip per subject: the best look is right unless all are wrong, 1 - sum p (1 - p)^looks."""
    prior = np.array([0.5, 0.3, 0.2])
    rng = np.random.default_rng(3)
    truth = rng.choice(3, size=3000, p=prior)
    found = after_choice(truth, list(range(3000)), LabelGuesser(prior), looks=looks, seed=0)[0]
    expected = 1 - (prior * (1 - prior) ** looks).sum()
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 3000))


@pytest.fixture(scope="module")
def logs(shared):
    """Public per-clip logs of STSTNet: truth, prediction, subject and corpus of 442 clips."""
    folder = shared / "oracles/evaluation/ststnet_log"
    tables = {
        name: pd.read_csv(folder / f"ststnet_{name}.csv", dtype={"subject": str})
        for name in ("python_log", "matlab_log")
    }
    return tables, json.loads((folder / "expected_metrics.json").read_text())


# Looks, guesser, accuracy, UF1, UAR of a published control: 20 runs on the 442 clips of MEGC 2019.
CONTROL = [
    (1, "uniform", 0.333, 0.314, 0.334),
    (50, "uniform", 0.700, 0.674, 0.703),
    (200, "uniform", 0.783, 0.759, 0.787),
    (800, "uniform", 0.823, 0.803, 0.828),
    (1, "prior", 0.415, 0.330, 0.331),
    (50, "prior", 0.756, 0.704, 0.691),
    (200, "prior", 0.816, 0.780, 0.764),
    (800, "prior", 0.854, 0.825, 0.811),
]


@pytest.mark.parametrize(("looks", "kind", "expected"), [(n, kind, values) for n, kind, *values in CONTROL])
def test_what_the_rule_alone_is_worth(logs, looks, kind, expected):
    """Ties by UF1 lift UAR by up to 0.01 above the control, which broke them by the later look alone."""
    table = logs[0]["python_log"]
    truth, subjects = table["truth"].to_numpy(), (table["database"] + table["subject"]).tolist()
    assert len(truth) == 442 and len(set(subjects)) == 68
    prior = LabelGuesser.from_labels(truth, n_classes=3)
    guesser = prior if kind == "prior" else LabelGuesser(np.full(3, 1 / 3))
    runs = [after_choice(truth, subjects, guesser, looks=looks, seed=seed) for seed in range(10)]
    assert np.mean(runs, axis=0) == pytest.approx(expected, abs=0.02)


def confusions(table: pd.DataFrame) -> np.ndarray:
    parts = table.groupby(["database", "subject"], sort=False)
    return np.stack(
        [
            count_looks(part["truth"].to_numpy(), part["prediction"].to_numpy()[None], n_classes=3)[0]
            for _, part in parts
        ]
    )


@pytest.mark.parametrize("log", ["python_log", "matlab_log"])
@pytest.mark.parametrize("part", ["full", "smic", "casme2", "samm"])
def test_scores_and_intervals_of_a_published_log(logs, log, part):
    table, expected = logs[0][log], logs[1][log][part]
    own = confusions(table if part == "full" else table[table["database"] == part])
    total = own.sum(axis=0)
    assert total.tolist() == expected["confusion_rows_truth"]
    assert (total.sum(), len(own)) == (expected["n"], expected["subjects"])
    for name, metric, bounds in (
        ("accuracy", accuracy, "acc_ci95"),
        ("UF1", uf1, "UF1_ci95"),
        ("UAR", uar, "UAR_ci95"),
    ):
        found = bootstrap_interval(own, metric, n_resamples=4000)
        assert found.value == pytest.approx(expected[name], abs=1e-12)
        assert (found.low, found.high) == pytest.approx(expected[bounds], abs=0.01)


def test_the_uar_that_the_paper_of_ststnet_prints_is_macro_precision(logs):
    table = logs[0]["matlab_log"]
    printed = {"full": 0.7605, "smic": 0.7013, "casme2": 0.8686, "samm": 0.6810}
    recall = {"full": 0.7186, "smic": 0.6703, "casme2": 0.8190, "samm": 0.6415}
    for part, value in printed.items():
        matrix = confusions(table if part == "full" else table[table["database"] == part]).sum(axis=0)
        assert class_precision(matrix).mean() == pytest.approx(value, abs=6e-5)
        assert uar(matrix) == pytest.approx(recall[part], abs=6e-5)
