"""CK+ on made copies: labels from text files, sequences without label, broken files."""

from __future__ import annotations

import pytest

from mezoo.datasets import list_videos, read
from mezoo.datasets.au import parse_aus
from mezoo.errors import ConfigError


def checks(catalog, *severities):
    rows = catalog.audit[catalog.audit["severity"].isin(severities)]
    return sorted(zip(rows["check"], rows["event"], strict=True))


def label(root, kind, name, content):
    subject, sequence, _ = name.split("_")
    path = root / kind / subject / sequence / f"{name}_{kind.lower()}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture
def root(tmp_path, write_frames):
    root = tmp_path / "CK+"
    for name, last in (("S005/001", 11), ("S010/002", 14)):
        pattern = f"{name.replace('/', '_')}_{{:08d}}.png"
        write_frames(root / "cohn-kanade-images" / name, range(1, last + 1), pattern)
        write_frames(root / "Landmarks" / name, range(1, 3), pattern)
    label(root, "Emotion", "S005_001_00000011", "   3.0000000e+00\n")
    label(root, "FACS", "S005_001_00000011", "   9.0000000e+00   4.0000000e+00\n  17.0  0.0\n")
    label(root, "FACS", "S010_002_00000014", "   1.0   2.0\n")
    (root / "Emotion/S010/002").mkdir(parents=True)  # a folder without a file means no label
    (root / "cohn-kanade-images/S005/.DS_Store").touch()
    (root / "Emotion/S005/001/.DS_Store").touch()
    return root


@pytest.mark.parametrize("inner", ["", "cohn-kanade-images"])
def test_a_clean_corpus_needs_no_repair(root, inner):
    catalog = read("ckplus", root / inner)
    assert checks(catalog, "repaired", "excluded") == []
    columns = ["event", "onset", "apex", "type", "emotion", "aus", "aus_raw"]
    assert catalog.events[columns].values.tolist() == [
        ["S005_001", 1, 11, "macro", "disgust", "9D+17", "9.0000000e+00 4.0000000e+00; 17.0 0.0"],
        ["S010_002", 1, 14, "macro", "", "1B", "1.0 2.0"],
    ]
    assert parse_aus(catalog.events["aus"][0]).certain == [9, 17]
    assert catalog.events["offset"].isna().all()
    assert [ref.video for ref in list_videos("ckplus", root / inner)] == ["S005_001", "S010_002"]
    assert catalog.videos["path"].str.contains("cohn-kanade-images").all()


def test_sequences_without_label_may_be_dropped(root):
    catalog = read("ckplus", root, options={"unlabelled": "drop"})
    assert catalog.events["event"].tolist() == ["S005_001"]


def test_broken_label_files(root):
    label(root, "Emotion", "S005_001_00000011", "")
    label(root, "Emotion", "S010_002_00000014", "9.0\n")
    label(root, "FACS", "S005_001_00000011", "nine four\n 17 9\n 4 1\n")
    label(root, "FACS", "S010_002_00000013", "1 2\n")
    label(root, "FACS", "S077_001_00000013", "1 2\n")
    catalog = read("ckplus", root)
    assert {
        ("unknown_emotion", "S005_001"),
        ("unknown_emotion", "S010_002"),
        ("au_string", "S005_001"),
    } <= set(checks(catalog, "info"))
    assert catalog.events["aus"].tolist() == ["4A", "1B"]
    assert checks(catalog, "excluded") == [("label_twice", ""), ("video_missing", "S077_001")]


def test_no_labels_is_one_line(root, tmp_path):
    with pytest.raises(ConfigError, match="no label file lies here"):
        read("ckplus", root / "cohn-kanade-images/S005")


def test_labels_alone(root):
    catalog = read("ckplus", None, coding=root, frames=False)
    assert catalog.videos["video"].tolist() == ["S005_001", "S010_002"]
