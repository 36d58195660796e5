"""CAS(ME)^3: made trees and tables with each known fault, and the counts of the real tables."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError

TABLE = [
    "Subject",
    "Filename",
    "Onset",
    "Apex",
    "Offset",
    "AU",
    "Expression type",
    "Objective class",
]
MICRO = ["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"]


def checks(catalog, *severities):
    rows = catalog.audit[catalog.audit["severity"].isin(severities)]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def rows():
    return [
        ["spNO.1", "a", "5", "8", "12", "4+15", "Macro-expression", "VII"],
        ["spNO.1", "a", "20", "22", "25", "5", "Micro-expression", "II"],
        ["spNO.3", "J", "10", "15", "18", "4，11", "Micro-expression", "III"],
    ]


@pytest.fixture
def listed():
    return [
        ["spNO.1", "a", "20", "22", "25", "5", "II", "surprise"],
        ["spNO.3", "J", "10", "15", "18", "4，11", "III", "Others"],
    ]


@pytest.fixture
def make(tmp_path, write_workbook, write_frames):
    """Write a part A with these rows: tables, long videos of 30 frames, colour and depth."""

    def write(rows, listed):
        root = tmp_path / "CASME3"
        notes = root / "annotation/partA"
        write_workbook(notes / "CAS(ME)3_part_A_v2.xlsx", {"AU+Emotion": [TABLE, *rows]})
        write_workbook(notes / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx", {"label": [MICRO, *listed]})
        videos = root / "part_A/data/part_A_split/part_A"
        for video in ("spNO.1/a", "spNO.3/J"):
            write_frames(videos / video / "color", range(1, 31), "{}.jpg")
            write_frames(videos / video / "depth", range(1, 31), "{}.png")
        write_frames(root / "part_B/part_B_split/spNO.90/a/color", range(1, 9), "{}.jpg")
        return root

    return write


def test_a_clean_corpus_needs_no_repair(make, rows, listed):
    catalog = read("casme3", root := make(rows, listed))
    assert checks(catalog, "repaired", "excluded") == []
    events = catalog.events.set_index("event")
    assert list(events.index) == ["spNO.1_a_5", "spNO.1_a_20", "spNO.3_j_10"]
    assert events["emotion"].tolist() == ["", "surprise", "Others"]
    assert events["type"].tolist() == ["macro", "micro", "micro"]
    assert events.loc["spNO.3_j_10", "aus"] == "4+11"
    assert [ref.video for ref in list_videos("casme3", root)] == catalog.videos["video"].tolist()
    assert {path.rpartition("/")[2] for path in catalog.videos["path"]} == {"color"}
    assert "spNO.90" not in set(catalog.videos["subject"])  # part B has no labels


def test_depth_and_frames_that_were_dropped(make, rows, listed):
    root = make(rows, listed)
    (root / "part_A/data/part_A_split/part_A/spNO.1/a/depth/22.png").unlink()
    catalog = read("casme3", root, options={"stream": "depth"})
    assert all(path.endswith("/depth") for path in catalog.videos["path"])
    assert checks(catalog, "repaired", "excluded") == []
    assert ("frame_missing", "spNO.1_a_20") in checks(catalog, "info")


def test_frames_come_from_the_table_where_the_list_differs(make, rows, listed):
    listed[0][3] = "9"
    catalog = read("casme3", make(rows, listed))
    assert checks(catalog, "repaired", "excluded") == [("label_differs", "spNO.1_a_20")]
    event = catalog.events.set_index("event").loc["spNO.1_a_20"]
    assert (event["apex"], event["emotion"], event["flags"]) == (22, "surprise", "label_differs")


def test_a_list_in_another_order_is_joined_by_onset(make, rows, listed):
    catalog = read("casme3", make(rows, listed[::-1]))
    assert ("label_order", "") in checks(catalog, "info")
    assert catalog.events.set_index("event")["emotion"].to_dict() == {
        "spNO.1_a_5": "",
        "spNO.1_a_20": "surprise",
        "spNO.3_j_10": "Others",
    }


@pytest.mark.parametrize(("option", "severity"), [("clamp", "repaired"), ("drop", "excluded")])
def test_onset_zero(make, rows, listed, option, severity):
    rows[1][2:4] = listed[0][2:4] = "0", "0"
    catalog = read("casme3", make(rows, listed), options={"onset_zero": option})
    assert checks(catalog, "repaired", "excluded") == [("onset_zero", "spNO.1_a_0")]
    kept = catalog.events[catalog.events["event"] == "spNO.1_a_0"]
    assert kept[["onset", "apex"]].values.tolist() == ([[1, 1]] if option == "clamp" else [])
    assert (catalog.audit.query("check == 'onset_zero'")["severity"] == severity).all()


@pytest.mark.parametrize("overlay", [True, False])
def test_known_errors_of_the_list_alone(tmp_path, write_workbook, overlay):
    faults = [
        ["spNO.149", "d", "112", "83", "358", "14", "VII", "fear"],
        ["spNO.216", "d", "3647", "2668", "2694", "38", "VII", "others"],
        ["spNO.40", "e", "1812", "1824", "0", "18", "VII", "Others"],
        ["spNO.40", "e", "2327", "2363", "0", "14", "VII", "Others"],
        ["spNO.214", "c", "5", "5", "3460", "17+4", "VII", "disgust"],
    ]
    path = write_workbook(tmp_path / "label_v2.xlsx", {"label": [MICRO, *faults]})
    catalog = read("casme3", None, coding=path, frames=False, options={"overlay": overlay})
    repaired = catalog.audit.query("check == 'overlay'")["severity"].tolist()
    assert repaired == ["repaired" if overlay else "info"] * 5
    frames = set(
        catalog.events[["onset", "apex", "offset"]].astype(object).itertuples(index=False, name=None)
    )
    mended = {(112, 160, 358), (2647, 2668, 2694), (1812, 1824, 1845), (2327, 2363, 2403), (5, 5, 34)}
    assert (frames == mended) is overlay
    if overlay:
        assert checks(catalog, "excluded") == []
        assert catalog.events["flags"].str.contains("overlay").all()


def test_a_mended_copy_is_left_alone(tmp_path, write_workbook):
    row = ["spNO.149", "d", "112", "123", "358", "14", "VII", "fear"]
    path = write_workbook(tmp_path / "label.csv", {"label": [MICRO, row]})
    catalog = read("casme3", None, coding=path, frames=False)
    assert checks(catalog, "repaired", "excluded") == []
    assert catalog.events["apex"].tolist() == [123]


@pytest.mark.parametrize(("option", "n_events"), [("flag", 3), ("drop", 1)])
def test_the_owners_exception_lists(make, rows, listed, option, n_events):
    root = make(rows, listed)
    (root / "exception").mkdir()
    lines = [f"spNO.3 J {number}.jpg  the image cannot open\n" for number in (14, 15)]
    (root / "exception/error_info_damaged_image_partA.txt").write_text("".join(lines))
    (root / "exception/image_with_bad_quality_partA.txt").write_text("/x/RGB/spNO.1/a/color/21.jpg\n")
    catalog = read("casme3", root, options={"bad_frames": option})
    assert {("frame_damaged", ""), ("frame_bad_quality", "")} <= set(checks(catalog, "info"))
    assert len(catalog.events) == n_events
    flags = catalog.events.set_index("event")["flags"].to_dict()
    assert flags["spNO.1_a_5"] == ""
    if option == "flag":
        assert flags["spNO.3_j_10"] == "frame_damaged" and flags["spNO.1_a_20"] == "frame_bad_quality"
    else:
        assert {check for check, _ in checks(catalog, "excluded")} == {"bad_frames"}


def test_clips(make, rows, listed, write_frames):
    root = make(rows, listed)
    clips = root / "Part_A_ME_clip/Part_A_ME_clip/frame"
    write_frames(clips / "spNo.1_a_20", range(20, 26), "{}.jpg")
    write_frames(clips / "spNo.3_J_10", range(10, 19), "{}.jpg")
    write_frames(clips.parent / "depth/spNo.3_J_10", range(10, 19), "{}.png")
    catalog = read("casme3", root, options={"kind": "clip"})
    assert checks(catalog, "repaired", "excluded") == []
    assert catalog.events["video"].tolist() == ["spNO.1_a_20", "spNO.3_j_10"]
    assert (catalog.videos["kind"] == "clip").all()
    assert ("no_macro_clips", "") in checks(catalog, "info")
    refs = list_videos("casme3", root, options={"kind": "clip"})
    assert [ref.video for ref in refs] == catalog.videos["video"].tolist()


def test_a_clip_named_after_the_onset_of_the_list(make, rows, listed, write_frames):
    listed[0][2] = "21"
    root = make(rows, listed)
    write_frames(root / "Part_A_ME_clip/frame/spNo.1_a_21", range(20, 26), "{}.jpg")
    write_frames(root / "Part_A_ME_clip/frame/spNo.3_J_10", range(10, 19), "{}.jpg")
    catalog = read("casme3", root, options={"kind": "clip"})
    assert catalog.events["video"].tolist() == ["spNO.1_a_21", "spNO.3_j_10"]


def test_part_c(tmp_path, write_workbook, write_frames):
    root = tmp_path / "CASME3"
    header = ["sub", "count", "onset", "offset", "au", "emotion"]
    micro = [[1, 1, 5, 9, "R4,5", "negative"], [17, 1, 8, 12, "14,L24,", "others"]]
    write_workbook(root / "CAS(ME)3_part_C_ME.xlsx", {"mockCrimeME": [header, *micro]})
    crime = [[17, 8, 12, 4, 1, 1], [17, 10, 13, 3, 1, 1], [17, 14, 20, 6, 0, 1]]
    names = ["Subject", "Onset", "Offset", "diff", "Exp_type", "risk"]
    write_workbook(root / "CAS(ME)3_part_C.xlsx", {"organize": [names, *crime]})
    for subject in ("01", "17"):
        write_frames(root / "part_C/part_C" / subject / "a/color", range(1, 31), "{}.jpg")
    catalog = read("casme3", root, options={"part": "C"})
    assert checks(catalog, "repaired", "excluded") == []
    assert catalog.events[["event", "type"]].values.tolist() == [
        ["C01_a_5", "micro"],
        ["C17_a_8", "micro"],
        ["C17_a_14", "macro"],
    ]
    assert catalog.events["apex"].isna().all()
    assert ("not_in_list", "") in checks(catalog, "info")
    assert [ref.video for ref in list_videos("casme3", root, options={"part": "C"})] == ["C01_a", "C17_a"]
    with pytest.raises(ConfigError, match="part: A, the only one released as clips"):
        list_videos("casme3", root, options={"part": "C", "kind": "clip"})


def test_rows_that_cannot_be_used_are_audited(make, rows, listed):
    strange = [
        ["../../etc", "a", "1", "2", "3", "4", "Macro-expression", "I"],
        ["spNO.1", "/etc/passwd", "1", "2", "3", "4", "Macro-expression", "I"],
        ["spNO.1", "a", "soon", "2", "3", "4", "Macro-expression", "I"],
        ["spNO.1", "a", "1", "2", "3", "4", "smile", "I"],
        [None] * 8,
        [3, 4.5, None, "x", -1, True, "Macro-expression", None],
    ]
    catalog = read("casme3", make([*rows, *strange], listed))
    assert len(catalog.events) == 3
    assert checks(catalog, "excluded") == [("unknown_name", "")] * 5


def test_a_missing_column_is_named(make, rows, listed, write_workbook, tmp_path):
    path = write_workbook(tmp_path / "x.xlsx", {"s": [TABLE[:2] + TABLE[3:], *rows]})
    with pytest.raises(ConfigError, match="lacks: onset") as caught:
        read("casme3", None, coding=path, frames=False)
    assert "\n" not in str(caught.value)


def test_shuffled_columns_give_the_same_events(make, rows, listed, write_workbook):
    root = make(rows, listed)
    expected = read("casme3", root).events
    path = root / "annotation/partA/CAS(ME)3_part_A_v2.xlsx"
    write_workbook(path, {"s": [row[::-1] for row in [TABLE, *rows]]})
    assert read("casme3", root).events.equals(expected)


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "oracles/datasets/cas_me_3"


@pytest.fixture(scope="module")
def expected(folder):
    path = folder.parent / "expected_counts.json"
    return json.loads(path.read_text(encoding="utf-8"))["cas_me_3"]


class TestRealTables:
    def test_part_a(self, folder, expected):
        catalog = read("casme3", None, coding=folder, frames=False)
        events, counts = catalog.events, expected["partA_ME_v2"]
        types = {"macro": "Macro-expression", "micro": "Micro-expression"}
        by_type = events["type"].map(types).value_counts().to_dict()
        assert by_type == expected["partA_all_v2"]
        assert events["subject"].nunique() == expected["partA_subjects_annotated"]
        assert events["video"].nunique() == expected["partA_videos_annotated"]
        micro = events[events["type"] == "micro"]
        assert len(micro) == counts["rows"] and micro["subject"].nunique() == counts["subjects"]
        assert micro["emotion"].str.casefold().value_counts().to_dict() == counts["7class"]
        assert micro["objective_class"].value_counts().to_dict() == counts["objective"]
        assert micro["emotion"].isin(["Others"]).sum() == 3
        assert micro["video"].nunique() == 463 and events["event"].is_unique
        assert checks(catalog, "repaired", "excluded") == [
            ("label_differs", "spNO.149_d_112"),
            ("label_differs", "spNO.216_d_2647"),
            ("label_differs", "spNO.40_e_1812"),
            ("label_differs", "spNO.40_e_2327"),
            ("onset_zero", "spNO.215_l_0"),
            ("onset_zero", "spNO.216_e_0"),
            ("overlay", "spNO.214_c_5"),
        ]
        listed = Counter(dict(catalog.audit.query("check == 'frame_damaged'")[["video", "found"]].values))
        assert set(listed) == {"spNO.3_j", "spNO.4_j"}

    def test_version_1(self, folder, expected):
        events = read("casme3", None, coding=folder, frames=False, options={"version": "v1"}).events
        counts = {"macro": "Macro-expression", "micro": "Micro-expression"}
        assert events["type"].map(counts).value_counts().to_dict() == expected["partA_all_v1"]
        assert events.loc[events["type"] == "micro", "subject"].nunique() == 95

    def test_part_c(self, folder, expected):
        events = read("casme3", None, coding=folder, frames=False, options={"part": "C"}).events
        micro = events[events["type"] == "micro"]
        assert len(micro) == expected["partC_ME"]["rows"]
        assert micro["subject"].nunique() == expected["partC_ME"]["subjects"]
        assert micro["emotion"].value_counts().to_dict() == expected["partC_ME"]["emotion"]
        assert (events["type"] == "macro").sum() == 303
