"""Pseudo-labels by hand, and the rows that are drawn."""

from __future__ import annotations

import numpy as np

from mezoo.models.frame_targets import (
    Marks,
    class_labels,
    draw_rows,
    hard_and_soft_labels,
    marks,
    overlap_labels,
)

EVENTS = [Marks(5, 7, 9, "micro"), Marks(14, 15, 18, "macro")]


def test_marks_are_completed_and_clipped():
    onset, apex = np.array([2.0, 4, 8, 30]), np.array([4.0, np.nan, 9, 31])
    offset = np.array([np.nan, 9, 40, 35])
    found = marks(onset, apex, offset, ["micro", "macro", "macro", "micro"], n_rows=20)
    assert found == [Marks(2, 4, 4, "micro"), Marks(4, 6, 9, "macro"), Marks(8, 9, 19, "macro")]


def test_a_window_that_meets_an_expression_counts():
    """Brute force: rows t ... t + window - 1 and an expression have a frame in common."""
    for window in (1, 3, 8):
        found = overlap_labels(EVENTS, n_rows=22, window=window)
        for t in range(22):
            meets = any(set(range(t, t + window)) & set(range(e.onset, e.offset + 1)) for e in EVENTS)
            assert found[t, 0] == meets, (window, t)


def test_hard_and_soft():
    found = hard_and_soft_labels(EVENTS, n_rows=20, window=1)
    assert found[4:11, 0].tolist() == [0, 1, 1, 1, 1, 1, 0]
    assert np.allclose(found[4:11, 1], [0, 0, 0.5, 1, 0.5, 0, 0])
    assert np.allclose(found[14:19, 1], [0, 1, 2 / 3, 1 / 3, 0])


def test_classes():
    assert class_labels(EVENTS, n_rows=20, window=1)[:, 0].tolist() == (
        [0] * 5 + [1] * 5 + [0] * 4 + [2] * 5 + [0]
    )


def test_all_positives_are_drawn_and_some_of_the_others():
    positive = np.zeros(100, bool)
    positive[10:15] = True
    for rule, n in (({"share": 0.2, "per_positive": None}, 19), ({"share": None, "per_positive": 3}, 15)):
        rows = draw_rows(positive, **rule, rng=np.random.default_rng(0))
        assert len(rows) == 5 + n and positive[rows].sum() == 5
        assert (np.diff(rows) > 0).all(), "each at most once"
    every = draw_rows(positive, share=None, per_positive=1000, rng=np.random.default_rng(0))
    assert len(every) == 100
    assert not len(draw_rows(np.zeros(5, bool), share=None, per_positive=5, rng=np.random.default_rng(0)))
