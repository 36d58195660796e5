"""SAMM on made copies."""

from __future__ import annotations

import pytest

from mezoo.datasets import list_videos, read

HEADER = [
    "Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro",
    "Action Units", "Estimated Emotion", "Objective Classes", "Notes",
]  # fmt: skip
NOTES = [["SAMM Dataset - Master FACS Codes"], [None], ["Symbol Key:"], ['"/" = or']]
ROWS = [
    ["006", "006_1_2", 1, 5562, 5588, 5632, 71, "Micro - 1/2", "4+7", "Anger", 3, None],
    ["006", "006_1_3", 1, 912, 948, 988, 77, "Micro - 1/2", 4, "Anger", 3, "While blinking"],
    ["028", "028_4_1", 4, 1071, 1100, 1134, 64, "Micro - 1/2", "A14C", "Contempt", 7, "Blinks"],
]


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def make(tmp_path, write_workbook, write_frames):
    """Write a corpus with these rows and the folders that they name."""

    def make(rows=ROWS, *, header=HEADER, notes=NOTES, tree="SAMM", spell="{}/{}", folders=True):
        root = tmp_path / "corpus"
        write_workbook(root / "SAMM_Micro_FACS_Codes_v2.xlsx", {"MICRO_ONLY": [*notes, header, *rows]})
        for row in rows if folders else ():
            width = 5 if row[1] == "006_1_2" else 4
            pattern = f"{row[0]}_{{:0{width}d}}.jpg"
            write_frames(root / tree / spell.format(row[0], row[1]), range(row[3], row[5] + 1), pattern)
        return root

    return make


def test_a_clean_copy(make):
    catalog = read("samm", make())
    events = catalog.events.set_index("event")
    assert list(events.index) == ["006_1_2", "006_1_3", "028_4_1"]
    assert events[["onset", "apex", "offset"]].values.tolist()[0] == [5562, 5588, 5632]
    assert events["emotion"].tolist() == ["Anger", "Anger", "Contempt"]
    assert events["objective_class"].tolist() == ["3", "3", "7"]
    assert events["subject"].tolist() == ["006", "006", "028"] and set(events["type"]) == {"micro"}
    assert catalog.videos["n_frames"].tolist() == [71, 77, 64]
    assert set(catalog.audit["check"]) == {"coding_file", "coding_version"}
    assert set(catalog.videos["fps"]) == {200.0} and set(catalog.videos["kind"]) == {"clip"}


@pytest.mark.parametrize("tree", ["SAMM/SAMM", "SAMM_CROP", "."])
@pytest.mark.parametrize("spell", ["{}/{}", "subject {}/{}"])
def test_finds_the_clips(make, tree, spell):
    root = make(tree=tree, spell=spell)
    assert [ref.video for ref in list_videos("samm", root)] == read("samm", root).videos["video"].tolist()
    assert len(list_videos("samm", root)) == 3


def test_a_clip_in_another_subjects_folder_keeps_its_subject(make):
    root = make()
    (root / "SAMM/006/006_1_3").rename(root / "SAMM/028/006_1_3")
    assert [ref.subject for ref in list_videos("samm", root)] == ["006", "006", "028"]


def test_a_resaved_csv_copy(make, write_workbook):
    root = make()
    expected = read("samm", root).events
    rows = [[int(row[0]), row[1].lstrip("0"), *row[2:]] for row in ROWS]
    csv = write_workbook(root / "notes/copy.csv", {"": [HEADER, *rows]})
    assert read("samm", root, coding=csv).events.equals(expected)


def test_the_first_release(make):
    rows = [[*row[:9], row[11]] for row in ROWS]
    catalog = read("samm", make(rows, header=[*HEADER[:9], "Notes"]))
    assert set(catalog.events["emotion"]) == {""}
    assert catalog.audit.query("check == 'coding_version'")["found"].item().startswith("v1")


class TestOverlay:
    FAULTS = [("028_4_1", 4, 1143), ("032_3_1", 4, 1930), ("013_1_9", 5, 5793)]

    @pytest.fixture
    def faulty(self, make):
        rows = [
            ["028", "028_4_1", 4, 1071, 1143, 1134, 64, "Micro - 1/2", "A14C", "Contempt", 7, None],
            ["032", "032_3_1", 3, 4896, 1930, 4970, 75, "Micro - 1/2", "4A", "Anger", 3, None],
            ["013", "013_1_9", 1, 5658, 5680, 5793, 82, "Micro - 1/2", 7, "Anger", 7, None],
        ]
        return make(rows, folders=False)

    def test_known_faults_are_mended(self, faulty):
        catalog = read("samm", faulty, frames=False)
        frames = catalog.events.set_index("event")[["apex", "offset"]]
        assert frames.loc["028_4_1", "apex"] == 1113
        assert frames.loc["032_3_1", "apex"] == 4930
        assert frames.loc["013_1_9", "offset"] == 5739
        names = sorted(name for name, _, _ in self.FAULTS)
        assert checks(catalog, "repaired") == [("overlay", name) for name in names]
        assert set(catalog.events["flags"]) == {"overlay"}

    def test_switched_off_they_are_told(self, faulty):
        catalog = read("samm", faulty, frames=False, options={"overlay": "false"})
        frames = catalog.events.set_index("event")[["apex", "offset"]]
        assert frames.loc["032_3_1", "apex"] == 1930 and frames.loc["013_1_9", "offset"] == 5793
        told = checks(catalog, "info")
        assert [name for name, _ in told].count("overlay") == 3
        assert ("apex_outside", "032_3_1") in told and ("duration", "013_1_9") in told
        assert checks(catalog, "repaired") == []

    def test_a_mended_copy_is_left_alone(self, make):
        rows = [["032", "032_3_1", 3, 4896, 4931, 4970, 75, "Micro - 1/2", "4A", "Anger", 3, None]]
        catalog = read("samm", make(rows))
        assert catalog.events["apex"].tolist() == [4931]
        assert checks(catalog, "repaired") == []


@pytest.mark.parametrize("apex", [1703, 1704, 1736])
def test_a_weak_apex_is_told(make, apex):
    rows = [["026", "026_3_3", 3, 1703, apex, 1737, 35, "Micro - 1/2", "7B", "Anger", 7, None]]
    catalog = read("samm", make(rows))
    assert catalog.events[["apex", "flags"]].values.tolist() == [[apex, "apex_weak"]]


def test_alternatives_among_the_units(make):
    row = ["007", "007_6_1", 6, 10, 20, 30, 21, "Micro - 1/2", "(R6 or R12)+R15", "Other", 7, None]
    assert read("samm", make([row])).events["aus"].item() == "(R6 or R12)+R15"


def test_absent_frames_and_gaps(make):
    root = make()
    for number in range(980, 989):
        (root / f"SAMM/006/006_1_3/006_{number:04d}.jpg").unlink()
    (root / "SAMM/028/028_4_1/028_1100.jpg").unlink()
    catalog = read("samm", root)
    assert checks(catalog, "repaired") == [("clip_frames", "006_1_3")]
    assert ("frame_missing", "028_4_1") in checks(catalog, "info")
    assert catalog.events.set_index("event").loc["006_1_3", "offset"] == 979
