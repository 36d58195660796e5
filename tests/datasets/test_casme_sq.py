"""CAS(ME)^2 on made copies: the forms its releases take and the faults they have."""

from __future__ import annotations

import shutil

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["video"], rows["event"], strict=True))


def ids(refs):
    return [ref.video for ref in refs]


class TestTree:
    def test_lists_what_it_reads(self, casme_root):
        refs = list_videos("casme_sq", casme_root)
        videos = read("casme_sq", casme_root).videos
        assert [(r.video, r.subject, r.path.as_posix()) for r in refs] == list(
            zip(videos["video"], videos["subject"], videos["path"], strict=True)
        )
        assert ids(refs) == ["s19_0101", "s19_0402", "s29_0508"]

    @pytest.mark.parametrize("inner", ["rawpic", "RawPic/rawpic", "my pictures", "longVideoFaceCropped"])
    def test_finds_the_level_in_any_copy(self, casme_root, inner):
        moved = casme_root / "moved"
        shutil.copytree(casme_root / "rawpic", moved / inner)
        shutil.rmtree(casme_root / "rawpic")
        assert len(list_videos("casme_sq", casme_root)) == 3
        assert ids(list_videos("casme_sq", moved / inner)) == ids(list_videos("casme_sq", casme_root))

    def test_one_picture_tree_is_read(self, casme_root, write_frames):
        write_frames(
            casme_root / "longVideoFaceCropped/s19/19_0101disgustingteeth", range(1, 8), "img_{}.jpg"
        )
        write_frames(casme_root / "cropped/s19/anger2_12", range(5, 15), "img{}.jpg")
        assert {r.path.parts[-3] for r in list_videos("casme_sq", casme_root)} == {"rawpic"}
        cropped = read("casme_sq", casme_root, options={"pictures": "longVideoFaceCropped"})
        assert cropped.videos[["video", "n_frames", "last_frame"]].values.tolist() == [["s19_0101", 7, 7]]

    def test_a_misplaced_copy_is_dropped(self, casme_root, write_frames):
        write_frames(casme_root / "rawpic/s19/29_0508funnydunkey", range(1, 51))
        catalog = read("casme_sq", casme_root)
        assert len(catalog.videos) == 3
        assert catalog.videos.query("video == 's29_0508'")["path"].item().endswith("s29/29_0508funnydunkey")
        assert checks(catalog, "excluded") == [("misplaced_video", "s29_0508", "")]

    def test_a_misplaced_original_goes_to_its_own_subject(self, casme_root):
        (casme_root / "rawpic/s29/29_0508funnydunkey").rename(casme_root / "rawpic/s19/29_0508funnydunkey")
        catalog = read("casme_sq", casme_root)
        assert catalog.videos.query("video == 's29_0508'")["subject"].item() == "s29"
        assert checks(catalog, "repaired") == [("misplaced_video", "s29_0508", "")]
        dropped = list_videos("casme_sq", casme_root, options={"misplaced": "drop"})
        assert ids(dropped) == ["s19_0101", "s19_0402"]

    def test_video_files(self, casme_root):
        import cv2
        import numpy as np

        shutil.rmtree(casme_root / "rawpic")
        path = casme_root / "rawvideo/s19/19_0101disgustingteeth.avi"
        path.parent.mkdir(parents=True)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30, (32, 32))
        for _ in range(25):
            writer.write(np.zeros((32, 32, 3), np.uint8))
        writer.release()
        (path.parent / "19_0402beatingpregnantwoman.avi").write_bytes(b"not a video")
        catalog = read("casme_sq", casme_root)
        assert catalog.videos[["video", "n_frames"]].values.tolist() == [["s19_0101", 25], ["s19_0402", 0]]
        assert ("video_unusable", "s19_0402", "") in checks(catalog, "excluded")

    def test_nothing_there(self, tmp_path):
        with pytest.raises(ConfigError, match="no video of this layout"):
            list_videos("casme_sq", tmp_path)
        with pytest.raises(ConfigError, match="not a folder"):
            list_videos("casme_sq", tmp_path / "absent")


