"""CASME II on made copies: codings of three releases, three picture trees, and the faults of the real one."""

from __future__ import annotations

import shutil

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError

HEADER = [
    "Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units",
    "Estimated Emotion",
]  # fmt: skip
ROWS = [
    ["01", "EP02_01f", None, 46, 59, 86, None, 12, "happiness"],
    ["01", "EP03_02", None, 131, 139, 161, None, "4+L10", "others"],
    ["24", "EP07_01", None, 11, 20, 31, None, "1+2", "sadness"],
]
FOLDERS = {"sub01/EP02_01f": (46, 86), "sub01/EP03_02": (131, 161), "sub24/EP07_01": (11, 31)}


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["event"], strict=True))


def info(catalog, check):
    return catalog.audit.query(f"check == '{check}'")["found"].item()


@pytest.fixture
def make(tmp_path, write_workbook, write_frames):
    """Write a corpus with these rows, and folders whose frames are first..last."""

    def make(rows=ROWS, folders=FOLDERS, *, header=HEADER, tree="CASME2_RAW_selected", pattern="img{}.jpg"):
        root = tmp_path / "CASME2"
        if not (root / "coding.xlsx").exists():
            write_workbook(root / "coding.xlsx", {"Sheet1": [header, *rows], "Sheet2": []})
        for name, (first, last) in folders.items():
            write_frames(root / tree / name, range(first, last + 1), pattern)
        return root

    return make


def test_a_clean_copy(make):
    catalog = read("casme2", make())
    events = catalog.events.set_index("event")
    assert list(events.index) == ["sub01_EP02_01f", "sub01_EP03_02", "sub24_EP07_01"]
    assert events[["onset", "apex", "offset"]].values.tolist()[0] == [46, 59, 86]
    assert events["emotion"].tolist() == ["happiness", "others", "sadness"]
    assert set(events["type"]) == {"micro"} and (events["video"] == events.index).all()
    assert events["aus"].tolist() == ["12", "4+L10", "1+2"]
    assert set(catalog.videos["kind"]) == {"clip"} and set(catalog.videos["fps"]) == {200.0}
    assert set(catalog.audit["severity"]) == {"info"}
    assert set(catalog.audit["check"]) == {"coding_file", "coding_version", "objective_class"}


@pytest.mark.parametrize(
    "tree", ["CASME2-RAW", "Cropped-updated/Cropped", "CASME2_RAW_selected/CASME2_RAW_selected"]
)
def test_finds_the_clips_in_any_tree(make, tree):
    root = make(tree=tree, pattern="reg_img{}.jpg" if "Crop" in tree else "img{}.jpg")
    refs = list_videos("casme2", root)
    assert [ref.video for ref in refs] == read("casme2", root).videos["video"].tolist()
    assert [ref.subject for ref in refs] == ["sub01", "sub01", "sub24"]
    assert list_videos("casme2", root / tree) == refs


def test_capitals_and_unpadded_subjects(make):
    folders = {"SUB1/ep02_01F": (46, 86), "Sub01/EP03_02": (131, 161), "sub24/EP07_01": (11, 31)}
    rows = [[int(row[0]), *row[1:]] for row in ROWS]
    catalog = read("casme2", make(rows, folders))
    assert catalog.videos["video"].tolist() == ["sub01_EP02_01f", "sub01_EP03_02", "sub24_EP07_01"]
    assert checks(catalog, "excluded") == []


def test_one_tree_is_read(make):
    make(tree="Cropped", pattern="reg_img{}.jpg")
    root = make()
    assert {ref.path.parts[-3] for ref in list_videos("casme2", root)} == {"CASME2_RAW_selected"}
    catalog = read("casme2", root, options={"pictures": "cropped"})
    assert all("/Cropped/" in path for path in catalog.videos["path"])
    assert info(catalog, "pictures") == "selected, cropped"
    with pytest.raises(ConfigError, match="no video"):
        list_videos("casme2", root, options={"pictures": "compressed"})


def test_a_second_folder_of_a_clip_is_left_out(make):
    root = make()
    shutil.copytree(root / "CASME2_RAW_selected/sub01", root / "old selected/Sub1")
    assert checks(read("casme2", root), "excluded") == [("video_twice", "")] * 2


