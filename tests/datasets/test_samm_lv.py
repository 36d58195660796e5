"""SAMM Long Videos on made copies."""

from __future__ import annotations

import shutil

import pytest

from mezoo.datasets import list_videos, read


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["event"], strict=True))


def test_events(samm_root):
    events = read("samm_lv", samm_root).events.set_index("event")
    assert events[["onset", "offset"]].to_dict("index") == {
        "006_1_1": {"onset": 11, "offset": 20},
        "006_1_2": {"onset": 25, "offset": 33},
        "006_2_10": {"onset": 1, "offset": 16},
        "037_4_1": {"onset": 15, "offset": 18},
        "037_4_1.2": {"onset": 14, "offset": 21},
        "037_4_2": {"onset": 30, "offset": 38},
        "037_4_3": {"onset": 36, "offset": 50},
    }
    assert events.loc["006_1_1", "apex"] == 14
    assert events["type"].value_counts().to_dict() == {"macro": 5, "micro": 2}
    assert (events["subject"] == events.index.str[:3]).all()
    assert events.loc["037_4_2", "aus"] == "(L12 or L14)"


def test_audit(samm_root):
    catalog = read("samm_lv", samm_root)
    assert checks(catalog, "repaired") == [
        ("apex_outside", "037_4_2"),
        ("event_id", "037_4_1.2"),
        ("fraction", "006_1_1"),
        ("offset_beyond_video", "037_4_3"),
        ("onset_zero", "006_2_10"),
    ]
    assert checks(catalog, "excluded") == []
    flags = catalog.events.set_index("event")["flags"]
    assert flags["006_1_2"] == flags["037_4_2"] == "apex_missing"
    assert flags["006_2_10"] == "onset_before_video"
    assert flags["037_4_3"] == "offset_clipped"


def test_onset_zero_may_be_dropped(samm_root):
    catalog = read("samm_lv", samm_root, options={"onset_zero": "drop"})
    assert "006_2_10" not in set(catalog.events["event"])
    assert checks(catalog, "excluded") == [("onset_zero", "006_2_10")]


def test_an_event_outside_its_video_is_left_out(samm_root):
    for number in range(10, 51):
        (samm_root / f"SAMM_longvideos/037_4/037_4_{number:04d}.jpg").unlink()
    catalog = read("samm_lv", samm_root)
    assert set(catalog.events["video"]) == {"006_1", "006_2"}
    assert len(checks(catalog, "excluded")) == 4


def test_numeric_ids_of_a_resaved_sheet(samm_root, samm_rows, samm_sheets, write_workbook):
    expected = read("samm_lv", samm_root).events
    for row in samm_rows:
        row[0] = int(row[0])
        row[1] = row[1].lstrip("0")
    (samm_root / "SAMM_LongVideos_V2_Release.xlsx").unlink()
    header = next(iter(samm_sheets.values()))[3]
    sheet = [[" subject ", *header[1:]], *samm_rows]
    write_workbook(samm_root / "notes/resaved.csv", {"": sheet})
    assert read("samm_lv", samm_root).events.equals(expected)


def test_the_latest_release_is_read(samm_root, samm_sheets, write_workbook):
    write_workbook(samm_root / "SAMM_LongVideos_V3_Release.xlsx", samm_sheets)
    row = read("samm_lv", samm_root).audit.query("check == 'coding_file'").iloc[0]
    assert "V3" in row["found"] and "V2" in row["action"]


@pytest.mark.parametrize("inner", [".", "006 and others/deep"])
def test_finds_the_level(samm_root, inner):
    new = samm_root.parent / "copy" / inner
    shutil.copytree(samm_root / "SAMM_longvideos", new, dirs_exist_ok=True)
    found = list_videos("samm_lv", samm_root.parent / "copy")
    assert [ref.video for ref in found] == ["006_1", "006_2", "037_4"]
    assert [ref.subject for ref in found] == ["006", "006", "037"]


def test_a_second_copy_of_a_video_is_left_out(samm_root):
    shutil.copytree(samm_root / "SAMM_longvideos/006_1", samm_root / "old/006_1")
    catalog = read("samm_lv", samm_root)
    assert len(catalog.videos) == len(list_videos("samm_lv", samm_root)) == 3
    assert checks(catalog, "excluded") == [("video_twice", "")]


def test_micro_movements_get_the_emotions_of_samm(samm_root, write_workbook):
    header = ["Subject", "Filename", "Onset Frame", "Apex Frame", "Offset Frame", "Estimated Emotion"]
    rows = [[6, "6_1_2", 25, 28, 33, "Contempt"], [37, "037_4_1", 15, 16, 18, "Other"]]
    write_workbook(samm_root / "SAMM_Micro_FACS_Codes_v2.xlsx", {"MICRO_ONLY": [header, *rows]})
    catalog = read("samm_lv", samm_root)
    emotions = catalog.events.set_index("event")["emotion"]
    assert emotions["037_4_1"] == "Other" and emotions["037_4_1.2"] == "", "the macro-movement of this name"
    assert emotions["006_1_2"] == "Contempt" and (emotions != "").sum() == 2
    assert ("emotions", "") in checks(catalog, "info")
    (row,) = catalog.audit[catalog.audit["check"] == "emotions"].itertuples()
    assert "2 of 2 micro-movements" in row.found
