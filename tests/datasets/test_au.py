"""The AU grammar against hand-read cells, and its promise never to raise or lose a unit."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mezoo.datasets.au import parse_aus


def test_agrees_with_the_hand_read_cells(shared):
    cells = json.loads((shared / "oracles/au_strings/au_strings.json").read_text(encoding="utf-8"))
    assert len(cells) == 75
    for cell in cells:
        parsed = parse_aus(cell["input"])
        found = asdict(parsed) | {"certain": parsed.certain, "possible": parsed.possible}
        assert json.loads(json.dumps(found)) == cell["expected"], cell["input"]


@pytest.mark.parametrize(
    ("cell", "canonical", "certain"),
    [
        (12, "12", [12]),
        (6.0, "6", [6]),
        ("4+7，43", "4+7+43", [4, 7, 43]),
        ("L12 or L14", "(L12 or L14)", []),
        ("(R6 or R12)+R15", "(R6 or R12)+R15", [15]),
        ("12or14", "(12 or 14)", []),
        ("4B or A4C", "(4B or A4C)", [4]),
        ("12L/R", "(L12 or R12)", [12]),
        ("4D+7B+9B+ref(10)+24B", "4D+7B+9B+24B", [4, 7, 9, 24]),
        ("4(B/C)+7B", "4(B/C)+7B", [4, 7]),
        ("((8+25)or(50))", "((8+25) or 50)", []),
        ("(1B+2A)or(loses AU4)", "((1B+2A) or none)", []),
        ("R(12or14)B", "(R12B or R14B)", []),
        ("26+ADR30", "26+R30", [26, 30]),
        ("12B ?", "12B?", []),
        ("T18+39", "T18+39", [18, 39]),
        ("1+7(k)", "1+7(k)", [1]),
        ("(4+7)+12", "4+7+12", [4, 7, 12]),
    ],
)
def test_reads_a_cell(cell, canonical, certain):
    parsed = parse_aus(cell)
    assert str(parsed) == canonical
    assert parsed.certain == certain


def test_two_units_without_a_separator_are_both_kept():
    parsed = parse_aus("12 15")
    assert (parsed.certain, parsed.flags) == ([12, 15], ("missing_separator",))


@pytest.mark.parametrize("cell", [None, "", "  ", float("nan")])
def test_blank_cells_are_empty(cell):
    assert parse_aus(cell).flags == ("empty",)


_FRAGMENTS = [*"12345679LRATBCDEk?/+,() ", "or", " or ", "ref(", "AU", "(k)", "12", "25", "soft focus", "no"]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_FRAGMENTS), max_size=30).map("".join)))
@settings(max_examples=400, deadline=None)
def test_never_raises_and_canonical_text_keeps_the_groups(cell):
    parsed = parse_aus(cell)
    assert parse_aus(str(parsed)).groups == parsed.groups
    assert set(parsed.certain) <= set(parsed.possible)
    if cell.strip():
        assert parsed.groups or parsed.reference or parsed.notes or parsed.flags


@given(st.lists(st.integers(1, 99), min_size=1, max_size=8), st.sampled_from(["+", ",", "，", " + "]))
def test_a_plain_sum_keeps_every_unit(units, separator):
    parsed = parse_aus(separator.join(map(str, units)))
    assert [group[0][0].au for group in parsed.groups] == units
    assert parsed.flags == ()


def test_very_deep_brackets_are_one_note():
    parsed = parse_aus("(" * 5000 + "4" + ")" * 5000)
    assert parsed.groups == () and parsed.flags == ("free_text",)