def test_a_csv_copy_gives_the_same_events(make, write_workbook):
    root = make()
    expected = read("casme2", root).events
    rows = [[int(row[0]), *row[1:]] for row in ROWS]
    csv = write_workbook(root / "copy/resaved.csv", {"": [[" subject ", *HEADER[1:]], *rows]})
    assert read("casme2", root, coding=csv).events.equals(expected)


class TestVersions:
    def test_2014(self, make):
        assert info(read("casme2", make()), "coding_version").startswith("2014")

    def test_2019(self, make):
        rows = [[*row, i] for i, row in enumerate(ROWS, 1)]
        rows[2] = [*rows[2][:8], "surprise", 3]
        catalog = read("casme2", make(rows, header=[*HEADER, "Objective Classes"]))
        assert info(catalog, "coding_version").startswith("2019")
        assert catalog.events["objective_class"].tolist() == ["1", "2", "3"]
        assert info(catalog, "objective_class") == "workbook"

    def test_updated_has_the_extra_clip(self, make):
        extra = ["24", "EP02_07", None, 61, 91, 106, None, 4, "disgust"]
        catalog = read("casme2", make([*ROWS, extra]), frames=False)
        assert info(catalog, "coding_version").startswith("updated")
        assert len(catalog.events) == 4

    def test_both_mixed_up(self, make):
        rows = [*ROWS, ["24", "EP10_03", None, 1, 2, 3, None, 4, "surprise"]]
        assert info(read("casme2", make(rows), frames=False), "coding_version").startswith("unknown")


class TestObjectiveClasses:
    @pytest.fixture
    def root(self, make, write_workbook):
        rows = [[*row, 7] for row in ROWS]
        root = make(rows, header=[*HEADER, "Objective Classes"])
        classes = [["Subject", "Filename", "Objective Class"], [1, "EP02_01f", 1], ["24", "EP07_01", 2]]
        write_workbook(
            root / "CASME2-ObjectiveClasses.xlsx", {"Sheet1": classes, "Sheet2": [["01", "x", 46]]}
        )
        return root

    @pytest.mark.parametrize(
        ("option", "classes", "source"),
        [
            ("auto", ["7", "7", "7"], "workbook"),
            ("workbook", ["7", "7", "7"], "workbook"),
            ("file", ["1", "", "2"], "CASME2-ObjectiveClasses.xlsx"),
        ],
    )
    def test_either_source(self, root, option, classes, source):
        for frames in (True, False):
            catalog = read("casme2", root, frames=frames, options={"objective": option})
            assert catalog.events["objective_class"].tolist() == classes
            assert info(catalog, "objective_class") == source

    def test_the_file_serves_a_sheet_without_the_column(self, root, write_workbook):
        coding = write_workbook(root / "other/2014.xlsx", {"Sheet1": [HEADER, *ROWS]})
        catalog = read("casme2", root, coding=coding)
        assert catalog.events["objective_class"].tolist() == ["1", "", "2"]

    def test_no_file(self, make):
        root = make()
        assert set(read("casme2", root).events["objective_class"]) == {""}
        with pytest.raises(ConfigError, match="no file of objective classes"):
            read("casme2", root, options={"objective": "file"})


