from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from recognition_folds import Run

from mezoo.errors import ConfigError
from mezoo.evaluation.recognition import confusion_matrix, uf1
from mezoo.learning.pooling import read_scores
from mezoo.report.recognition_comparison import recognition_comparisons
from mezoo.report.recognition_rows import COLUMNS, recognition_table
from mezoo.report.recognition_tables import HEADS, write_recognition_tables

REAL = {"casme2": ("sub01", "sub02"), "samm": ("006", "007"), "smic": ("s01", "s02")}
DEMO = {f"demo_{name}": subjects for name, subjects in REAL.items()}
#: Recipe -> options of the made run: shares of right predictions per look.
RUNS = {
    "ststnet": {"corpora": REAL, "shares": (0.3, 0.9, 0.5, 0.95), "seeds": (0, 1)},
    "offapexnet": {"corpora": REAL, "shares": (0.3, 0.9, 0.5, 0.2)},
    "fgrmer": {"corpora": REAL, "leaks": ["adjacency"]},
    "only_here": {"corpora": DEMO},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    runs = [Run(folder / name, name=name, **options).score() for name, options in RUNS.items()]
    scores = read_scores([folder / name / "scores.csv" for name in RUNS])
    return scores, pd.concat([long for _, long in runs], ignore_index=True)


@pytest.fixture(scope="module")
def written(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    write_recognition_tables(made[0], folder, predictions=made[1])
    return folder


def sections(folder):
    """Title -> rows of cells of the Markdown tables."""
    text = (folder / "recognition.md").read_text()
    found = {}
    for part in text.split("\n## ")[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|")]
        found[part.splitlines()[0]] = [[c.strip() for c in line.split("|")[1:-1]] for line in lines[2:]]
    return found


def cde(folder, dataset):
    (name,) = [title for title in sections(folder) if title.endswith(f"(megc2019_cde): {dataset}")]
    return {row[0]: dict(zip(HEADS, row, strict=True)) for row in sections(folder)[name]}


def test_ours_are_the_numbers_of_the_scores(made, written):
    table = pd.read_csv(written / "recognition.csv")
    assert list(table.columns) == COLUMNS
    row = cde(written, "pooled")["offapexnet (OFF-ApexNet, 2019 [1])"]
    for selection in ("last", "inner", "oracle", "chance"):
        (own,) = (
            made[0]
            .query(
                "recipe == 'offapexnet' and dataset == 'pooled' and subject == 'ALL'"
                f" and `class` == 'all' and selection == '{selection}'"
            )
            .itertuples()
        )
        head = next(head for head in HEADS if head.startswith(f"{selection}: UF1"))
        assert row[head] == f"{own.uf1:.3f} [{own.lower:.3f}, {own.upper:.3f}]"
    assert row["clips"] == "42 of 42" and row["paper: UF1"] == "0.720"


def test_test_selected_columns_say_so():
    assert [head for head in HEADS if "test-selected" in head] == [
        "oracle: UF1 (test-selected)", "chance: UF1 (test-selected)"
    ]  # fmt: skip


def test_papers_stand_beside_ours_with_their_doubts(written):
    rows = cde(written, "pooled")
    row = rows["ststnet (STSTNet, 2019 [1])"]
    assert row["paper: UAR"].endswith("? (0.719)") and row["paper chose by"] == "last"
    assert re.search(r"± \d\.\d{3} \(seeds\)", row["last: UF1"])
    assert rows["HTNet [4]"]["paper chose by"] == "test-selected" and rows["HTNet [4]"]["last: UF1"] == ""
    assert any(name.startswith("fgrmer (leaky: adjacency)") for name in rows)
    text = (written / "recognition.md").read_text()
    assert "- ? STSTNet, UAR: macro precision of the authors' own log, not recall; right: 0.719" in text


def test_methods_without_a_run_say_what_they_wait_for(written, made):
    table = pd.read_csv(written / "recognition.csv", keep_default_na=False)
    waiting = table[(table["origin"] == "paper") & (table["method"] == "AKMNet")].set_index("protocol")["run"]
    assert waiting["casme_4class"] == "no data: casme" and waiting["smic_hs_3class"] == "not run"
    nothing = recognition_table(pd.DataFrame())
    run = nothing.loc[(nothing["method"] == "ATNet") & (nothing["dataset"] == "pooled"), "run"]
    assert run.tolist() == ["no data: casme2, samm, smic"]
    some = recognition_table(made[0].iloc[:0], corpora=["samm", "smic"])
    run = some.loc[(some["method"] == "ATNet") & (some["dataset"] == "pooled"), "run"]
    assert run.tolist() == ["no data: casme2"]


def test_synthetic_faces_never_stand_beside_papers(written):
    table = pd.read_csv(written / "recognition.csv")
    own = table[table["method"] == "only_here"]
    assert set(own["dataset"]) == {*DEMO, "pooled: demo_casme2, demo_samm, demo_smic"}
    assert set(table.loc[table["dataset"].isin(own["dataset"]), "origin"]) == {"mezoo"}
    titles = [title for title in sections(written) if "demo_" in title]
    assert len(titles) == 4 and all(title.endswith("(synthetic faces)") for title in titles)


def test_no_runs_at_all(tmp_path):
    table = write_recognition_tables(pd.DataFrame(), tmp_path)
    assert (
        set(table["origin"]) == {"paper"}
        and "| STSTNet, 2019 [1] | no data: casme2" in (tmp_path / "recognition.md").read_text()
    )


def test_markdown_and_tex_rows_have_all_columns(written):
    for title, rows in sections(written).items():
        if not title.startswith(("Recipes", "Sources")):
            assert rows and {len(row) for row in rows} == {len(HEADS)}, title
    text = (written / "recognition.tex").read_text()
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == len(sections(written)) - 2
    assert not re.search(r"(?<!\\)[_%#]", text) and text.isascii()
    lines = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {len(HEADS) - 1}


def test_the_same_run_twice(made):
    with pytest.raises(ConfigError, match="two scores of ststnet"):
        recognition_table(pd.concat([made[0], made[0]]))


def test_comparison_is_on_common_clips(made):
    long = made[1]
    without = long[~((long["recipe"] == "offapexnet") & (long["subject"] == "006"))]
    tests = recognition_comparisons(without).set_index(["dataset", "first", "second"])
    row = tests.loc[("pooled", "ststnet", "offapexnet")]
    assert (row["n_subjects"], row["n_clips"], row["n_seeds"]) == (5, 35, 1)
    both = long[(long["selection"] == "last") & (long["seed"] == 0) & (long["subject"] != "006")]
    classes = ["negative", "positive", "surprise"]
    values = {
        name: float(uf1(confusion_matrix(part["label"], part["prediction"], classes=classes)))
        for name, part in both.groupby("recipe")
    }
    assert row["difference"] == pytest.approx(values["ststnet"] - values["offapexnet"])
    assert row["p_value"] < 0.1 and row["lower"] > 0, "five subjects all favour the first: 2 / 2^5"
    assert ("pooled", "ststnet", "only_here") not in tests.index, "no clip in common"


def test_holm_by_hand(made):
    tests = recognition_comparisons(made[1])
    for _, part in tests.groupby(["protocol", "dataset"]):
        p = np.sort(part["p_value"].to_numpy())
        expected = np.minimum(np.maximum.accumulate(p * np.arange(len(p), 0, -1)), 1)
        assert np.sort(part["p_adjusted"]) == pytest.approx(expected)
        assert (part["p_adjusted"] >= part["p_value"]).all()


def test_order_of_rows_does_not_matter_to_the_comparison(made):
    own = made[1][made[1]["dataset"] == "samm"]
    tables = [recognition_comparisons(table) for table in (own, own.sample(frac=1, random_state=3))]
    pairs = [
        {frozenset(names): abs(size) for *names, size in table[["first", "second", "difference"]].to_numpy()}
        for table in tables
    ]
    assert len(pairs[0]) == 3 and pairs[0] == pytest.approx(pairs[1])
