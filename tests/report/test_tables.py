import re

import pandas as pd
import pytest

from mezoo.learning.pooling import read_scores
from mezoo.report.tables import NO_PAPER, number, p_value, print_table, write_tables


@pytest.fixture
def demo_scores(world):
    return read_scores(world.scores())


@pytest.fixture
def real_scores(demo_scores):
    """The same numbers under the names of real corpora."""
    return demo_scores.assign(dataset=demo_scores["dataset"].str.removeprefix("demo_"))


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


def test_demo_tables_hold_no_paper(demo_scores, tmp_path):
    write_tables(demo_scores, tmp_path)
    table = pd.read_csv(tmp_path / "spotting.csv")
    assert set(table["origin"]) == {"mezoo"}
    assert table.loc[table["dataset"] == "demo_casme_sq", "note"].str.contains(NO_PAPER, regex=False).all()
    for form in ("md", "tex"):
        text = (tmp_path / f"spotting.{form}").read_text()
        assert "AUW-GCN" not in text and NO_PAPER[1:] in text


def test_real_tables_put_papers_beside_ours(real_scores, tmp_path):
    write_tables(real_scores, tmp_path)
    table = pd.read_csv(tmp_path / "spotting.csv")
    assert set(table["origin"]) == {"mezoo", "paper", "counts"}
    ours = table[(table["origin"] == "mezoo") & (table["selection"] == "oracle")]
    assert ours["test_selected"].all()
    paper = table[(table["dataset"] == "casme_sq") & (table["method"] == "AUW-GCN")].iloc[0]
    assert paper["f1_all"] == 0.3834 and paper["test_selected"] and pd.isna(paper["n_used"])
    markdown = (tmp_path / "spotting.md").read_text()
    assert "| SOFTNet (2021) | test-selected | – | – | 0.301? |" in markdown


def test_pooled_papers_need_exactly_their_corpora(real_scores, demo_scores, tmp_path):
    mixed = pd.concat([real_scores, demo_scores[demo_scores["dataset"] == "demo_casme_sq"]])
    table = write_tables(mixed, tmp_path)
    assert set(table.loc[table["dataset"] == "pooled", "origin"]) == {"mezoo"}


def test_markdown_rows_have_all_columns(real_scores, tmp_path):
    write_tables(real_scores, tmp_path)
    lines = [line for line in (tmp_path / "spotting.md").read_text().splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1


def test_tex_is_balanced_and_escaped(real_scores, tmp_path):
    write_tables(real_scores, tmp_path)
    text = (tmp_path / "spotting.tex").read_text()
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 3
    assert not re.search(r"(?<!\\)[_%#]", text)
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {8}
    assert text.isascii()


def test_leaks_are_part_of_the_name(real_scores, tmp_path):
    write_tables(real_scores.assign(protocol="loso,leaky:adjacency"), tmp_path)
    assert "auwgcn (leaky: adjacency)" in (tmp_path / "spotting.md").read_text()


def test_formats():
    assert number(float("nan")) == "–" and number(0.12349) == "0.123"
    assert p_value(0.0004) == "< 0.001" and p_value(0.25) == "0.250"
