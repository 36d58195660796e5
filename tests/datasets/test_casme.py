"""CASME on made copies: two sections or a merged table, and the known rows of the latter."""

from __future__ import annotations

import pytest

from mezoo.datasets import list_videos, read

HEADER = [
    "Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "Onset", "Total", "AU", "Emotion",
]  # fmt: skip


def row(subject, clip, onset, apex, offset, second="\\", emotion="tense", aus="4"):
    return [subject, clip, None, onset, apex, second, offset, None, 0.1, 0.3, aus, emotion]


SECTION_A = [row(1, "EP01_1", 10, 15, 20), row(1, "EP01_5", 30, 36, 44, emotion="comtempt", aus=14)]
SECTION_B = [row(8, "EP12_2_1", 5, 9, 17)]


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def root(tmp_path, write_workbook, write_frames):
    """A made corpus in two sections, each with its table and its form of frame names."""
    root = tmp_path / "CASME"
    write_workbook(root / "CASME_A/Section A/Section A.xlsx", {"Sheet1": [HEADER, *SECTION_A]})
    write_workbook(root / "CASME_B/Section B/Section B.xlsx", {"Sheet1": [HEADER, *SECTION_B]})
    write_frames(root / "CASME_A/Section A/sub01/EP01_1", range(10, 21), "EP01_1-{}.jpg")
    write_frames(root / "CASME_A/Section A/sub01/EP01_5", range(30, 45), "img{}.jpg")
    write_frames(root / "CASME_B/Section B/sub08/EP12_2_1", range(5, 18), "EP12_2_1-{:03d}.jpg")
    return root


def test_both_sections_are_read(root):
    catalog = read("casme", root)
    events = catalog.events.set_index("event")
    assert list(events.index) == ["sub01_EP01_1", "sub01_EP01_5", "sub08_EP12_2_1"]
    assert events[["onset", "apex", "offset"]].values.tolist() == [[10, 15, 20], [30, 36, 44], [5, 9, 17]]
    assert events["emotion"].tolist() == ["tense", "comtempt", "tense"]
    assert catalog.videos["n_frames"].tolist() == [11, 15, 13]
    assert set(catalog.videos["fps"]) == {60.0}
    assert set(catalog.audit["severity"]) == {"info"}
    files = catalog.audit.query("check == 'coding_file'")["found"].item()
    assert files == "Section A.xlsx, Section B.xlsx"
    assert [ref.video for ref in list_videos("casme", root)] == list(events.index)


def test_a_merged_table_is_not_read_twice(root, write_workbook):
    write_workbook(root / "merged.csv", {"": [HEADER, *SECTION_A, *SECTION_B]})
    catalog = read("casme", root)
    assert len(catalog.events) == 3 and checks(catalog, "repaired") == []
    files = catalog.audit.query("check == 'coding_file'").iloc[0]
    assert files["found"] == "merged.csv" and "Section A.xlsx, Section B.xlsx" in files["action"]


def test_cropped_and_selected_trees(root, write_frames):
    write_frames(root / "Cropped/sub01/EP01_1", range(10, 21), "reg_EP01_1-{}.jpg")
    write_frames(root / "CASME_raw_selected/sub01/EP01_1", range(10, 21), "EP01_1-{}.jpg")
    assert len(list_videos("casme", root, options={"pictures": "raw"})) == 3
    for tree, part in (("cropped", "Cropped"), ("selected", "CASME_raw_selected")):
        assert [ref.path.parts[-3] for ref in list_videos("casme", root, options={"pictures": tree})] == [
            part
        ]


def test_what_the_sheet_does_not_code(root, write_workbook):
    rows = [row(1, "EP01_1", 10, 15, "\\"), row(1, "EP01_5", 30, 36, 44, second=40)]
    write_workbook(root / "CASME_A/Section A/Section A.xlsx", {"Sheet1": [HEADER, *rows]})
    catalog = read("casme", root)
    events = catalog.events.set_index("event")
    assert events["offset"].isna().tolist() == [True, False, False]
    assert events["flags"].tolist() == ["offset_missing", "second_apex", ""]
    assert ("second_apex", "sub01_EP01_5") in checks(catalog, "info")
    assert checks(catalog, "repaired") == []


class TestMergedTable:
    def merged(self, write_workbook, tmp_path, n_rows=189):
        rows = [row(1 + i // 10, f"EP{i:02d}_1", 10, 15, 20) for i in range(n_rows)]
        rows[40][3:7] = [110, 105, "\\", 100]  # out of order
        rows[54][6] = "\\"
        path = tmp_path / "casme.csv"
        return write_workbook(path, {"": [HEADER, *rows]})

    def test_known_rows_are_mended(self, write_workbook, tmp_path):
        catalog = read("casme", None, coding=self.merged(write_workbook, tmp_path), frames=False)
        events = catalog.events.set_index("event")
        assert len(events) == 189
        assert events.loc["sub05_EP40_1", ["onset", "apex", "offset"]].tolist() == [100, 120, 149]
        assert events.loc["sub06_EP54_1", "offset"] == 40
        assert events.loc["sub05_EP42_1", "onset"] == 10  # in order, so left as it is
        mended = [("overlay", "sub05_EP40_1")] * 3 + [("overlay", "sub06_EP54_1")]
        assert checks(catalog, "repaired") == mended

    def test_not_in_a_table_of_another_length(self, write_workbook, tmp_path):
        catalog = read("casme", None, coding=self.merged(write_workbook, tmp_path, 190), frames=False)
        assert checks(catalog, "repaired") == []
        assert ("interval", "sub05_EP40_1") in checks(catalog, "excluded")

    def test_not_when_switched_off(self, write_workbook, tmp_path):
        coding = self.merged(write_workbook, tmp_path)
        catalog = read("casme", None, coding=coding, frames=False, options={"overlay": False})
        assert checks(catalog, "repaired") == []
        assert checks(catalog, "info").count(("overlay", "sub05_EP40_1")) == 3


def test_unknown_names_are_left_out(root, write_workbook):
    rows = [*SECTION_A, row("?", "EP01_9", 1, 2, 3)]
    write_workbook(root / "CASME_A/Section A/Section A.xlsx", {"Sheet1": [HEADER, *rows]})
    assert checks(read("casme", root), "excluded") == [("unknown_name", "")]


def test_frames_that_are_not_in_the_folder(root, write_workbook):
    rows = [row(1, "EP01_1", 10, 15, 23), SECTION_A[1]]
    write_workbook(root / "CASME_A/Section A/Section A.xlsx", {"Sheet1": [HEADER, *rows]})
    catalog = read("casme", root)
    assert checks(catalog, "repaired") == [("clip_frames", "sub01_EP01_1")]
    assert catalog.events["offset"].tolist()[0] == 20
