from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezoo.evaluation.spotting import (
    RULES,
    TYPES,
    best_look,
    check,
    count,
    f1,
    match,
    precision,
    rank_hits,
    recall,
    scored_intervals,
)

span_lists = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 20)).map(lambda pair: (pair[0], sum(pair))), max_size=8
)


class TestMatch:
    @pytest.mark.parametrize(
        ("truth", "predicted", "pairs"),
        [
            ([[10, 19]], [[10, 14]], [[0, 0]]),  # 5 of 10 frames: one half counts
            ([[10, 20]], [[10, 14]], []),  # 5 of 11
            ([[5, 5]], [[5, 5]], [[0, 0]]),  # one frame
            ([[0, 9]], [[10, 19]], []),  # touch
            ([[0, 9]], [[0, 9], [0, 9]], [[0, 0]]),  # each annotation once
            ([[0, 9], [0, 9]], [[0, 9]], [[0, 0]]),  # each prediction once
            ([[0, 9], [100, 109]], [[101, 109], [0, 9]], [[0, 1], [1, 0]]),  # best overlap first
            ([], [[0, 9]], []),
            ([[0, 9]], [], []),
        ],
    )
    def test_by_hand(self, truth, predicted, pairs):
        assert match(truth, predicted).tolist() == pairs

    def test_exactness_far_from_zero(self):
        # One half exactly with lengths for which 0.5 would not survive careless floating-point division.
        for length in (3, 7, 11, 333, 999_999):
            assert len(match([[10**7, 10**7 + 2 * length - 1]], [[10**7, 10**7 + length - 1]])) == 1
            assert len(match([[10**7, 10**7 + 2 * length]], [[10**7, 10**7 + length - 1]])) == 0

    @pytest.mark.parametrize("tenths", range(1, 11))
    def test_every_threshold_is_met_exactly(self, tenths):
        # Ten frames of which the prediction has the first few: IoU is that number of tenths.
        assert len(match([[30, 39]], [[30, 29 + tenths]], iou=tenths / 10)) == 1
        assert len(match([[30, 40]], [[30, 29 + tenths]], iou=tenths / 10)) == 0

    def test_exception(self):
        with pytest.raises(ValueError, match="truth holds an interval with offset < onset"):
            match([[100, 0]], [[1, 2]])
        for iou in (0, 1.5, float("nan")):
            with pytest.raises(ValueError, match="is no threshold"):
                match([[1, 2]], [[1, 2]], iou=iou)

    @given(span_lists, span_lists)
    def test_a_higher_threshold_keeps_some_of_the_pairs(self, truth, predicted):
        grid = [match(truth, predicted, iou=tenths / 10).tolist() for tenths in range(1, 11)]
        for low, high in zip(grid, grid[1:], strict=False):
            assert high == low[: len(high)]

    @given(span_lists, span_lists)
    def test_is_one_to_one_and_symmetric_in_number(self, truth, predicted):
        pairs = match(truth, predicted)
        assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
        assert len(pairs) <= min(len(truth), len(predicted))
        for i, j in pairs:
            (a, b), (c, d) = truth[i], predicted[j]
            common = set(range(a, b + 1)) & set(range(c, d + 1))
            assert 2 * len(common) >= len(set(range(a, b + 1)) | set(range(c, d + 1)))


class TestRankHits:
    @pytest.mark.parametrize(
        ("truth", "predicted", "hits"),
        [
            ([[0, 9]], [[0, 4], [0, 9]], [True, False]),  # the first takes it, though the second is better
            ([[0, 9], [8, 17]], [[0, 9], [4, 13]], [True, False]),  # of equal overlaps the first, taken
            ([[0, 9], [8, 17]], [[8, 17], [1, 9]], [True, True]),
            ([[0, 9]], [[5, 14]], [False]),  # 5 of 15
            ([], [[0, 9]], [False]),
            ([[0, 9]], [], []),
        ],
    )
    def test_by_hand(self, truth, predicted, hits):
        assert rank_hits(truth, predicted).tolist() == hits

    @given(span_lists, span_lists, st.sampled_from([0.1, 0.5, 0.9]))
    def test_each_annotation_once(self, truth, predicted, iou):
        assert rank_hits(truth, predicted, iou=iou).sum() <= min(len(truth), len(predicted))


