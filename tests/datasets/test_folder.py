"""A folder of classes with still images."""

from __future__ import annotations

import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def test_each_image_is_a_video_of_one_frame(tmp_path):
    root = make(tmp_path, "happy/1.jpg", "happy/2.png", "fear/1.jpg", "fear/note.txt", "fear/._1.jpg")
    catalog = read("folder", root)
    assert set(catalog.audit["severity"]) <= {"info"}
    assert catalog.events[["video", "emotion", "type"]].values.tolist() == [
        ["fear_1", "fear", "macro"],
        ["happy_1", "happy", "macro"],
        ["happy_2", "happy", "macro"],
    ]
    assert (catalog.events[["onset", "apex", "offset"]] == 1).all(axis=None)
    assert (catalog.videos["n_frames"] == 1).all() and catalog.videos["fps"].isna().all()
    assert [ref.video for ref in list_videos("folder", root)] == catalog.videos["video"].tolist()


def test_affectnet_numbers_and_subjects(tmp_path):
    root = make(tmp_path, "train/1/anna_01.jpg", "train/7/ben-02.jpg", "val/9/anna_02.jpg")
    catalog = read("folder", root, options={"classes": "affectnet", "subject": "prefix"})
    assert catalog.events[["video", "subject", "emotion"]].values.tolist() == [
        ["train_1_anna_01", "anna", "happy"],
        ["train_7_ben-02", "ben", "contempt"],
        ["val_9_anna_02", "anna", "9"],
    ]
    assert catalog.audit["check"].tolist().count("unknown_emotion") == 1


def test_images_that_cannot_be_used_are_audited(tmp_path):
    root = make(tmp_path, "loose.jpg", "happy/1.jpg", "happy/1.png", "happy/a\nb.jpg")
    catalog = read("folder", root)
    assert catalog.events["video"].tolist() == ["happy_1"]
    left = catalog.audit.query("severity == 'excluded'")["check"]
    assert sorted(left) == ["no_class", "unsafe_name", "video_twice"]


def test_no_image_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match="no video of this layout lies here"):
        read("folder", tmp_path)