class TestFaults:
    def one(self, make, row, frames, **kwargs):
        clip = {f"sub{row[0]}/{row[1]}": frames}
        return read("casme2", make([row], clip), **kwargs)

    def test_apex_slash_is_null(self, make):
        row = ["04", "EP12_01f", None, 261, "/", 321, None, "4", "disgust"]
        catalog = self.one(make, row, (261, 321))
        assert catalog.events["apex"].isna().all()
        assert catalog.events["flags"].tolist() == ["apex_missing"]
        assert ("apex_missing", "sub04_EP12_01f") in checks(catalog, "info")

    @pytest.mark.parametrize("apex", [69, 123])
    def test_an_apex_at_an_end_is_told(self, make, apex):
        row = ["05", "EP09_05f", None, 69, apex, 123, None, "4", "disgust"]
        catalog = self.one(make, row, (69, 123))
        assert catalog.events[["apex", "flags"]].values.tolist() == [[apex, "apex_weak"]]
        assert ("apex_weak", "sub05_EP09_05f") in checks(catalog, "info")

    @pytest.mark.parametrize(
        ("last", "frames", "check"),
        [(116, [56, 89, 116], "overlay"), (91, [56, None, 91], "clip_frames")],
    )
    def test_frames_on_disk_of_another_numbering(self, make, last, frames, check):
        row = ["07", "EP06_01", None, 15, 49, 68, None, "4", "others"]
        catalog = self.one(make, row, (56, last))
        event = catalog.events[["onset", "apex", "offset"]].astype(object).iloc[0]
        assert [None if event.isna()[k] else event[k] for k in event.index] == frames
        assert {name for name, _ in checks(catalog, "repaired")} == {check}
        assert check in catalog.events["flags"].item()

    def test_without_the_overlay_the_folder_counts(self, make):
        row = ["12", "EP09_02", None, 16, 59, 101, None, "4", "disgust"]
        catalog = self.one(make, row, (161, 206), options={"overlay": False})
        assert catalog.events[["onset", "offset"]].values.tolist() == [[161, 206]]
        assert catalog.events["apex"].isna().all()
        assert checks(catalog, "repaired") == [("clip_frames", "sub12_EP09_02")]
        assert checks(catalog, "info").count(("overlay", "sub12_EP09_02")) == 3

    def test_frames_on_disk_as_coded_are_believed(self, make):
        row = ["07", "EP06_01", None, 15, 49, 68, None, "4", "others"]
        catalog = self.one(make, row, (1, 120))
        assert catalog.events[["onset", "apex", "offset"]].values.tolist() == [[15, 49, 68]]
        assert checks(catalog, "repaired") == []

    def test_a_folder_that_ends_early(self, make):
        row = ["16", "EP01_08", None, 73, 94, 110, None, "4", "repression"]
        catalog = self.one(make, row, (73, 96))
        assert catalog.events[["onset", "apex", "offset"]].values.tolist() == [[73, 94, 96]]
        assert checks(catalog, "repaired") == [("clip_frames", "sub16_EP01_08")]
        row = catalog.audit.query("check == 'clip_frames'").iloc[0]
        assert (row["found"], row["expected"], row["action"]) == ("73/94/110", "frames 73..96", "73/94/96")

    def test_clips_without_their_coded_frames_may_be_left_out(self, make):
        row = ["16", "EP01_08", None, 73, 94, 110, None, "4", "repression"]
        catalog = self.one(make, row, (73, 96), options={"absent_frames": "exclude"})
        assert catalog.events.empty
        assert checks(catalog, "excluded") == [("clip_frames", "sub16_EP01_08")]

    def test_the_extra_clip(self, make):
        root = make(folders=FOLDERS | {"sub24/EP02_07": (61, 106)})
        catalog = read("casme2", root)
        assert catalog.audit.query("check == 'unannotated'")["video"].tolist() == ["sub24_EP02_07"]
        added = read("casme2", root, options={"extra_clip": "add"})
        event = added.events.set_index("event").loc["sub24_EP02_07"]
        assert list(event[["onset", "apex", "offset", "emotion"]]) == [61, 91, 106, "disgust"]
        assert checks(added, "repaired") == [("extra_clip", "sub24_EP02_07")]

    def test_unknown_names_are_left_out(self, make):
        bad = [
            ["01", "take 5", None, 1, 2, 3, None, 4, "others"],
            ["x", "EP01_01", None, 1, 2, 3, None, 4, "x"],
        ]
        catalog = read("casme2", make([*ROWS, *bad]))
        assert len(catalog.events) == 3
        assert checks(catalog, "excluded") == [("unknown_name", "")] * 2

    def test_an_unsure_unit_is_told(self, make):
        row = ["05", "EP05_03", None, 16, 30, 46, None, "?", "others"]
        catalog = self.one(make, row, (16, 46))
        assert ("au_string", "sub05_EP05_03") in checks(catalog, "info")

    def test_a_missing_column_is_named(self, make):
        with pytest.raises(ConfigError, match="no coding file"):
            read("casme2", make(header=[*HEADER[:4], "Peak", *HEADER[5:]]))
