"""The section of strips: which of them, under which filter, and how many fit."""

from __future__ import annotations

import base64
import csv
import re

import pytest

from mezoo.report.clips import clips, data_uri, what_fits
from mezoo.report.page import page_template
from mezoo.report.strips import COLUMNS

ROWS = [
    ("s1", "a", "micro", "happiness", "6+12", ""),
    ("s1", "b", "macro", "", "", ""),
    ("s1", "c", "micro", "disgust", "4", "no valid face in frame 7"),
    ("s2", "d", "micro", "happiness", "", ""),
]


@pytest.fixture
def folder(tmp_path):
    """Make a folder as `draw_strips` leaves it, with 100 bytes instead of each picture."""
    out = tmp_path / "strips" / "demo_made"
    out.mkdir(parents=True)
    with open(out / "strips.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for subject, event, kind, emotion, aus, reason in ROWS:
            writer.writerow([f"{event}.webp", "demo_made", subject, "v", event, kind, emotion, aus, reason])
            (out / f"{event}.webp").write_bytes(event.encode() * 100)
    return out


def test_a_corpus_is_told_by_subject_and_filter(folder):
    (corpus,) = clips([folder])
    assert (corpus["name"], corpus["demo"], corpus["n"]) == ("demo_made", True, 4)
    assert (corpus["counts"], corpus["failed"], corpus["left_out"]) == ("1 macro, 3 micro", 1, 0)
    assert corpus["filters"] == [
        {"name": "type", "values": ["macro", "micro"]},
        {"name": "emotion", "values": ["disgust", "happiness"]},
    ]
    first, second = corpus["subjects"]
    assert (first["name"], first["counts"]) == ("s1", "1 macro, 2 micro") and len(second["clips"]) == 1
    assert [clip["classes"] for clip in first["clips"]] == ["clip f0-1 f1-1", "clip f0-0", "clip f0-1 f1-0"]
    assert first["clips"][0]["alt"] == "Expression a, micro, happiness, AU 6+12"
    assert first["clips"][2]["alt"].endswith("not shown: no valid face in frame 7")
    kind, _, text = first["clips"][1]["src"].partition(",")
    assert kind == "data:image/webp;base64" and base64.b64decode(text) == b"b" * 100


def test_a_corpus_without_expressions_has_no_section(folder):
    (folder / "strips.csv").write_text(",".join(COLUMNS) + "\n")
    assert clips([folder]) == []


def test_what_does_not_fit_is_left_out_evenly_and_counted(folder):
    (corpus,) = clips([folder], room=250)
    assert [len(subject["clips"]) for subject in corpus["subjects"]] == [1, 1], "one of each subject first"
    assert [subject["left_out"] for subject in corpus["subjects"]] == [2, 0] and corpus["left_out"] == 2
    paths = [folder / f"{name}.webp" for name in "abcd"]
    assert what_fits({1: paths[:3], 2: paths[3:]}, 300) == {paths[0], paths[1], paths[3]}
    assert what_fits({1: paths}, 400) == set(paths) and not what_fits({}, 400)


def test_no_file_is_no_picture(tmp_path):
    assert data_uri(tmp_path / "absent.png") == ""


def rendered(corpora) -> str:
    return page_template("clips.html.j2").render(clips=corpora)


def test_each_filter_hides_what_has_not_its_value(folder):
    text = rendered(clips([folder]))
    rules = re.findall(
        r"#(\S+):has\(#(\S+):checked\) :is\(\.clip:not\(\.(\S+)\), details:not\(:has\(\.(\S+)\)\)\)", text
    )
    assert rules == [("clips-0", f"clips-0-{v}", v, v) for v in ("f0-0", "f0-1", "f1-0", "f1-1")]
    boxes = dict(re.findall(r'id="(clips-0-f\d-\d)" /> (\w+)<', text))
    assert boxes == {
        "clips-0-f0-0": "macro",
        "clips-0-f0-1": "micro",
        "clips-0-f1-0": "disgust",
        "clips-0-f1-1": "happiness",
    }
    assert text.count("checked />") == 2, "all is the choice to begin with"


def test_real_faces_come_with_a_warning(folder):
    assert "do not" not in rendered(clips([folder]))
    real = folder.rename(folder.with_name("casme_sq"))
    text = rendered(clips([real], room=250))
    assert "This section shows faces of licensed corpora" in text and "report.clips: false" in text
    assert "2 are left out here" in text and "figures/strips/casme_sq" in text
