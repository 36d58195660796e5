"""The minimal .xls writer, read back by the reader that the corpora are read with."""

from __future__ import annotations

import pytest

from mezoo.datasets.workbook import read_sheets
from mezoo.demo.biff import xls


def written(tmp_path, book):
    path = tmp_path / "table.xls"
    path.write_bytes(xls(book))
    return read_sheets(path)


def test_cells_come_back(tmp_path):
    rows = [
        ["Subject", "Filename", None, "Apex\\", "4，11"],
        ["006", "0101", None, 12, -1.5],
        [1, 70000, None, "/", "é"],
    ]
    assert written(tmp_path, {"AU+Emotion": rows}) == {"AU+Emotion": rows}


@pytest.mark.parametrize("count", [1, 20, 900, 5000])
def test_any_length(tmp_path, count):
    rows = [[f"row {number}", number] for number in range(count)]
    assert written(tmp_path, {"first": rows, "second": [["only"]]}) == {"first": rows, "second": [["only"]]}


def test_empty_sheet_and_blank_rows(tmp_path):
    found = written(tmp_path, {"empty": [], "gap": [["a", "b"], [None, None], ["c", 1]]})
    assert found["empty"] == [] and found["gap"] == [["a", "b"], [None, None], ["c", 1]]


def test_same_sheets_same_bytes():
    assert xls({"s": [["a", 1]]}) == xls({"s": [["a", 1]]})