class TestCount:
    def test_rules_differ_where_they_should(self):
        half = ([[10, 19]], [[10, 14]])
        assert [count(*half, rule=rule)[2] for rule in ("megc2021", "auwgcn", "auwgcn_2023")] == [1, 0, 0]
        missing = ([[100, 0], [200, 240]], [[90, 120], [205, 236], [198, 250]])
        assert count(*missing, rule="auwgcn").tolist() == [2, 3, 1]
        assert count(*missing, rule="auwgcn_2023").tolist() == [2, 3, 2]

    def test_a_rule_that_finds_one_annotation_twice_is_refused(self):
        with pytest.raises(ValueError, match="2 true positives of 1 annotations"):
            count([[200, 240]], [[205, 236], [198, 250]], rule="auwgcn_2023")

    def test_abpn_counts_annotations(self):
        wide = ([[10, 29], [12, 31]], [[11, 30], [500, 520]])
        assert count(*wide, rule="abpn").tolist() == [2, 2, 2]
        assert count(*wide, rule="auwgcn").tolist() == [2, 2, 1]
        assert count([[100, 0]], [[90, 120]], rule="abpn").tolist() == [1, 1, 0]
        with pytest.raises(ValueError, match="2 true positives of 2 annotations, 1 predictions"):
            count([[10, 29], [12, 31]], [[11, 30]], rule="abpn")

    def test_softnet_counts_a_dummy_and_leaves_out_videos_and_annotations(self):
        assert count([[10, 19]], [], rule="softnet").tolist() == [1, 1, 0]
        assert count([], [[10, 19], [30, 39]], rule="softnet").tolist() == [0, 0, 0]
        assert count([[0, 19], [30, 39]], [[0, 19], [30, 39]], rule="softnet").tolist() == [1, 2, 1]
        # The first prediction that finds it counts; the better one after it is a false alarm, as everywhere.
        assert count([[10, 19]], [[10, 14], [10, 19]], rule="softnet").tolist() == [1, 2, 1]

    @pytest.mark.parametrize("rule", RULES)
    def test_every_rule_reads_the_threshold(self, rule):
        tenth = ([[100, 199]], [[190, 279]])  # 10 of 180 frames
        assert count(*tenth, rule=rule, iou=0.05)[2] == 1
        assert count(*tenth, rule=rule, iou=0.1)[2] == 0

    def test_a_prediction_is_claimed_once(self):
        assert count([[10, 29], [12, 31]], [[11, 30]], rule="auwgcn").tolist() == [2, 1, 1]

    @given(span_lists, span_lists)
    def test_invariants(self, truth, predicted):
        for rule in ("megc2021", "auwgcn"):  # the two that cannot count a hit twice and leave nothing out
            n_gt, n_pred, tp = count(truth, predicted, rule=rule)
            assert (n_gt, n_pred) == (len(truth), len(predicted)) and 0 <= tp <= min(n_gt, n_pred)

    @given(span_lists)
    def test_the_truth_scores_one(self, truth):
        assert count(truth, truth).tolist() == [len(truth)] * 3


@pytest.mark.parametrize("wrong", [[3, 4, 5], [3, 2, 3], [3, -1, 0]])
def test_check_refuses_impossible_counts(wrong):
    with pytest.raises(ValueError, match="impossible"):
        check(np.array([[1, 1, 1], wrong]))


