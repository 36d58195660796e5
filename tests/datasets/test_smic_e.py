"""SMIC-E on made copies: three forms of sheet, three cameras, garbage among the further intervals."""

from __future__ import annotations

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError

HS19 = [
    "Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", "Onset3F", "Offset3F", None,
    "FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalMF3", "TotalVL", "Emotion", None, None,
]  # fmt: skip
HS16 = [name for name in HS19 if name is None or "3" not in name]
VIS = [
    "Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", None, "FirstF", "TotalMF1",
    "TotalMF2", "TotalVL", "Emotion",
]  # fmt: skip
WORDS = {"ne": "negative", "po": "positive", "sur": "surprise"}


def row(name, first, last, *intervals, header=HS19, **cells):
    """A row of the annotation form."""
    values = {"Subject": int(name[1:].split("_")[0]), "Filename": name, "FirstF": first, "LastF": last}
    values["Emotion"] = WORDS[name.split("_")[1]]
    if isinstance(first, int):
        values["TotalVL"] = last - first + 1
    names = (("OnsetF", "OffsetF"), ("Onset2F", "Offset2F"), ("Onset3F", "Offset3F"))
    for (onset, offset), interval in zip(names, intervals, strict=False):
        values[onset], values[offset] = interval
    values |= cells
    return [values.get(name) for name in header]


CLEAN = [
    row("s1_ne_01", 559700, 559799, (559740, 559775)),
    row("s4_ne_04", 219000, 219499, (219199, 219230), (219343, 219361), (219413, 219435)),
    row("s9_sur_01", 60900, 61499, (61206, 61232), (61250, 61291)),
]


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def make(tmp_path, write_workbook, write_frames):
    """Write a corpus: sheets, and a folder for each (name, first, last)."""

    def make(sheets, clips=(), *, camera="HS", tree="SMIC-E_raw image/HS_long/SMIC-HS-E", file=None):
        root = tmp_path / "SMIC-E"
        write_workbook(root / (file or f"SMIC-{camera}-E_annotation.xlsx"), sheets)
        for name, first, last in clips:
            subject = f"s{int(name[1:].split('_')[0]):02d}"
            write_frames(root / tree / subject / name, range(first, last + 1), "image{:06d}.jpg")
        return root

    return make


CLIPS = [("s1_ne_01", 559700, 559799), ("s4_ne_04", 219000, 219499), ("s9_sur_01", 60900, 61499)]


def test_a_clean_copy(make):
    root = make({"HS": [HS19, *CLEAN, [None], ["remarks below", "the table"]]}, CLIPS)
    catalog = read("smic_e", root)
    events = catalog.events.set_index("event")
    assert list(events.index) == [
        "s01_ne_01_1", "s04_ne_04_1", "s04_ne_04_2", "s04_ne_04_3", "s09_sur_01_1", "s09_sur_01_2",
    ]  # fmt: skip
    assert events[["onset", "offset"]].values.tolist()[3] == [219413, 219435]
    assert events["apex"].isna().all() and set(events["type"]) == {"micro"}
    assert events["emotion"].tolist() == ["negative"] * 4 + ["surprise"] * 2
    assert set(catalog.videos["fps"]) == {100.0} and set(catalog.videos["kind"]) == {"long"}
    assert set(catalog.audit["check"]) == {"coding_file", "coding_version"}
    assert [ref.video for ref in list_videos("smic_e", root)] == ["s01_ne_01", "s04_ne_04", "s09_sur_01"]


@pytest.mark.parametrize("tree", ["HS_long/SMIC_HS_E", "SMIC-HS-E/HS", "hs_long/cropped"])
def test_trees_of_other_copies(make, tree):
    root = make({"HS": [HS19, *CLEAN]}, CLIPS, tree=tree)
    assert len(list_videos("smic_e", root)) == 3
    assert len(read("smic_e", root).events) == 6


class TestCameras:
    @pytest.fixture
    def root(self, make, tmp_path):
        rows = [row("s11_po_01", 7700, 7799, (7750, 7754), (7760, 7764), header=VIS)]
        make({"VIS": [VIS, *rows]}, [("s11_po_01", 7700, 7799)], camera="VIS", tree="VIS_long/SMIC-VIS-E")
        nir = [row("s11_po_01", 500, 599, (550, 554), header=VIS)]
        make({"Sheet1": [VIS, *nir]}, [("s11_po_01", 500, 599)], camera="NIR", tree="NIR_long/SMIC-NIR-E")
        return make({"HS": [HS19, *CLEAN], "VIS": [VIS, *rows]}, CLIPS)

    @pytest.mark.parametrize(("camera", "onsets", "fps"), [("VIS", [7750, 7760], 25.0), ("NIR", [550], 25.0)])
    def test_each_has_its_sheet_tree_and_rate(self, root, camera, onsets, fps):
        catalog = read("smic_e", root, options={"camera": camera})
        assert catalog.events["onset"].tolist() == onsets
        assert catalog.videos[["video", "fps"]].values.tolist() == [["s11_po_01", fps]]
        assert f"{camera}_long" in catalog.videos["path"].item()
        assert len(read("smic_e", root).events) == 6

    def test_the_sheet_of_another_camera_is_refused(self, make):
        root = make({"Sheet1": [HS19, *CLEAN]}, CLIPS)
        with pytest.raises(ConfigError, match="no sheet of the camera VIS"):
            read("smic_e", root, options={"camera": "VIS"}, frames=False)


