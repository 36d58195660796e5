"""The truth of a demo face fits its frames."""

from __future__ import annotations

import pytest

from mezoo.bench.accuracy import STILL
from mezoo.bench.demo_truth import CONSECUTIVE, ONSET_APEX, demo_accuracy
from mezoo.bench.methods import Method


@pytest.fixture(scope="module")
def errors():
    found = demo_accuracy([Method("dis", "dis")], events=2, done=lambda: None)
    return {(row.scene, row.method): row for row in found}


def test_rows(errors):
    assert set(errors) == {(scene, row) for scene in (CONSECUTIVE, ONSET_APEX) for row in ("dis", STILL)}


def test_a_flow_method_comes_near_the_truth(errors):
    assert errors[ONSET_APEX, "dis"].epe < 0.4 * errors[ONSET_APEX, STILL].epe
    assert errors[ONSET_APEX, "dis"].aae < 0.4 * errors[ONSET_APEX, STILL].aae
    assert errors[CONSECUTIVE, "dis"].epe < 0.7 * errors[CONSECUTIVE, STILL].epe


def test_motion_to_the_apex_is_larger_than_of_one_frame(errors):
    assert errors[ONSET_APEX, STILL].epe > 2 * errors[CONSECUTIVE, STILL].epe
