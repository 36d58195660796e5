"""Every action-unit cell of the real coding files is parsed without loss."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from mezoo.datasets.au import parse_aus
from mezoo.datasets.workbook import SUFFIXES, read_sheets, text

HEADER = re.compile(r"aus?|action units?", re.IGNORECASE)
PLAIN = re.compile(r"(?:[LRATB]?\d+[A-E]?)(?:[+,，](?:[LRATB]?\d+[A-E]?))*", re.IGNORECASE)


@pytest.fixture(scope="module")
def cells(shared):
    """(file, cell as read, text) of each cell below a header of action units; CAS(ME)^2 has no header."""
    found = []
    for path in sorted((shared / "oracles/datasets").rglob("*")):
        if path.suffix not in SUFFIXES:
            continue
        for rows in read_sheets(path).values():
            column, start = _column(path, rows)
            found += [
                (path.name, row[column], text(row[column])) for row in rows[start:] if column < len(row)
            ]
    return found


def _column(path, rows):
    if path.name == "CASME_sq_gt.xlsx":
        return 5 if rows and len(rows[0]) == 9 else 99, 0
    for position, row in enumerate(rows[:20]):
        for column, cell in enumerate(row):
            if HEADER.fullmatch(text(cell)):
                return column, position + 1
    return 99, 0


def _units(groups):
    return [unit for group in groups for units in group for unit in units]


def test_all_files_with_action_units_are_seen(cells):
    assert len({name for name, _, _ in cells}) == 17
    assert len(cells) > 15_000


def test_no_number_is_lost_or_made_up(cells):
    for name, cell, raw in cells:
        parsed = parse_aus(cell)
        read = Counter(unit.au for unit in _units(parsed.groups) + _units(parsed.reference))
        noted = Counter(int(number) for note in parsed.notes for number in re.findall(r"\d+", note))
        written = Counter(int(number) for number in re.findall(r"\d+", raw))
        # a side or a factor outside brackets repeats a unit; nothing else may differ
        assert written.keys() == (read + noted).keys(), (name, raw)
        assert not written - (read + noted), (name, raw)


def test_plain_sums_keep_sides_and_intensities(cells):
    seen = 0
    for name, cell, raw in cells:
        if PLAIN.fullmatch(raw.strip()):
            seen += 1
            tidy = re.sub("[,，]", "+", raw.strip()).upper()
            assert str(parse_aus(cell)) == tidy and parse_aus(cell).flags == (), (name, raw)
    assert seen > 14_000


def test_what_is_not_a_plain_sum_is_understood_or_flagged(cells):
    """Letters that are neither unit nor intensity end in a note, and a note or an odd form is flagged."""
    for name, cell, raw in cells:
        parsed = parse_aus(cell)
        words = set(re.findall(r"[a-z]{2,}", raw.casefold())) - {
            "or",
            "ref",
            "and",
            "then",
            "ad",
            "adr",
            "au",
        }
        words -= {word for note in parsed.notes for word in re.findall(r"[a-z]+", note.casefold())}
        assert not words or re.search(r"ref\s*\(", raw) or words <= {"l", "r"}, (name, raw, words)
        if parsed.notes or not (parsed.groups or parsed.reference):
            assert parsed.flags, (name, raw)
