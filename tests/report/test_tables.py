import re

import pytest

from mezoo.learning.pooling import read_scores
from mezoo.report.tables import leaks_of, no_data, number, p_value, print_table


@pytest.fixture
def demo_scores(world):
    return read_scores(world.scores())


def test_printed_numbers_are_those_of_the_file(world, demo_scores, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    print_table(world.scores())
    printed = capsys.readouterr().out
    pooled = demo_scores[(demo_scores["subject"] == "ALL") & (demo_scores["type"] == "all")]
    for row in pooled.itertuples():
        cells = rf"{row.recipe} .*{row.selection}.* {row.f1:.3f} \[{row.lower:.3f}, {row.upper:.3f}\].*"
        assert re.search(cells + rf"{row.n_used} of {row.n_expected}", printed), row
    assert printed.count("oracle (test-selected)") == printed.count("chance (test-selected)") == 6
    assert "for comparison only" in printed and "synthetic faces" in printed
    assert "auwgcn - mdmo_peaks" in printed and "paired over 8 subjects" in printed


def test_formats():
    assert number(float("nan")) == "–" and number(0.12349) == "0.123"
    assert p_value(0.0004) == "< 0.001" and p_value(0.25) == "0.250"


def test_why_there_is_no_number():
    assert no_data(("casme_sq", "samm_lv"), {"samm_lv"}) == "no data: casme_sq"
    assert no_data(("samm_lv",), {"samm_lv"}) == "not run"


def test_leaks_are_listed_once():
    assert leaks_of(["loso", "loso,leaky:adjacency", "x,leaky:adjacency,leaky:b"]) == ["adjacency", "b"]
