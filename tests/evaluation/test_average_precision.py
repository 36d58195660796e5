from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mezoo.evaluation.average_precision import average_precision
from mezoo.evaluation.spotting import rank_hits

SPAN = ["video", "type", "onset", "offset"]
TRUTH = pd.DataFrame(
    [("a", "micro", 10, 19), ("a", "micro", 50, 59), ("b", "micro", 10, 19), ("b", "macro", 10, 99)],
    columns=SPAN,
)


def predicted(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*SPAN, "score"])


def test_by_hand():
    ranking = predicted(
        ("b", "macro", 10, 99, 0.1),  # hit: 3 of 5, recall 3/4
        ("a", "micro", 10, 19, 0.9),  # hit: 1 of 1, recall 1/4
        ("b", "micro", 70, 79, 0.8),  # false alarm
        ("a", "micro", 11, 19, 0.7),  # false alarm: found already
        ("a", "micro", 50, 58, 0.6),  # hit: 2 of 4, raised to 3/5 by the next
    )
    assert average_precision(TRUTH, ranking) == pytest.approx((1 + 0.6 + 0.6) / 4)


def test_equal_scores_enter_together():
    ranking = predicted(("a", "micro", 10, 19, 0.5), ("a", "micro", 90, 99, 0.5))
    for order in ([0, 1], [1, 0]):
        assert average_precision(TRUTH, ranking.iloc[order]) == pytest.approx(1 / 4 * 1 / 2)


def test_ends():
    assert np.isnan(average_precision(TRUTH.iloc[:0], predicted(("a", "micro", 1, 2, 0.5))))
    assert average_precision(TRUTH, predicted()) == 0
    assert average_precision(TRUTH, TRUTH.assign(score=1.0)) == 1
    assert average_precision(TRUTH, TRUTH.assign(score=1.0, type="micro")) == pytest.approx(0.75 * 0.75)
    assert average_precision(TRUTH, TRUTH.assign(score=1.0, video="c")) == 0


def test_threshold():
    ranking = predicted(("a", "micro", 10, 14, 1.0))
    values = [average_precision(TRUTH, ranking, iou=iou) for iou in (0.3, 0.5, 0.6)]
    assert values == [0.25, 0.25, 0]


spans = st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 12))


@settings(max_examples=40)
@given(st.lists(spans, min_size=1, max_size=6), st.lists(st.tuples(spans, st.integers(0, 3)), max_size=8))
def test_is_the_area_under_the_curve_of_all_score_thresholds(annotations, ranking):
    truth = pd.DataFrame([(v, "micro", on, on + length) for v, on, length in annotations], columns=SPAN)
    rows = [(v, "micro", on, on + length, score / 10) for (v, on, length), score in ranking]
    found = predicted(*rows)

    curve = []
    for threshold in sorted({row[4] for row in rows}, reverse=True):
        kept = sorted((row for row in rows if row[4] >= threshold), key=lambda row: (-row[4], row[2], row[3]))
        hits = 0
        for video in "ab":
            own = [[row[2], row[3]] for row in kept if row[0] == video]
            hits += rank_hits(truth.loc[truth["video"] == video, ["onset", "offset"]], own).sum()
        curve.append((hits / len(truth), hits / len(kept)))
    area, before = 0.0, 0.0
    for i, (recall, _) in enumerate(curve):
        area += (recall - before) * max(precision for _, precision in curve[i:])
        before = recall
    value = average_precision(truth, found)
    assert value == pytest.approx(area) and 0 <= value <= before + 1e-12
    assert average_precision(truth, found.iloc[::-1]) == value
