"""The spotting table: our numbers under every rule, papers beside them, and what is missing."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from mezoo.learning.pooling import read_scores
from mezoo.report.spotting_tables import COLUMNS, HEADS, NO_PAPER, spotting_table, write_spotting_tables


@pytest.fixture(scope="module")
def demo_scores(world):
    return read_scores(world.scores())


@pytest.fixture(scope="module")
def real_scores(demo_scores):
    """The same numbers under the names of real corpora."""
    return demo_scores.assign(dataset=demo_scores["dataset"].str.removeprefix("demo_"))


@pytest.fixture(scope="module")
def written(real_scores, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_spotting_tables(real_scores, folder)
    return folder


def sections(folder):
    """Title -> rows of the Markdown tables, each as head -> cell."""
    found = {}
    for part in (folder / "spotting.md").read_text().split("\n## ")[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
        found[part.splitlines()[0]] = {row[0]: dict(zip(HEADS, row, strict=True)) for row in rows}
    return found


def test_ours_are_the_numbers_of_the_scores(written, real_scores):
    table = pd.read_csv(written / "spotting.csv")
    assert tuple(table.columns) == COLUMNS
    pooled = real_scores[(real_scores["subject"] == "ALL") & (real_scores["dataset"] == "samm_lv")]
    row = sections(written)["samm_lv"]["auwgcn (AUW-GCN, 2023 [9])"]
    for selection in ("last", "inner", "oracle", "chance"):
        own = pooled[(pooled["recipe"] == "auwgcn") & (pooled["selection"] == selection)].set_index("type")
        head = next(head for head in HEADS if head.startswith(f"{selection}: F1"))
        assert row[head] == "{f1:.3f} [{lower:.3f}, {upper:.3f}]".format(**own.loc["all"])
        if selection == "last":
            for kind in ("micro", "macro"):
                assert row[f"last: {kind}"] == "{f1:.3f} [{lower:.3f}, {upper:.3f}]".format(**own.loc[kind])
    assert row["videos"] == "7 of 8" and row["paper: F1"] == "0.373"
    assert row["paper chose by"] == "test-selected"


def test_test_selected_columns_say_so():
    assert [head for head in HEADS if "test-selected" in head] == [
        "oracle: F1 (test-selected)", "chance: F1 (test-selected)"
    ]  # fmt: skip


def test_methods_without_a_run_say_what_they_wait_for(written, real_scores):
    assert sections(written)["casme_sq"]["MDMD, 2020 [1]"]["last: F1"] == "not run"
    one = real_scores[real_scores["dataset"] == "samm_lv"]
    table = spotting_table(one)
    run = table[table["dataset"] == "casme_sq"].groupby("method")["run"].first()
    assert run["AUW-GCN"] == run["mdmo_peaks"] == run["MDMD"] == "no data: casme_sq" and run["OF-FD"] == ""
    assert set(table.loc[table["dataset"] == "pooled", "run"]) == {"", "no data: casme_sq"}
    table = spotting_table(one, corpora=["casme_sq"])
    run = table[table["dataset"] == "casme_sq"].groupby("method")["run"].first()
    assert run["AUW-GCN"] == "not run"


def test_synthetic_faces_never_stand_beside_papers(demo_scores, tmp_path):
    table = write_spotting_tables(demo_scores, tmp_path)
    own = table[table["dataset"].str.contains("demo_")]
    assert set(own["origin"]) == {"mezoo"} and set(own["dataset"]) == {
        "demo_casme_sq", "demo_samm_lv", "pooled: demo_casme_sq, demo_samm_lv"
    }  # fmt: skip
    assert own.loc[own["dataset"] == "demo_samm_lv", "note"].str.contains(NO_PAPER, regex=False).all()
    titles = [title for title in sections(tmp_path) if "demo_" in title]
    assert len(titles) == 3 and all(title.endswith("(synthetic faces)") for title in titles)


def test_pooled_papers_need_exactly_their_corpora(real_scores, demo_scores):
    mixed = pd.concat([real_scores, demo_scores[demo_scores["dataset"] == "demo_casme_sq"]])
    table = spotting_table(mixed)
    name = "pooled: casme_sq, demo_casme_sq, samm_lv"
    assert set(table.loc[table["dataset"] == name, "origin"]) == {"mezoo"}
    assert table.loc[(table["dataset"] == "pooled") & (table["origin"] == "mezoo"), "f1_all"].isna().all()


def test_doubted_numbers_are_marked_with_the_reason(written):
    assert sections(written)["pooled"]["SOFTNet, 2021 [4]"]["paper: F1"] == "0.301?"
    text = (written / "spotting.md").read_text()
    assert "- ? SOFTNet: implausible: a pooled F1 lies between the values of the two corpora" in text


def test_no_runs_at_all(tmp_path):
    table = write_spotting_tables(pd.DataFrame(), tmp_path)
    assert set(table["origin"]) == {"paper", "counts"}
    assert sections(tmp_path)["casme_sq"]["AUW-GCN, 2023 [9]"]["last: F1"] == "no data: casme_sq"


def test_leaks_are_part_of_the_name(real_scores, tmp_path):
    write_spotting_tables(real_scores.assign(protocol="loso,leaky:adjacency"), tmp_path)
    assert "auwgcn (leaky: adjacency)" in (tmp_path / "spotting.md").read_text()


def test_tex_is_balanced_and_escaped(written):
    text = (written / "spotting.tex").read_text()
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 3
    assert not re.search(r"(?<!\\)[_%#]", text) and text.isascii()
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(HEADS) - 1}
