"""Rows of the coding sheets of SMIC-E, in the three forms in which they were released.

``SMIC-HS-E_annotation``: Subject, Filename, two or three pairs OnsetF/OffsetF, FirstF, LastF, TotalVL, Emotion
(VIS and NIR lack LastF: FirstF + TotalVL - 1). ``SMIC_HS_E_spotting``: subject, video, video_name, NumME,
StartFrame, EndFrame, then triples of type, onset and offset. Formulas count by their stored values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mezoo.datasets.smic_names import EMOTIONS
from mezoo.datasets.workbook import Cell, Sheets, find_table, frame, number, text

_ANNOTATION = ("subject", "filename", "onsetf", "offsetf", "firstf", "emotion")
_SPOTTING = ("video_name", "startframe", "endframe")
_PAIRS = (("onsetf", "offsetf"), ("onset2f", "offset2f"), ("onset3f", "offset3f"))
_TYPE = re.compile(r"(?:.*_)?(ne|po|sur)(?:_?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Interval:
    """An interval as coded, and its emotion where each interval has its own (spotting form)."""

    frames: tuple[int | None, int | None]
    emotion: str = ""


@dataclass(frozen=True)
class LongClip:
    """One row.

    Attributes
    ----------
    row : int
        As a spreadsheet program counts.
    name : str
        Of the folder.
    first, last : int or None
        Frames of the long clip; None when the cell is blank or text.
    range_text : str
        The cells behind them.
    emotion : str
        Of the row.
    intervals : tuple of Interval
        In the order of the columns; blank pairs are left out. A clip of the spotting form may have none.
    """

    row: int
    name: str
    first: int | None
    last: int | None
    range_text: str
    emotion: str
    intervals: tuple[Interval, ...]


def is_coding(sheets: Sheets) -> bool:
    """Tell whether one of the sheets is of SMIC-E."""
    return bool(read_rows(sheets)[1])


def read_rows(sheets: Sheets) -> tuple[str, list[LongClip]]:
    """Read the rows of the first sheet that has one of the forms.

    Returns
    -------
    form : str
        In words.
    rows : list of LongClip
        Rows without a numeric subject (remarks below the table) are left out.
    """
    spotting = _spotting_rows(sheets)
    if spotting:
        return "spotting form", spotting
    table = list(find_table(sheets, _ANNOTATION))
    pairs = sum(any(onset in cells for _, cells in table) for onset, _ in _PAIRS)
    rows = [_annotation_row(row, cells) for row, cells in table if number(cells["subject"]) is not None]
    return f"annotation form with {pairs} intervals", rows


def _annotation_row(row: int, cells: dict[str, Cell]) -> LongClip:
    first, _ = frame(cells["firstf"])
    last, _ = frame(cells.get("lastf"))
    length, _ = frame(cells.get("totalvl"))
    if last is None and first is not None and length is not None:
        last = first + length - 1
    pairs = [(cells.get(onset), cells.get(offset)) for onset, offset in _PAIRS]
    intervals = [
        Interval((frame(onset)[0], frame(offset)[0]))
        for index, (onset, offset) in enumerate(pairs)
        if index == 0 or onset is not None or offset is not None
    ]
    end = text(cells.get("lastf")) or str(last or "")
    return LongClip(
        row,
        text(cells["filename"]),
        first,
        last,
        f"{text(cells['firstf']) or 'blank'}..{end}",
        text(cells["emotion"]),
        tuple(intervals),
    )


def _spotting_rows(sheets: Sheets) -> list[LongClip]:
    for rows in sheets.values():
        for position, header in enumerate(rows):
            names = [text(cell).casefold().replace(" ", "_") for cell in header]
            if not set(_SPOTTING) <= set(names):
                continue
            name, first, last = (names.index(column) for column in _SPOTTING)
            numbered = enumerate(rows[position + 1 :], start=position + 2)
            return [
                LongClip(
                    index,
                    text(row[name]),
                    frame(row[first])[0],
                    frame(row[last])[0],
                    f"{text(row[first])}..{text(row[last])}",
                    "",
                    _triples(row[last + 1 :]),
                )
                for index, row in numbered
                if number(row[0]) is not None or text(row[name])
            ]
    return []


def _triples(cells: list[Cell]) -> tuple[Interval, ...]:
    """Find the types (``s1_ne_01``, ``ne``) and the two numbers after each."""
    found = []
    for position, cell in enumerate(cells[:-2]):
        match = _TYPE.fullmatch(cell) if isinstance(cell, str) else None
        if match is not None:
            onset, offset = (frame(value)[0] for value in cells[position + 1 : position + 3])
            found.append(Interval((onset, offset), EMOTIONS[match[1].casefold()]))
    return tuple(found)
