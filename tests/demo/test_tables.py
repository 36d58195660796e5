"""Coding workbooks of the demo corpora, read back raw."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest

from mezoo.demo.layouts import casme_sq, samm_lv

WORKBOOKS = {"casme_sq": casme_sq.WORKBOOK, "samm_lv": samm_lv.WORKBOOK}


@pytest.fixture(scope="module")
def sheets(written):
    found = {}
    for layout, one in written.items():
        book = openpyxl.load_workbook(one.root / WORKBOOKS[layout])
        found[layout] = {sheet.title: [list(row) for row in sheet.values] for sheet in book}
    return found


class TestCasmeSq:
    def test_three_sheets_without_header(self, sheets, written):
        book = sheets["casme_sq"]
        assert list(book) == ["CASFEcode_final", "naming rule1", "naming rule2"]
        events = [e for v in written["casme_sq"].plan.videos for e in v.events]
        assert len(book["CASFEcode_final"]) == len(book["naming rule1"]) == len(events)
        assert book["naming rule1"][0] == [15, "s15", 1]
        assert book["naming rule2"][0] == ["0101", "disgust1"] and len(book["naming rule2"]) == 9

    def test_rows_hold_the_coded_frames(self, sheets, written):
        events = [e for v in written["casme_sq"].plan.videos for e in v.events]
        for row, event in zip(sheets["casme_sq"]["CASFEcode_final"], events, strict=True):
            assert len(row) == 9
            assert tuple(row[2:5]) == event.coded
            assert str(row[5]) == "+".join(event.aus)
            assert row[6] in ("positive", "negative", "surprise", "others")
            assert row[7] == f"{event.kind}-expression"

    def test_planted_faults(self, sheets):
        rows = sheets["casme_sq"]["CASFEcode_final"]
        assert [row[7] for row in rows if row[4] == 0] == ["macro-expression"] * 2
        assert sum(row[3] == 0 for row in rows) == 1
        assert sum(row[3] > row[4] > 0 for row in rows) == 1
        assert any(int(row[1].split("_")[1]) >= 10 for row in rows)
        assert any(isinstance(row[5], str) for row in rows)


class TestSammLv:
    def test_header_in_row_ten(self, sheets):
        (rows,) = sheets["samm_lv"].values()
        assert list(sheets["samm_lv"]) == ["FACS_Movement_Only"]
        assert rows[9][:6] == ["Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset"]
        assert all(row[0] is None or not row[0].startswith("0") for row in rows[:9])

    def test_ids_keep_leading_zeros_and_faults_are_there(self, sheets):
        rows = next(iter(sheets["samm_lv"].values()))[10:]
        assert {row[0] for row in rows} == {"006", "007"}
        assert {row[7] for row in rows} == {"Macro", "Micro - 1/2"}
        assert sum(row[3] == 0 for row in rows) == 1
        assert sum(row[4] == -1 for row in rows) == 1
        assert any(float(row[3]) % 1 for row in rows)
        for row in rows:
            assert row[6] == pytest.approx(row[5] - row[3] + 1, abs=0.05)


def test_dates_are_fixed(written):
    for layout, one in written.items():
        with zipfile.ZipFile(one.root / WORKBOOKS[layout]) as book:
            assert {member.date_time for member in book.infolist()} == {(2000, 1, 1, 0, 0, 0)}
            assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")
