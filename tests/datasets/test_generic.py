"""Anybody's videos with a table of events."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.datasets import list_videos, read
from mezoo.errors import ConfigError
from mezoo.video import write_mp4

ROWS = [
    "video,subject,onset,apex,offset,type,emotion,aus",
    "anna/one,anna,3,5,8,micro,happy,6+12",
    "anna/one,anna,12,14,19,Macro,,4",
    'ben/two,ben,2,,9,micro-expression,fear,"1+2,4"',
]


def checks(catalog, *severities):
    rows = catalog.audit[catalog.audit["severity"].isin(severities)]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def root(tmp_path, write_frames):
    write_frames(tmp_path / "anna/one", range(1, 31))
    write_frames(tmp_path / "ben/two", range(1, 31))
    write_frames(tmp_path / "ben/three", range(1, 31))
    table(tmp_path, ROWS)
    return tmp_path


def table(root, lines, name="events.csv"):
    (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root / name


def test_a_clean_corpus_needs_no_repair(root):
    catalog = read("generic", root, options={"fps": 50})
    assert checks(catalog, "repaired", "excluded") == []
    assert catalog.events[["event", "subject", "type", "emotion", "aus"]].values.tolist() == [
        ["anna_one_1", "anna", "micro", "happy", "6+12"],
        ["anna_one_2", "anna", "macro", "", "4"],
        ["ben_two_1", "ben", "micro", "fear", "1+2+4"],
    ]
    assert catalog.videos["subject"].tolist() == ["anna", "ben", "ben"]
    assert (catalog.videos["fps"] == 50).all() and (catalog.videos["kind"] == "long").all()
    assert [ref.video for ref in list_videos("generic", root)] == catalog.videos["video"].tolist()
    assert ("unannotated", "") in checks(catalog, "info")  # ben/three


def test_the_smallest_table_and_other_ways_to_name_a_video(root):
    table(root, ["TYPE,offset,x,onset,video", "micro,9,?,4,two", "macro,20,,11,./anna\\one", ",,,,"])
    catalog = read("generic", root, options={"kind": "clip"})
    assert catalog.events[["video", "subject", "onset", "offset"]].values.tolist() == [
        ["anna_one", "anna", 11, 20],
        ["ben_two", "ben", 4, 9],
    ]
    assert checks(catalog, "repaired", "excluded") == []
    assert (catalog.videos["kind"] == "clip").all()
    assert ("fps_unknown", "") in checks(catalog, "info")


def test_a_video_file_tells_its_frame_rate(tmp_path):
    with write_mp4(tmp_path / "me.mp4", fps=40, size=(16, 16)) as append:
        for _ in range(12):
            append(np.zeros((16, 16), np.uint8))
    table(tmp_path, ["video,onset,offset,type", "me.mp4,2,7,micro"])
    catalog = read("generic", tmp_path)
    assert catalog.videos[["video", "subject", "fps", "n_frames"]].values.tolist() == [["me", "me", 40, 12]]
    assert catalog.events["video"].tolist() == ["me"] and checks(catalog, "repaired", "excluded") == []


@pytest.mark.parametrize(
    "name", ["../anna/one", "/etc/passwd", "anna/../../x", "C:\\..\\x", "", ".hidden", "a" * 300]
)
def test_names_that_leave_the_root_are_left_out(root, name):
    table(root, [*ROWS, f"{name},anna,3,5,8,micro,happy,6"])
    catalog = read("generic", root)
    assert len(catalog.events) == 3 and checks(catalog, "excluded") == [("unknown_name", "")]
    assert all(path.startswith(root.as_posix()) for path in catalog.videos["path"])


def test_rows_that_cannot_be_used_are_audited(root):
    odd = ["anna/one,anna,x,y,z,micro,,", "nowhere,anna,1,2,3,micro,,", "anna/one,anna,1,2,3,smile,,"]
    zero = ["anna/one,anna,0,3,6,micro,,1", "anna/one,../x,0,3,6,micro,,1"]
    catalog = read("generic", (table(root, [*ROWS, *odd, *zero]), root)[1])
    assert [check for check, _ in checks(catalog, "excluded")] == [
        "interval",
        "unknown_name",
        "unsafe_name",
        "video_missing",
    ]
    assert checks(catalog, "repaired") == [("onset_before_video", "anna_one_4")]
    assert catalog.events.set_index("event").loc["anna_one_4", "onset"] == 1


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("video,apex,offset,type", "onset"),
        ("name,onset,offset,type", "video"),
        ("video,onset,offset", "type"),
        ("video,onset,type", "apex or offset"),
    ],
)
def test_a_missing_column_is_named_in_one_line(root, header, missing):
    table(root, [header, "a,1,2,3"])
    with pytest.raises(ConfigError, match=f"has no column '{missing}'") as caught:
        list_videos("generic", root)
    assert "\n" not in str(caught.value) and "events.csv" in str(caught.value)


def test_no_table_or_two(root):
    table(root, ROWS, "more.csv")
    with pytest.raises(ConfigError, match="2 tables lie here.*--coding"):
        list_videos("generic", root)
    (root / "more.csv").unlink()
    (root / "events.csv").unlink()
    with pytest.raises(ConfigError, match="no table of events lies here"):
        list_videos("generic", root)


@pytest.mark.parametrize("fps", [0, -3, "fast", "nan", "inf"])
def test_a_frame_rate_is_a_positive_number(root, fps):
    with pytest.raises(ConfigError, match="option fps is .* a positive number"):
        list_videos("generic", root, options={"fps": fps})
