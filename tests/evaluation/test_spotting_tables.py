from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mezoo.evaluation.spotting_tables import count_tables, match_tables, pool_table


def table(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["video", "type", "onset", "offset"])


TRUTH = table(("a", "micro", 10, 19), ("a", "macro", 50, 99), ("b", "macro", 50, 99))
PREDICTIONS = table(
    ("a", "micro", 11, 19), ("a", "micro", 300, 309), ("b", "micro", 50, 99), ("c", "macro", 5, 50)
)


def test_count_tables_keeps_videos_of_either_table():
    counts = count_tables(TRUTH, PREDICTIONS)
    assert counts.to_numpy().tolist() == [
        ["a", "micro", 1, 2, 1],
        ["a", "macro", 1, 0, 0],
        ["b", "micro", 0, 1, 0],  # a prediction of the other type is no hit
        ["b", "macro", 1, 0, 0],
        ["c", "micro", 0, 0, 0],
        ["c", "macro", 0, 1, 0],
    ]


def test_count_tables_of_nothing():
    assert list(count_tables(table(), table()).columns) == ["video", "type", "n_gt", "n_pred", "tp"]
    pooled = pool_table(count_tables(table(), table()))
    assert pooled["n_gt"].tolist() == [0, 0, 0] and pooled["f1"].isna().all()


def test_pool_sums_before_dividing():
    pooled = pool_table(count_tables(TRUTH, PREDICTIONS)).set_index("type")
    assert pooled.loc["all", ["n_gt", "n_pred", "tp", "fp", "fn"]].tolist() == [3, 4, 1, 3, 2]
    np.testing.assert_allclose(pooled["f1"], [2 * 1 / 4, 0, 2 * 1 / 7])
    np.testing.assert_allclose(pooled["precision"], [1 / 3, 0, 1 / 4])
    np.testing.assert_allclose(pooled["recall"], [1, 0, 1 / 3])
    assert "f1_low" not in pooled


def test_pool_with_subjects():
    subjects = pd.Series({"a": "s1", "b": "s2", "c": "s2"})
    pooled = pool_table(count_tables(TRUTH, PREDICTIONS), subjects=subjects).set_index("type")
    # Two subjects: a draw is s1 twice, both, or s2 twice, so F1 of micro is 2/3, 1/2 or 0.
    assert pooled.loc["micro", "f1"] == 0.5
    np.testing.assert_allclose(pooled.loc["micro", ["f1_low", "f1_high"]].astype(float), [0, 2 / 3])


def test_pairs_are_rows_of_the_tables_whatever_their_order():
    truth, predictions = TRUTH.iloc[[2, 0, 1]], PREDICTIONS.iloc[[3, 1, 0, 2]]
    assert match_tables(truth, predictions).tolist() == [[1, 2]]
    assert match_tables(truth, predictions, iou=0.95).tolist() == []
    assert match_tables(truth, table()).shape == (0, 2)


def test_impossible_counts_are_refused():
    twice = table(("a", "micro", 200, 240)), table(("a", "micro", 205, 236), ("a", "micro", 198, 250))
    with pytest.raises(ValueError, match="micro of a: impossible counts: 2 true positives of 1 annotations"):
        count_tables(*twice, rule="auwgcn_2023")
    made_up = pd.DataFrame([("a", "micro", 3, 3, 5)], columns=["video", "type", "n_gt", "n_pred", "tp"])
    with pytest.raises(ValueError, match="5 true positives of 3"):  # a recall of 1.667
        pool_table(made_up)
