"""What the page says of recognition: sections with a run, papers, overview, clips that were left out."""

from __future__ import annotations

import pandas as pd
import pytest

from mezoo.learning.pooling import read_scores
from mezoo.learning.recognition_score import read_predictions
from mezoo.report.page import page_template
from mezoo.report.recognition_section import (
    left_out_clips,
    recognition_figures_of,
    recognition_overview,
    recognition_sections,
)
from mezoo.report.recognition_tables import recognition_table


@pytest.fixture(scope="module")
def scores(recognised):
    return read_scores(recognised.scores)


def one_corpus(scores, dataset, protocol):
    own = scores[scores["dataset"] == "demo_samm"]
    return recognition_table(own.assign(dataset=dataset, protocol=protocol))


def test_only_protocols_with_a_run_have_a_section(scores):
    sections = recognition_sections(recognition_table(scores))
    assert [section["short"].split(": ")[1] for section in sections] == [
        "pooled", "demo_casme2", "demo_samm", "demo_smic"
    ]  # fmt: skip
    assert all(section["demo"] and not section["papers"] for section in sections)


def test_papers_without_a_number_of_clips(scores):
    """Of CK+ the papers do not tell how many clips they tested on."""
    (section,) = recognition_sections(one_corpus(scores, "ckplus", "ckplus_7class"))
    assert section["papers"] and {row["clips"] for row in section["papers"]} == {""}
    (section,) = recognition_sections(one_corpus(scores, "samm", "samm_3class"))
    assert "133" in {row["clips"] for row in section["papers"]}


def test_the_best_recipe_comes_first(scores):
    rows = recognition_overview(recognition_table(scores))
    assert [row["method"] for row in rows] == ["ststnet", "biwoof_svm"]
    whole = scores.query(
        "dataset == 'pooled' and subject == 'ALL' and `class` == 'all' and recipe == 'ststnet'"
    )
    by_rule = whole.set_index("selection")
    assert {name: rows[0][name] for name in by_rule.index} == by_rule["uf1"].to_dict()
    assert (rows[0]["lower"], rows[0]["upper"]) == tuple(by_rule.loc["last", ["lower", "upper"]])


def test_left_out_clips_have_the_reason_of_the_audit(recognised, tmp_path):
    predictions = read_predictions(recognised.predictions)
    lacking = (predictions["recipe"] == "ststnet") & (predictions["video"] == "006_0")
    audit = tmp_path / "demo_smic" / "audit.csv"
    audit.parent.mkdir()
    audit.write_text(
        "dataset,video,event,severity,check,found,expected,action\n"
        "demo_smic,s02_lost,lost <1>,excluded,apex_order,apex 3 before onset 5,onset first,left out\n"
    )
    (found,) = left_out_clips(recognised.protocols, predictions[~lacking], [audit])
    assert (found["clips"], found["subjects"]) == (43, 6) and sum(found["classes"].values()) == 43
    assert [(row["event"], row["recipes"]) for row in found["lost"]] == [
        ("1", "ststnet"),
        ("lost <1>", "all"),
    ]
    assert found["lost"][1]["reason"] == "apex_order: apex 3 before onset 5"


def test_figures_are_grouped_by_experiment(tmp_path):
    folders = [tmp_path / recipe / experiment for recipe in ("b", "a") for experiment in ("two", "one")]
    for folder in folders:
        folder.mkdir(parents=True)
    found = recognition_figures_of(folders)
    assert [(group["experiment"], group["recipe"]) for group in found] == [
        ("one", "b"), ("one", "a"), ("two", "b"), ("two", "a")
    ]  # fmt: skip
    assert {group["training"] for group in found} == {""} and {group["left_out"] for group in found} == {0}


def test_confusion_matrices_come_before_what_does_not_fit(recognised):
    sizes = {path: path.stat().st_size for folder in recognised.figures for path in folder.glob("*.png")}
    room = sum(size for path, size in sizes.items() if path.stem == "confusion")
    found = recognition_figures_of(recognised.figures, room=room)
    assert all(group["confusion"] and not group["subjects"] for group in found)
    assert [group["left_out"] for group in found] == [2, 1], "the first has training curves too"


def test_the_section_prints_papers_and_doubts(scores):
    sections = recognition_sections(one_corpus(scores, "casme2", "megc2019_cde"))
    empty = {"recognition_tests": [], "experiments": [], "recognition_figures": []}
    text = page_template("recognition.html.j2").render(recognition=sections, **empty)
    assert "0.869?" in text and "STSTNet, UAR: macro precision of the authors" in text
    assert (
        pd.Series(sections[0]["papers"]).map(lambda row: row["source"] in text or "'" in row["source"]).all()
    )
