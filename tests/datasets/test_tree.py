"""The search for videos by the form of their names."""

from __future__ import annotations

import re

from mezoo.datasets.tree import find_files, find_items

ITEM, LEVEL = re.compile(r"\d+_\d+"), re.compile(r"s\d+")


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_items_are_folders_or_video_files(tmp_path):
    for name in ("a/s1/1_1/x.jpg", "a/s1/1_2.AVI", "a/s1/1_3.txt", "a/s1/.1_4/x", "a/s1/other/1_5/x"):
        touch(tmp_path / name)
    found = find_items(tmp_path, ITEM, last_level=LEVEL)
    assert [path.name for path in found] == ["1_1", "1_2.AVI"]


def test_items_deeper_than_asked_are_not_found(tmp_path):
    touch(tmp_path / "a/b/c/1_1/x.jpg")
    assert find_items(tmp_path, ITEM, last_level=LEVEL, depth=3) == []
    assert len(find_items(tmp_path, ITEM, last_level=LEVEL, depth=4)) == 1


def test_files_upper_levels_first_and_no_lock_files(tmp_path):
    for name in ("b/code.xlsx", "z.XLS", "~$z.xls", "1_1/frames.csv", "b/c/deep.csv"):
        touch(tmp_path / name)
    found = find_files(tmp_path, frozenset({".xls", ".xlsx", ".csv"}), skip=ITEM, depth=1)
    assert [path.name for path in found] == ["z.XLS", "code.xlsx"]
    assert list(find_files(tmp_path / "absent", frozenset(), skip=ITEM, depth=1)) == []
