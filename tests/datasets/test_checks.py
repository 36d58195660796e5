"""Faults of frames and of annotations become audit rows, and nothing stops."""

from __future__ import annotations

import shutil

import pytest

from mezoo.catalog_items import Audit, EventRecord
from mezoo.datasets import read
from mezoo.datasets.checks import check_codes


def rows(catalog, check):
    found = catalog.audit[catalog.audit["check"] == check]
    return list(zip(found["severity"], found["video"], found["event"], strict=True))


def test_a_copy_without_faults_has_no_repair(casme_root):
    audit = read("casme_sq", casme_root).audit
    assert set(audit["severity"]) == {"info"}


def test_gap_in_the_numbers(casme_root):
    (casme_root / "rawpic/s19/19_0101disgustingteeth/img015.jpg").unlink()
    catalog = read("casme_sq", casme_root)
    video = catalog.videos.set_index("video").loc["s19_0101"]
    assert list(video[["n_frames", "first_frame", "last_frame"]]) == [49, 1, 50]
    assert rows(catalog, "frame_gap") == [("info", "s19_0101", "")]
    assert rows(catalog, "frame_missing") == [("info", "s19_0101", "s19_0101_1")]
    assert "frame_missing" in catalog.events.set_index("event").loc["s19_0101_1", "flags"]


def test_empty_folder(casme_root, write_frames):
    folder = casme_root / "rawpic/s29/29_0508funnydunkey"
    shutil.rmtree(folder)
    write_frames(folder, [])
    (folder / "Thumbs.db").touch()
    (folder / "._img001.jpg").touch()
    catalog = read("casme_sq", casme_root)
    video = catalog.videos.set_index("video").loc["s29_0508"]
    assert video["n_frames"] == 0 and video[["first_frame", "last_frame"]].isna().all()
    assert rows(catalog, "video_unusable") == [("excluded", "s29_0508", "")]
    assert len(rows(catalog, "video_missing")) == 3
    assert "s29_0508" not in set(catalog.events["video"])


def test_two_files_of_one_number(casme_root):
    (casme_root / "rawpic/s19/19_0101disgustingteeth/img1.jpg").touch()
    catalog = read("casme_sq", casme_root)
    assert rows(catalog, "video_unusable") == [("excluded", "s19_0101", "")]


def test_annotated_video_without_a_folder(casme_root):
    shutil.rmtree(casme_root / "rawpic/s19/19_0402beatingpregnantwoman")
    catalog = read("casme_sq", casme_root)
    assert rows(catalog, "video_missing") == [("excluded", "s19_0402", "s19_0402_12")]
    assert "s19_0402" not in set(catalog.videos["video"])


def test_folder_without_annotation(casme_root, write_frames):
    write_frames(casme_root / "rawpic/s19/19_0508funnydunkey", range(1, 4))
    catalog = read("casme_sq", casme_root)
    assert rows(catalog, "unannotated") == [("info", "s19_0508", "")]
    assert "s19_0508" in set(catalog.videos["video"])


def test_numbers_that_do_not_start_at_one(casme_root):
    folder = casme_root / "rawpic/s19/19_0101disgustingteeth"
    for number in range(1, 12):
        (folder / f"img{number:03d}.jpg").unlink()
    catalog = read("casme_sq", casme_root)
    assert rows(catalog, "first_frame") == [("info", "s19_0101", "")]
    assert rows(catalog, "onset_before_video") == [("repaired", "s19_0101", "s19_0101_1")]
    assert catalog.events.set_index("event").loc["s19_0101_1", "onset"] == 12


@pytest.mark.parametrize(
    ("frames", "left_out"),
    [((None, 5, 9), True), ((5, None, None), True), ((9, None, 5), True), ((5, 9, None), False)],
)
def test_an_event_needs_an_interval(frames, left_out):
    event = EventRecord("d", "v", "s", "e", *frames, type="micro")
    audit = Audit("d")
    assert (check_codes([event], audit) == []) is left_out
    assert [row.check for row in audit] == ["interval"] * left_out


def test_the_same_interval_twice_is_kept_and_noted():
    events = [EventRecord("d", "v", "s", name, 1, 2, 3, type="micro") for name in ("a", "b")]
    audit = Audit("d")
    assert check_codes(events, audit) == events
    assert [(row.check, row.event) for row in audit] == [("duplicate", "b")]
