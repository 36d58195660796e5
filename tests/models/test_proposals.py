from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mezoo.models.proposals import Proposals, suppress_overlaps


def make(*rows: tuple[int, int, float]) -> Proposals:
    onset, offset, score = (np.array(column) for column in zip(*rows, strict=True))
    return Proposals(onset, (onset + offset) // 2, offset, score.astype(float))


def test_views():
    found = make((3, 9, 0.5), (1, 4, 0.7))
    assert len(found) == 2 and found.intervals.tolist() == [[3, 9], [1, 4]]
    assert found.shifted(10).intervals.tolist() == [[13, 19], [11, 14]]
    assert found.shifted(10).apex.tolist() == [16, 12]
    assert found.select(np.array([1])).score.tolist() == [0.7]


def test_suppression_by_hand():
    # [0,10] and [0,20] overlap by exactly one half: both stay. [1,10] overlaps [0,10] by 0.9: goes.
    kept = suppress_overlaps(
        make((0, 20, 0.5), (1, 10, 0.8), (0, 10, 0.9), (50, 60, 0.1)), max_iou=0.5, top_k=5
    )
    assert kept.intervals.tolist() == [[0, 10], [0, 20], [50, 60]]


def test_top_k_and_zero_scores():
    rows = [(100 * i, 100 * i + 10, score) for i, score in enumerate((0.2, 0.0, 0.9, 0.4))]
    assert suppress_overlaps(make(*rows), max_iou=0.5, top_k=2).score.tolist() == [0.9, 0.4]
    assert suppress_overlaps(make(*rows), max_iou=0.5, top_k=9).score.tolist() == [0.9, 0.4, 0.2]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.floats(0.01, 1)), min_size=1, max_size=30)
)
def test_what_stays_does_not_overlap_and_what_goes_does(rows):
    every = make(*((onset, onset + length, score) for onset, length, score in rows))
    kept = suppress_overlaps(every, max_iou=0.5, top_k=len(rows))
    spans = kept.intervals

    def iou(a, b):
        common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
        return common / (a[1] - a[0] + b[1] - b[0] - common)

    assert all(iou(spans[i], spans[j]) <= 0.5 for i in range(len(spans)) for j in range(i))
    assert all(any(iou(one, best) > 0.5 or (one == best).all() for best in spans) for one in every.intervals)
    assert (np.diff(kept.score) <= 0).all()
