"""4DME on made copies: several emotions, persistent units, exchanged rows."""

from __future__ import annotations

import pytest

from mezoo.datasets import list_videos, read
from mezoo.datasets.au import parse_aus
from mezoo.errors import ConfigError

HEADER = [
    "sub_ID",
    "fold_name",
    "video_number",
    "Emotion",
    "Onset",
    "Apex",
    "Offset",
    "AUs",
    "AU1",
    "AU4",
    "AU7",
    "eye blink",
    "Positive",
    "Negative",
    "Surprise",
    "Repression",
    "Others",
    "fold",
]
ROWS = [
    ["S13", "S13_1st_001_01_1", 1, "Surprise+Positive", 5.0, 8.0, 12.0, "AU1", 1, 0, 0, 0, 1, 0, 1, 0, 0, 1],
    ["S13", "S13_1st_001_01_2", 1, "Negative", 20.0, 25.0, 30.0, "AU4+AU7(k)", 0, 1, 1, 0, 0, 1, 0, 0, 0, 1],
    [2, "S02_2nd_003_01_1", 1, "Others", 3.0, 4.0, 6.0, "AU7", 0, 0, 1, 0, 0, 0, 0, 0, 1, 2],
]


def checks(catalog, *severities):
    rows = catalog.audit[catalog.audit["severity"].isin(severities)]
    return sorted(zip(rows["check"], rows["event"], strict=True))


@pytest.fixture
def make(tmp_path, write_workbook, write_frames):
    def write(rows=ROWS, header=HEADER):
        root = tmp_path / "4DME_micro_and_macro"
        write_workbook(root / "4DME_Labelling_Micro_release v1.xlsx", {"Sheet1": [header, *rows]})
        for row in rows[:3]:
            subject = row[1].partition("_")[0]
            for stream in ("gray_micro", "depth_micro"):
                folder = root / stream / subject / row[1]
                write_frames(folder, range(int(row[4]), int(row[6]) + 1), "Frame_{:09d}.jpg")
        return root

    return write


@pytest.mark.parametrize("suffix", ["", "'"])
def test_a_clean_corpus_needs_no_repair(make, suffix):
    root = make(header=[f"{name}{suffix}" for name in HEADER])
    catalog = read("fourdme", root)
    assert checks(catalog, "repaired", "excluded") == []
    events = catalog.events.set_index("event")
    assert events["emotion"].to_dict() == {
        "S02_2nd_003_01_1": "Others",
        "S13_1st_001_01_1": "Surprise+Positive",
        "S13_1st_001_01_2": "Negative",
    }
    assert parse_aus(events.loc["S13_1st_001_01_2", "aus"]).certain == [4]  # (k) has no motion
    assert all("/gray_micro/" in path for path in catalog.videos["path"])
    assert [ref.video for ref in list_videos("fourdme", root)] == catalog.videos["video"].tolist()
    assert not {"emotion_differs", "units_differ", "subject_differs"} & {
        c for c, _ in checks(catalog, "info")
    }


def test_another_stream(make):
    catalog = read("fourdme", make(), options={"pictures": "depth"})
    assert all("/depth_micro/" in path for path in catalog.videos["path"])


def test_columns_that_disagree_with_the_text(make):
    rows = [list(row) for row in ROWS]
    rows[0][HEADER.index("AU1")] = 0
    rows[1][HEADER.index("Others")] = 1
    rows[2][0] = "S05"
    catalog = read("fourdme", make(rows))
    assert {
        ("units_differ", "S13_1st_001_01_1"),
        ("emotion_differs", "S13_1st_001_01_2"),
        ("subject_differs", "S02_2nd_003_01_1"),
    } <= set(checks(catalog, "info"))
    assert len(catalog.events) == 3


def release(exchanged):
    """267 rows, of which the ones at 144 and 145 have the blocks of each other or their own."""
    rows = []
    for number in range(267):
        own = list(ROWS[number % 2])
        own[1] = f"S13_1st_{number:03d}_01_1"
        rows.append(own)
    if exchanged:
        start = HEADER.index("AUs")
        rows[144][start:], rows[145][start:] = rows[145][start:], rows[144][start:]
    return rows


@pytest.mark.parametrize("exchanged", [True, False])
@pytest.mark.parametrize("option", ["repair", "keep"])
def test_exchanged_rows(tmp_path, write_workbook, exchanged, option):
    path = write_workbook(tmp_path / "labels.xlsx", {"Sheet1": [HEADER, *release(exchanged)]})
    catalog = read("fourdme", None, coding=path, frames=False, options={"exchanged": option})
    names = ["S13_1st_144_01_1", "S13_1st_145_01_1"]
    is_repaired = exchanged and option == "repair"
    assert checks(catalog, "repaired") == (
        [("units_exchanged", name) for name in names] if is_repaired else []
    )
    raw = catalog.events.set_index("event").loc[names, "aus_raw"].tolist()
    right = ["AU1", "AU4+AU7(k)"]
    assert raw == (right if is_repaired or not exchanged else right[::-1])


def test_rows_that_cannot_be_used_are_audited(make):
    strange = [["S1", "../S13_1st", *ROWS[0][2:]], [None] * len(HEADER), [7, "/abs/S13_1_1", *ROWS[0][2:]]]
    catalog = read("fourdme", make([*ROWS, *strange]))
    assert len(catalog.events) == 3
    assert checks(catalog, "excluded") == [("unknown_name", "")] * 2


def test_a_missing_column_is_named(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "x.csv", {"": [HEADER[:7], ROWS[0][:7]]})
    with pytest.raises(ConfigError, match="lacks: aus"):
        read("fourdme", None, coding=path, frames=False)