def test_ratios_by_hand():
    counts = np.array([[4, 6, 3], [0, 2, 0], [2, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(precision(counts), [0.5, 0, np.nan, np.nan])
    np.testing.assert_allclose(recall(counts), [0.75, np.nan, 0, np.nan])
    np.testing.assert_allclose(f1(counts), [0.6, 0, 0, np.nan])


def test_best_look_pools_the_types():
    looks = np.array(
        [[[2, 2, 2], [8, 8, 0]], [[2, 2, 0], [8, 8, 3]], [[2, 2, 1], [8, 8, 2]], [[2, 0, 0], [8, 0, 0]]]
    )
    assert best_look(looks) == 1  # 3 of 10, first of two equals
    assert best_look(np.zeros((5, 2, 3), int)) == 0


def test_scored_intervals():
    nan = np.nan
    spans = scored_intervals([10, 20, nan], [12, 25, 4], [18, nan, 9], first_frame=1)
    assert spans.tolist() == [[10, 18], [20, 25], [1, 9]]
    with pytest.raises(ValueError, match="event 1"):
        scored_intervals([10, 20], [12, nan], [18, nan], first_frame=1)


def test_oracle_videos(shared):
    oracle = json.loads((shared / "oracles" / "metrics" / "spotting.json").read_text())
    total = np.zeros((2, 3), int)
    official = np.zeros((2, 3), int)
    for name, video in oracle["videos"].items():
        for i, kind in enumerate(TYPES):
            truth, predicted = ([row[:2] for row in video[key] if row[2] == kind] for key in ("gt", "pred"))
            expected = video["expected"][kind]
            assert match(truth, predicted).tolist() == expected["matches"], name
            counts = count(truth, predicted)
            n_gt, n_pred, tp = counts.tolist()
            assert (tp, n_pred - tp, n_gt - tp) == (expected["tp"], expected["fp"], expected["fn"]), name
            total[i] += counts
            official[i] += count(truth, predicted, rule="auwgcn")
            assert count(truth, predicted, rule="auwgcn")[2] == expected["tp_exclusive_strict"], name
    for pooled, kind in ((total[0], "micro"), (total[1], "macro"), (total.sum(axis=0), "all")):
        expected = oracle["pooled"][kind]
        assert pooled.tolist() == [expected["n_gt"], expected["n_pred"], expected["tp"]]
        for metric in (precision, recall, f1):
            assert metric(pooled) == pytest.approx(expected[metric.__name__]["value"], abs=1e-15)
    assert official[:, 2].tolist() == [oracle["pooled"][kind]["tp_exclusive_strict"] for kind in TYPES]
    for case in oracle["degenerate"].values():
        counts = np.array([case["n_gt"], case["n_pred"], case["tp"]])
        for metric in (precision, recall, f1):
            value = case[metric.__name__]
            assert np.isnan(metric(counts)) if value is None else metric(counts) == value["value"]


def test_parity_with_official_evaluator(shared):
    oracle = json.loads((shared / "oracles" / "auwgcn" / "tp_oracle.json").read_text())
    for group in oracle["result"]:
        key = (group["video"], group["type_idx"])
        truth, predicted = (
            [row[1:3] for row in oracle[name] if (row[0], row[3]) == key] for name in ("gt", "pred")
        )
        assert count(truth, predicted, rule="auwgcn")[1:].tolist() == [group["n"], group["find"]]
        assert count(truth, predicted, rule="auwgcn_2023")[2] == group["tp"]


def test_published_pooling(shared):
    # The baseline's own numbers: recall, precision and F1 from its counts.
    text = (shared / "oracles" / "auwgcn" / "megc2020_baseline" / "mdmd_results.txt").read_text()
    lines = [line for line in text.splitlines() if "predict:" in line]
    assert len(lines) == 6
    for line in lines:
        value = {name: float(number) for name, number in re.findall(r"([\w-]+): +([\d.]+)", line)}
        counts = np.array([value["labels"], value["predict"], value["true_predict"]], int)
        assert [m(counts) for m in (recall, precision, f1)] == pytest.approx(
            [value["recall"], value["precision"], value["F1-Score"]], abs=1e-12
        )


def test_scored_intervals_equal_the_published_list(shared):
    folder = shared / "oracles" / "auwgcn"
    with open(folder / "info_csv" / "cas(me)_new.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    frames = np.array([[float(row[c]) for c in ("start_frame", "apex_frame", "end_frame")] for row in rows])
    spans = scored_intervals(*np.where(frames == 0, np.nan, frames).T, first_frame=1)
    mine = sorted(
        (f"s{r['video_name'][7:9]}", r["video_name"][-4:], *s)
        for r, s in zip(rows, spans.tolist(), strict=True)
    )
    published = [
        line.split()
        for line in (folder / "megc2020_baseline" / "casme2_intervals.txt").read_text().splitlines()
    ]
    theirs = sorted((p[0], p[1], int(float(p[3])), int(float(p[5]))) for p in published if p)
    assert mine == theirs
