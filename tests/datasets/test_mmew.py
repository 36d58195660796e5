"""MMEW: made trees and tables with each known fault, and the counts of the real table."""

from __future__ import annotations

import json

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError

HEADER = [
    "Subject",
    "Filename",
    "OnsetFrame",
    "ApexFrame",
    "OffsetFrame",
    "Action Units",
    "Estimated Emotion",
    "remarks",
]


def checks(catalog, *severities):
    rows = catalog.audit[catalog.audit["severity"].isin(severities)]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def rows():
    return [
        [1, "S01-01-001", 1, 5, 9, "6+12", "happiness", None],
        [1, "S01-04-002", 1, 4, 10, "4R+7", "others", None],
        [4, "S04-03-001", 1, 6, 8, 12, "disgust", None],
    ]


@pytest.fixture
def make(tmp_path, write_workbook, write_frames):
    def write(rows, folders=("happiness", "repression", "disgust")):
        root = tmp_path / "MMEW_Final"
        write_workbook(root / "MMEW_Micro_Exp.xlsx", {"Sheet1": [HEADER, *rows]})
        for row, folder in zip(rows, folders, strict=False):
            path = root / "Micro_Expression" / folder / str(row[1])
            write_frames(path, range(1, int(row[4]) + 1), "{}.jpg")
        return root

    return write


def test_a_clean_corpus_needs_no_repair(make, rows):
    root = make(rows)  # the folder of others is called repression in some copies
    catalog = read("mmew", root)
    assert checks(catalog, "repaired", "excluded") == []
    assert catalog.events["emotion"].tolist() == ["happiness", "others", "disgust"]
    assert catalog.events["aus"].tolist() == ["6+12", "R4+7", "12"]
    assert catalog.videos["subject"].tolist() == ["S01", "S01", "S04"]
    assert catalog.videos["kind"].unique().tolist() == ["clip"]
    assert [ref.video for ref in list_videos("mmew", root)] == catalog.videos["video"].tolist()


@pytest.mark.parametrize(("option", "offset"), [("coded", 8), ("folder", 20)])
def test_more_frames_than_the_table_says(make, rows, option, offset):
    root = make(rows)
    for number in range(9, 21):
        (root / f"Micro_Expression/disgust/S04-03-001/{number}.jpg").touch()
    catalog = read("mmew", root, options={"offset": option})
    assert catalog.events.set_index("event").loc["S04-03-001", "offset"] == offset
    if option == "coded":
        assert ("frame_count", "S04-03-001") in checks(catalog, "info")
        assert checks(catalog, "repaired") == []
    else:
        assert checks(catalog, "repaired") == [("offset_of_folder", "S04-03-001")]


def test_one_clip_below_two_emotions_is_read_once(make, rows, write_frames):
    root = make(rows)
    write_frames(root / "Micro_Expression/others/S01-04-002", range(1, 11), "{}.jpg")
    catalog = read("mmew", root)
    assert checks(catalog, "excluded") == [("video_twice", "")]
    assert len(catalog.videos) == 3


def test_macros_have_ids_of_their_own(make, rows, write_frames):
    root = make(rows)
    macros = root / "Macro_Expression/S01"
    write_frames(macros / "anger/S01-07-001", range(1, 31), "{}.jpg")
    (macros / "happiness").mkdir()
    (macros / "happiness/S01-01-001.jpg").touch()
    assert len(read("mmew", root).events) == 3
    catalog = read("mmew", root, options={"expressions": "all"})
    macro = catalog.events[catalog.events["type"] == "macro"].set_index("event")
    assert macro[["onset", "offset", "emotion"]].to_dict("index") == {
        "S01-01-001_macro": {"onset": 1, "offset": 1, "emotion": "happiness"},
        "S01-07-001_macro": {"onset": 1, "offset": 30, "emotion": "anger"},
    }
    assert checks(catalog, "repaired", "excluded") == []


def test_names_and_emotions_that_disagree(make, rows):
    rows[0][6], rows[1][0] = "anger", 30
    catalog = read("mmew", make(rows))
    assert {("emotion_differs", "S01-01-001"), ("subject_differs", "S01-04-002")} <= set(
        checks(catalog, "info")
    )
    assert checks(catalog, "repaired", "excluded") == []


def test_rows_that_cannot_be_used_are_audited(make, rows, write_workbook):
    root = make(rows)
    strange = [
        ["x", "../../S01-01-001", 1, 2, 3, "4", "anger", None],
        [None] * 8,
        [1, "/etc", 1, 2, 3, 4, 5, 6],
    ]
    late = [4, "S04-03-002", "a", "b", None, "?", None, None]
    write_workbook(root / "MMEW_Micro_Exp.xlsx", {"s": [HEADER, *strange, *rows, late]})
    catalog = read("mmew", root)
    assert len(catalog.events) == 3
    assert checks(catalog, "excluded") == [
        ("interval", "S04-03-002"),
        ("unknown_name", ""),
        ("unknown_name", ""),
    ]


def test_a_missing_column_is_named(tmp_path, write_workbook, rows):
    path = write_workbook(tmp_path / "x.csv", {"": [HEADER[:3] + HEADER[4:], *rows]})
    with pytest.raises(ConfigError, match="lacks: apexframe"):
        read("mmew", None, coding=path, frames=False)


def test_the_real_table(shared):
    folder = shared / "oracles/datasets"
    counts = json.loads((folder / "expected_counts.json").read_text(encoding="utf-8"))["mmew"]
    catalog = read("mmew", None, coding=folder / "mmew/MMEW_Micro_Exp.csv", frames=False)
    events = catalog.events
    assert len(events) == counts["rows"] and events["subject"].nunique() == counts["subjects"]
    assert events["emotion"].value_counts().to_dict() == counts["7class"]
    own = {str(int(s[1:])): g["emotion"].value_counts().to_dict() for s, g in events.groupby("subject")}
    assert own == counts["per_subject"]
    assert (events["onset"] == 1).all() and checks(catalog, "repaired", "excluded") == []
