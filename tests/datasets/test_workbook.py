"""Cells keep what the coders wrote; tables are found by content."""

from __future__ import annotations

import pytest

from mezoo.datasets.workbook import find_table, frame, number, read_sheets, text
from mezoo.errors import ConfigError


def test_leading_zeros_and_types(tmp_path, write_workbook):
    rows = [["006", "0101", 6, 6.5, " 4+7 ", None, "NA"]]
    sheets = read_sheets(write_workbook(tmp_path / "a.xlsx", {"one": rows}))
    assert sheets == {"one": [["006", "0101", 6, 6.5, "4+7", None, "NA"]]}
    assert isinstance(sheets["one"][0][2], int)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path, delimiter):
    path = tmp_path / "a.csv"
    path.write_bytes(delimiter.join(["006", '"a b"', "", "6.5"]).encode("utf-8-sig") + b"\r\n")
    assert read_sheets(path) == {"": [["006", "a b", None, "6.5"]]}


def test_a_csv_of_another_code_page(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("4，11,x\n".encode("gb18030"))
    assert read_sheets(path) == {"": [["4，11", "x"]]}


def test_a_workbook_under_the_old_suffix(tmp_path, write_workbook):
    path = write_workbook(tmp_path / "a.xlsx", {"one": [["006"]]})
    assert read_sheets(path.rename(tmp_path / "a.xls")) == {"one": [["006"]]}


@pytest.mark.parametrize("suffix", [".xls", ".xlsx"])
def test_garbage_and_absence(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sheets(path)
    path.write_text("no workbook")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sheets(path)


def test_header_by_content():
    sheets = {"notes": [["x"]], "s": [["Key"], [], ["Subject", " Type ", None], ["006", "Macro", 1], [None]]}
    assert list(find_table(sheets, ("subject", "type"))) == [(4, {"subject": "006", "type": "Macro"})]
    assert list(find_table(sheets, ("subject", "apex"))) == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (5, (5, False)),
        ("5", (5, False)),
        (566.4000000000001, (566, True)),
        (2.5, (3, True)),
        ("2.5", (3, True)),
        (-1.0, (-1, False)),
        ("/", (None, False)),
        (None, (None, False)),
    ],
)
def test_frames_round_half_up(cell, expected):
    assert frame(cell) == expected


def test_cells_as_text_and_number():
    assert [text(cell) for cell in (None, 6.0, 6, "a")] == ["", "6", "6", "a"]
    assert [number(cell) for cell in (None, "x", "-3", 2)] == [None, None, -3.0, 2.0]
