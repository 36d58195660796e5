"""Small corpora written in the native layouts, with the faults that the real ones have."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

SAMM_HEADER = [
    "Subject",
    "Filename",
    "Inducement Code",
    "Onset",
    "Apex",
    "Offset",
    "Duration",
    "Type",
    "Action Units",
    "Notes",
]


@pytest.fixture
def write_workbook():
    """Write sheets (name -> rows) as .xlsx, or the first one as .csv."""

    def write(path: Path, sheets: dict[str, list[list]]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            rows = next(iter(sheets.values()))
            lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
            return path
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(path)
        return path

    return write


@pytest.fixture
def write_frames():
    """Write empty frame files with these numbers."""

    def write(folder: Path, numbers, pattern: str = "img{:03d}.jpg") -> Path:
        folder.mkdir(parents=True)
        for number in numbers:
            (folder / pattern.format(number)).touch()
        return folder

    return write


@pytest.fixture
def casme_sheets():
    """Three sheets of a made CAS(ME)^2 workbook: 2 subjects (indices 3 and 12), 6 expressions."""
    coded = [
        [3, "disgust1_1", 10, 15, 20, "4+7", "negative", "macro-expression", "fear"],
        [3, "disgust1_2", 30, 33, 0, 12, "positive", "macro-expression", "happiness"],
        [3, "anger2_12", 5, 8, 14, "L14", "others", "micro-expression", "anger"],
        [12, "happy5_1", 12, 0, 30, "43", "others", "macro-expression", "pain"],
        [12, "happy5_2", 20, 31, 28, "1+2", "surprise", "macro-expression", "surprise"],
        [12, "happy5_10", 36, 38, 45, "6+12", "positive", "micro-expression", "happiness"],
    ]
    names = [[19, "s19", 3], [19, "s19", 3], [29, "s29", 12]]
    codes = [["0101", "disgust1"], ["0402", "anger2"], ["0508", "happy5"]]
    return {"CASFEcode_final": coded, "naming rule1": names, "naming rule2": codes}


@pytest.fixture
def casme_root(tmp_path, write_workbook, write_frames, casme_sheets):
    """A made CAS(ME)^2 without faults, 40 frames or more per video."""
    root = tmp_path / "corpus"
    write_workbook(root / "CAS(ME)^2code_final.xlsx", casme_sheets)
    for folder in ("s19/19_0101disgustingteeth", "s19/19_0402beatingpregnantwoman", "s29/29_0508funnydunkey"):
        write_frames(root / "rawpic" / folder, range(1, 51))
    return root


@pytest.fixture
def samm_rows():
    """Rows of a made SAMM-LV sheet: 2 subjects, 7 expressions, each with its fault or none."""
    return [
        ["006", "006_1_1", 1, 10.5, 14.4, 20.499, 11, "Macro", "4(B/C)+7B", None],
        ["006", "006_1_2", 1, 25, -1, 33, 9, "Micro - 1/2", "4+7", None],
        ["006", "006_2_10", 2, 0, 8, 16, 17, "Macro", "12", "Uncontrolled"],
        ["037", "037_4_1", 4, 15, 16, 18, 4, "Micro - 1/2", "24", None],
        ["037", "037_4_1", 4, 14, 17, 21, 8, "Macro", 24, None],
        ["037", "037_4_2", 4, 30, 45, 38, 9, "Macro", "L12 or L14", None],
        ["037", "037_4_3", 4, 36, 40, 60, 25, "Macro", "R10A+ref(4)", None],
    ]


@pytest.fixture
def samm_sheets(samm_rows):
    """The rows under two lines of notes and the header."""
    notes = [["SAMM Long Videos Dataset - FACS Codes"], [None], ["Symbol Key:"]]
    return {"FACS_Movement_Only": [*notes, SAMM_HEADER, *samm_rows]}


@pytest.fixture
def samm_root(tmp_path, write_workbook, write_frames, samm_sheets):
    """A made SAMM-LV: 4- and 5-digit padding, 40 to 50 frames per video."""
    root = tmp_path / "SAMM"
    write_workbook(root / "SAMM_LongVideos_V2_Release.xlsx", samm_sheets)
    videos = root / "SAMM_longvideos"
    write_frames(videos / "006_1", range(1, 51), "006_1_{:04d}.jpg")
    write_frames(videos / "006_2", range(1, 51), "006_2_{:05d}.jpg")
    write_frames(videos / "037_4", range(1, 51), "037_4_{:04d}.jpg")
    return root
