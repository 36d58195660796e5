"""SMIC on made trees: labels and ranges by the folders, three cameras, raw and cropped."""

from __future__ import annotations

import shutil

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError


def checks(catalog, severity):
    rows = catalog.audit[catalog.audit["severity"] == severity]
    return sorted(zip(rows["check"], rows["video"], strict=True))


@pytest.fixture
def root(tmp_path, write_frames):
    """Three clips of the high-speed camera, cropped."""
    root = tmp_path / "SMIC"
    hs = root / "SMIC_all_cropped/HS"
    write_frames(hs / "s1/micro/negative/s1_ne_01", range(559740, 559776), "reg_image{:06d}.bmp")
    write_frames(hs / "s1/micro/surprise/s1_sur_10", range(90, 101), "reg_image{:06d}.bmp")
    write_frames(hs / "s20/micro/positive/s20_po_01", range(17598752, 17598760), "reg_image{}.bmp")
    return root


def test_a_clean_copy(root):
    catalog = read("smic", root)
    events = catalog.events.set_index("event")
    assert list(events.index) == ["s01_ne_01", "s01_sur_10", "s20_po_01"]
    assert events["emotion"].tolist() == ["negative", "surprise", "positive"]
    assert events[["onset", "offset"]].values.tolist() == [[559740, 559775], [90, 100], [17598752, 17598759]]
    assert events["apex"].isna().all() and set(events["flags"]) == {"apex_missing"}
    assert events["subject"].tolist() == ["s01", "s01", "s20"]
    assert set(catalog.videos["fps"]) == {100.0} and set(catalog.videos["kind"]) == {"clip"}
    assert checks(catalog, "info") == [("apex_missing", "")]
    assert checks(catalog, "repaired") == checks(catalog, "excluded") == []
    assert [ref.video for ref in list_videos("smic", root)] == list(events.index)
    without = read("smic", root, frames=False)
    assert without.events.equals(catalog.events) and set(without.videos["fps"]) == {100.0}


def test_padded_folders_and_doubled_tops(root):
    moved = root / "SMIC_all_cropped/SMIC_all_cropped/hs"
    moved.parent.mkdir()
    (root / "SMIC_all_cropped/HS").rename(moved)
    (moved / "s1/micro/negative/s1_ne_01").rename(moved / "s1/micro/negative/S01_NE_01")
    (moved / "s1").rename(moved / "s01")
    assert [ref.video for ref in list_videos("smic", root)] == ["s01_ne_01", "s01_sur_10", "s20_po_01"]
    assert len(list_videos("smic", moved)) == 3


@pytest.mark.parametrize(("camera", "pattern"), [("VIS", "image {}.bmp"), ("NIR", "reg_{:05d}.bmp")])
def test_other_cameras(root, write_frames, camera, pattern):
    write_frames(root / f"SMIC_all_cropped/{camera}/s1/micro/negative/s1_ne_01", range(20, 26), pattern)
    assert len(read("smic", root).videos) == 3
    catalog = read("smic", root, options={"camera": camera})
    assert catalog.videos[["video", "fps", "n_frames"]].values.tolist() == [["s01_ne_01", 25.0, 6]]
    assert catalog.events[["onset", "offset"]].values.tolist() == [[20, 25]]


def test_a_camera_that_is_not_there(root):
    with pytest.raises(ConfigError, match="no video"):
        read("smic", root, options={"camera": "NIR"})


def test_raw_before_cropped(root, write_frames):
    write_frames(root / "SMIC_all_raw/HS/s1/micro/negative/s1_ne_01", range(7, 12), "image{:06d}.bmp")
    assert read("smic", root).events[["onset", "offset"]].values.tolist() == [[7, 11]]
    assert len(read("smic", root, options={"pictures": "cropped"}).events) == 3


def test_non_micro_clips_are_no_part(root, write_frames):
    write_frames(root / "SMIC_all_cropped/HS/s1/non_micro/negative/s1_ne_02", range(1, 9), "reg_image{}.bmp")
    assert len(read("smic", root).videos) == 3


def test_an_empty_clip(root):
    folder = root / "SMIC_all_cropped/HS/s1/micro/surprise/s1_sur_10"
    shutil.rmtree(folder)
    folder.mkdir()
    catalog = read("smic", root)
    assert checks(catalog, "excluded") == [("clip_empty", "s01_sur_10"), ("video_unusable", "s01_sur_10")]
    assert len(catalog.events) == 2
    assert catalog.videos.set_index("video").loc["s01_sur_10", "n_frames"] == 0


def test_gaps_are_told(root):
    (root / "SMIC_all_cropped/HS/s1/micro/surprise/s1_sur_10/reg_image000095.bmp").unlink()
    catalog = read("smic", root)
    assert ("frame_gap", "s01_sur_10") in checks(catalog, "info")
    assert checks(catalog, "repaired") == []


def test_the_name_tells_the_emotion(root):
    hs = root / "SMIC_all_cropped/HS/s1/micro"
    (hs / "surprise/s1_sur_10").rename(hs / "negative/s1_sur_10")
    catalog = read("smic", root)
    event = catalog.events.set_index("event").loc["s01_sur_10"]
    assert event["emotion"] == "surprise" and "emotion_folder" in event["flags"]
    assert ("emotion_folder", "s01_sur_10") in checks(catalog, "info")


def test_two_folders_of_one_clip(root, write_frames):
    write_frames(root / "SMIC_all_cropped/HS/s01/micro/negative/s01_ne_01", range(1, 4), "reg_image{}.bmp")
    catalog = read("smic", root)
    assert checks(catalog, "excluded") == [("video_twice", "s01_ne_01")]
    assert len(catalog.events) == 3
