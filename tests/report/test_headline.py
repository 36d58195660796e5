import numpy as np
import pandas as pd
import pytest

from mezoo.evaluation.spotting import f1
from mezoo.learning.pooling import read_scores
from mezoo.learning.score import complete
from mezoo.report.headline import comparisons, headline


def scores_of(counts, *, recipe="a", dataset="casme_sq", seeds=(0,), selection="last"):
    """Score rows from counts {subject: (n_gt, n_pred, tp)} of the type all; micro holds the same."""
    rows = [
        {
            "recipe": recipe,
            "dataset": dataset,
            "protocol": "loso",
            "seed": seed,
            "selection": selection,
            "subject": subject,
            "type": kind,
            **dict(zip(("n_gt", "n_pred", "tp"), values, strict=True)),
            "n_used": 2,
            "n_expected": 3,
        }
        for seed in seeds
        for subject, values in counts.items()
        for kind in ("micro", "macro", "all")
    ]
    table = complete(pd.DataFrame(rows))
    return table.assign(seed=table["seed"].astype(str))


def test_rows_are_those_of_the_score_files(world):
    scores = read_scores(world.scores())
    rows = headline(scores)
    assert list(rows["dataset"].unique()) == ["demo_casme_sq", "demo_samm_lv", "pooled"]
    assert set(rows["selection"]) == {"last", "inner", "oracle", "chance"}
    for row in rows.itertuples():
        same = scores[
            (scores["dataset"] == row.dataset)
            & (scores["recipe"] == row.recipe)
            & (scores["selection"] == row.selection)
            & (scores["subject"] == "ALL")
        ].set_index("type")
        for name, kind in (("f1_micro", "micro"), ("f1_macro", "macro"), ("f1_all", "all")):
            assert np.array_equal(getattr(row, name), same.loc[kind, "f1"], equal_nan=True)
        for name in ("lower", "upper", "precision", "recall", "n_used", "n_expected"):
            assert np.array_equal(getattr(row, name), same.loc["all", name], equal_nan=True)


def test_several_seeds_give_their_mean_and_spread():
    table = scores_of({"s1": (4, 4, 2), "s2": (2, 2, 1)}, seeds=(0, 1))
    (row,) = headline(table).itertuples()
    assert row.seed == "mean" and row.f1_all == pytest.approx(0.5) and row.seed_sd == 0
    assert (row.n_used, row.n_expected) == (4, 6)


def test_comparison_on_common_folds_only():
    first = scores_of({"s1": (4, 4, 4), "s2": (2, 2, 2), "s3": (9, 9, 0)}, recipe="a")
    second = scores_of({"s1": (4, 4, 1), "s2": (2, 2, 1)}, recipe="b")
    (row,) = comparisons(pd.concat([first, second])).itertuples()
    expected = f1(np.array([6, 6, 6])) - f1(np.array([6, 6, 2]))
    assert row.difference == pytest.approx(expected) and row.n_subjects == 2
    # both subjects favour the first: two of the four exchanges are as extreme
    assert row.p_value == pytest.approx(0.5, abs=0.04)


def test_comparison_takes_the_mean_over_common_seeds():
    first = scores_of({"s1": (4, 4, 4), "s2": (2, 2, 2)}, recipe="a", seeds=(0, 1, 2))
    second = scores_of({"s1": (4, 4, 4), "s2": (2, 2, 2)}, recipe="b", seeds=(1, 2))
    (row,) = comparisons(pd.concat([first, second])).itertuples()
    assert (row.difference, row.p_value, row.n_seeds) == (0, 1, 2)


def test_no_comparison_without_common_folds():
    first = scores_of({"s1": (4, 4, 4)}, recipe="a")
    second = scores_of({"s2": (4, 4, 4)}, recipe="b")
    assert comparisons(pd.concat([first, second])).empty


def test_pooled_comparison_keeps_equal_names_of_two_corpora_apart():
    parts = [
        scores_of({"001": (4, 4, 4)}, recipe=recipe, dataset=dataset)
        for recipe in ("a", "b")
        for dataset in ("casme_sq", "samm_lv")
    ]
    table = comparisons(pd.concat(parts)).set_index("dataset")
    assert table.loc["pooled", "n_subjects"] == 2