class TestSheet:
    def test_events(self, casme_root):
        events = read("casme_sq", casme_root).events.set_index("event")
        assert list(events.index) == [
            "s19_0101_1", "s19_0101_2", "s19_0402_12", "s29_0508_1", "s29_0508_2", "s29_0508_10",
        ]  # fmt: skip
        two_digits = events.loc["s19_0402_12"]
        assert (two_digits["video"], two_digits["subject"], two_digits["type"]) == (
            "s19_0402",
            "s19",
            "micro",
        )
        assert list(events.loc["s19_0101_1", ["onset", "apex", "offset"]]) == [10, 15, 20]
        assert events["emotion"].tolist() == [
            "negative", "positive", "others", "others", "surprise", "positive",
        ]  # fmt: skip
        assert events["aus"].tolist() == ["4+7", "12", "L14", "43", "1+2", "6+12"]

    def test_zero_means_not_coded(self, casme_root):
        events = read("casme_sq", casme_root).events.set_index("event")
        assert events["offset"].isna().sum() == 1 and events["apex"].isna().sum() == 1
        assert events.loc["s19_0101_2", "flags"] == "offset_missing"
        assert events.loc["s29_0508_1", "flags"] == "apex_missing"
        assert events.loc["s29_0508_2", "flags"] == "apex_outside"

    @pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
    def test_the_first_sheet_is_enough(self, casme_root, write_workbook, casme_sheets, suffix):
        expected = read("casme_sq", casme_root).events
        alone = {"any": casme_sheets["CASFEcode_final"]}
        path = write_workbook(casme_root / f"else/renamed{suffix}", alone)
        catalog = read("casme_sq", casme_root, coding=path)
        assert catalog.events.equals(expected)
        assert checks(catalog, "info").count(("naming_rule", "", "")) == 2

    def test_columns_are_found_by_content(self, casme_root, write_workbook, casme_sheets):
        expected = read("casme_sq", casme_root).events
        shifted = [[i, *row] for i, row in enumerate(casme_sheets["CASFEcode_final"])]
        sheets = casme_sheets | {"CASFEcode_final": [[None, "a", "copy", "of"], [None], *shifted]}
        write_workbook(casme_root / "CAS(ME)^2code_final(Updated).xlsx", sheets)
        catalog = read("casme_sq", casme_root)
        assert catalog.events.equals(expected)
        assert "Updated" in catalog.audit.query("check == 'coding_file'")["found"].item()

    def test_codes_that_lost_their_zero(self, casme_root, write_workbook, casme_sheets):
        sheets = casme_sheets | {"naming rule2": [[101, "disgust1"], [402, "anger2"], [508, "happy5"]]}
        write_workbook(casme_root / "CAS(ME)^2code_final.xlsx", sheets)
        assert set(read("casme_sq", casme_root).events["video"]) == {"s19_0101", "s19_0402", "s29_0508"}

    def test_unknown_names_are_left_out_with_a_reason(self, casme_root, write_workbook, casme_sheets):
        rows = casme_sheets["CASFEcode_final"]
        rows[0][0], rows[1][7], rows[2][1] = 99, "mega-expression", "joy1_1"
        write_workbook(casme_root / "CAS(ME)^2code_final.xlsx", casme_sheets)
        catalog = read("casme_sq", casme_root)
        assert len(catalog.events) == 3
        assert checks(catalog, "excluded") == [("unknown_name", "", "")] * 3

    def test_the_workbook_may_lie_beside_the_pictures(self, casme_root):
        assert len(read("casme_sq", casme_root / "rawpic").events) == 6

    def test_a_wrong_or_absent_workbook_stops(self, casme_root, samm_sheets, write_workbook):
        wrong = write_workbook(casme_root / "other/SAMM.xlsx", samm_sheets)
        with pytest.raises(ConfigError, match="none of the columns"):
            read("casme_sq", casme_root, coding=wrong)
        (casme_root / "CAS(ME)^2code_final.xlsx").unlink()
        with pytest.raises(ConfigError, match="no coding file"):
            read("casme_sq", casme_root)
