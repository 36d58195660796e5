"""What stands in for frames that were not coded."""

from __future__ import annotations

import pandas as pd
import pytest

from mezoo.datasets.labels import expression_type
from mezoo.datasets.policies import fill_apex, fill_offset


@pytest.fixture
def events():
    frames = {"onset": [10, 1763, 5], "apex": [15, None, None], "offset": [None, 1787, None]}
    return pd.DataFrame(frames).astype("Int64")


def test_offset_at_the_apex_for_evaluation(events):
    assert fill_offset(events, policy="apex")["offset"].tolist() == [15, 1787, pd.NA]


def test_symmetric_offset_for_training(events):
    assert fill_offset(events, policy="symmetric")["offset"].tolist() == [20, 1787, pd.NA]


def test_apex_in_the_middle(events):
    before = events.copy()
    assert fill_apex(events)["apex"].tolist() == [15, 1775, pd.NA]
    assert events.equals(before)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("micro-expression", "micro"),
        ("Micro - 1/2", "micro"),
        (" MACRO", "macro"),
        ("blink", None),
        ("", None),
    ],
)
def test_words_for_the_type(word, expected):
    assert expression_type(word) == expected