class TestFaults:
    def read(self, make, *rows, header=HS19, **options):
        return read("smic_e", make({"HS": [header, *rows]}), frames=False, options=options)

    def test_garbage_intervals(self, make):
        catalog = self.read(
            make,
            row(
                "s20_ne_06",
                17668743,
                17668982,
                (17668815, 17668835),
                (17668855, 17668883),
                (17549887, 17668743),
            ),
            row("s9_sur_01", 60900, 61499, (61206, 61232), (61250, 61291), (61250, 61291)),
            row("s2_po_01", 100, 200, (120, 130), (160, 150), (150, None)),
        )
        assert len(catalog.events) == 5
        assert checks(catalog, "excluded") == [
            ("interval_outside", "s02_po_01_2"),
            ("interval_outside", "s02_po_01_3"),
            ("interval_outside", "s20_ne_06_3"),
            ("interval_repeated", "s09_sur_01_3"),
        ]
        assert checks(catalog, "repaired") == []

    def test_the_first_interval_is_kept(self, make):
        catalog = self.read(
            make,
            row("s1_ne_03", 650000, 650699, (658536, 658562)),
            row("s3_ne_20", "MISSING <-426679", None, (426679, 426709), (426680, 426690)),
        )
        assert catalog.events["event"].tolist() == ["s01_ne_03_1", "s03_ne_20_1"]
        told = catalog.audit.query("check == 'clip_range'")
        assert told["video"].tolist() == ["s01_ne_03", "s03_ne_20"]
        assert "MISSING" in told["found"].iloc[1]

    def test_without_the_further_ones(self, make):
        catalog = self.read(make, *CLEAN, intervals="first")
        assert catalog.events["event"].tolist() == ["s01_ne_01_1", "s04_ne_04_1", "s09_sur_01_1"]
        assert {name for name, _ in checks(catalog, "excluded")} == {"interval_further"}

    def test_a_wrong_emotion(self, make):
        wrong = row("s18_sur_03", 100, 200, (120, 130), (150, 160), Emotion="negative")
        mended = self.read(make, wrong)
        assert mended.events["emotion"].tolist() == ["surprise"] * 2
        assert [name for name, _ in checks(mended, "repaired")] == ["overlay"]
        kept = self.read(make, wrong, overlay=False)
        assert kept.events["emotion"].tolist() == ["negative"] * 2
        assert ("emotion_prefix", "s18_sur_03_1") in checks(kept, "info")

    def test_clips_that_were_merged(self, make):
        rows = [
            row("s3_ne_02", 301900, 302499, (302330, 302356), header=HS16),
            row("s3_ne_03", 301900, 302499, (302370, 302380), header=HS16),
        ]
        root = make({"HS": [HS16, *rows]}, [("s3_ne_02", 301900, 302499)])
        catalog = read("smic_e", root)
        assert catalog.events[["event", "video"]].values.tolist() == [
            ["s03_ne_02_1", "s03_ne_02"],
            ["s03_ne_03_1", "s03_ne_02"],
        ]
        assert [name for name, _ in checks(catalog, "repaired")] == ["overlay"]
        split = read("smic_e", root, options={"overlay": False})
        assert ("video_missing", "s03_ne_03_1") in checks(split, "excluded")

    def test_names_of_no_form(self, make):
        catalog = self.read(make, *CLEAN, [5, "whole session"])
        assert checks(catalog, "excluded") == [("unknown_name", "")]


class TestOtherFiles:
    SPOTTING = [
        "subject", "video", "video_name", "NumME", "StartFrame", "EndFrame", "Length",
        "ME_Type", "onset", "offset", "ME_Type", "onset", "offset",
    ]  # fmt: skip
    ROWS = [
        [1, 1, "s01_01", 2, 1000, 1999, 1000, "s1_ne_01", 1100, 1130, "s1_sur_01", 1500, 1540],
        [1, 2, "s01_02", 0, 2000, 2999, 1000],
        [2, 1, "s02_01", 1, 50, 500, 451, "po", 100, 130],
    ]

    def test_the_spotting_form(self, make):
        clips = [("s01_01", 1000, 1999), ("s01_02", 2000, 2999), ("s02_01", 50, 500)]
        root = make({"Sheet1": [self.SPOTTING, *self.ROWS]}, clips, file="SMIC_HS_E_spotting.xlsx", tree="HS")
        catalog = read("smic_e", root)
        assert catalog.events[["event", "emotion", "onset"]].values.tolist() == [
            ["s01_01_1", "negative", 1100],
            ["s01_01_2", "surprise", 1500],
            ["s02_01_1", "positive", 100],
        ]
        assert len(catalog.videos) == 3
        assert catalog.audit.query("check == 'unannotated'")["video"].tolist() == ["s01_02"]
        assert catalog.audit.query("check == 'coding_version'")["found"].item() == "spotting form, 3 rows"

    def test_a_csv_copy(self, make, tmp_path):
        expected = read("smic_e", make({"HS": [HS19, *CLEAN]}), frames=False).events
        root = make({"": [HS19, *CLEAN]}, file="copy/SMIC-HS-E_annotation.csv")
        coding = root / "copy/SMIC-HS-E_annotation.csv"
        assert read("smic_e", None, coding=coding, frames=False).events.equals(expected)

    def test_the_original_sheet_comes_last(self, make):
        make(
            {"HS": [HS16, row("s3_ne_02", 1, 99, (10, 20), header=HS16)]},
            file="SMIC-HS-E_annotation_orig.xlsx",
        )
        catalog = read("smic_e", make({"HS": [HS19, *CLEAN]}), frames=False)
        assert len(catalog.events) == 6
        assert "orig" in catalog.audit.query("check == 'coding_file'")["action"].item()
