"""The coding files of CAS(ME)^3: which sheet is which, and how the two tables of part A belong together.

Part A has a table of all expressions (``part_A_v2.xls``: frames, action units, class) and a list of the
micro-expressions (``..ME_label_JpgIndex_v2.xlsx``: the same rows in the same order, with the emotion). Four rows of
the list hold wrong frames, so frames come from the table and the emotion from the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mezoo.catalog_items import Audit
from mezoo.datasets.labels import expression_type
from mezoo.datasets.layout import Source
from mezoo.datasets.tree import find_files
from mezoo.datasets.workbook import Cell, Sheets, coding_files, find_sheets, find_table, lacking, text

_FRAMES = ("onset", "apex", "offset")
TABLE = ("subject", "filename", *_FRAMES, "au", "expression type")
MICRO = ("subject", "filename", *_FRAMES, "au", "emotion")
MACRO = ("sub", "seq", *_FRAMES, "emotion")
CRIME_MICRO = ("sub", "count", "onset", "offset", "au", "emotion")
CRIME = ("subject", "onset", "offset", "exp_type")
_FORMS = {"table": TABLE, "micro": MICRO, "macro": MACRO, "crime_micro": CRIME_MICRO, "crime": CRIME}
_SKIP = re.compile(r"spNO|color$|depth$|\d+$|part_?[ABC]_(?:split|m)", re.IGNORECASE)
_VERSION = re.compile(r"v(\d)", re.IGNORECASE)
_DAMAGED = re.compile(r"(spNO\.?\d+)\s+(\w)\s+(\d+)\.jpg", re.IGNORECASE)
_EXCEPTIONS = re.compile(r"error|damage|quality|exception", re.IGNORECASE)
_BAD = re.compile(r".*/(spNO\.?\d+)/(\w)/color/(\d+)\.jpg", re.IGNORECASE)

Row = tuple[int, dict[str, Cell]]


@dataclass(frozen=True)
class Tables:
    """Rows of each coding file that was found; a missing one is empty."""

    table: list[Row]
    micro: list[Row]
    macro: list[Row]
    crime_micro: list[Row]
    crime: list[Row]


def read_tables(source: Source, audit: Audit) -> Tables:
    """Find the coding files by their columns, below the root or beside the file that was given.

    ``version: auto`` (default) takes the newest one of each form, ``v1`` and ``v2`` that one only.
    """
    found = coding_files(
        source,
        recognises=lambda sheets: _form(sheets) is not None,
        skip=_SKIP,
        expected="CAS(ME)3_part_A_v2.xls",
        columns=TABLE,
    )
    if source.coding is not None and source.coding.is_file():
        beside = find_sheets(
            source.coding.parent, recognises=lambda s: _form(s) is not None, skip=_SKIP, depth=0
        )
        found += [pair for pair in beside if pair[0] != source.coding]
    chosen: dict[str, tuple[Path, Sheets]] = {}
    wanted = source.options["version"]
    for path, sheets in sorted(found, key=lambda pair: (_version(pair[0]) or "", pair[0].name)):
        form = _form(sheets)
        if form is not None and wanted in ("auto", _version(path) or wanted):
            chosen[form] = (path, sheets)
    given = source.coding
    for path, sheets in found:
        if path == given and (form := _form(sheets)) is not None:
            chosen[form] = (path, sheets)
    read = ", ".join(sorted(path.name for path, _ in chosen.values()))
    left = ", ".join(sorted({path.name for path, _ in found} - {path.name for path, _ in chosen.values()}))
    action = f"read; not read: {left}" if left else "read"
    audit.add("", "", "info", "coding_file", read or "none", "tables of parts A and C", action)
    rows = {
        form: list(find_table(chosen[form][1], columns)) if form in chosen else []
        for form, columns in _FORMS.items()
    }
    return Tables(**rows)


def _form(sheets: Sheets) -> str | None:
    """Which of the coding files the sheets are."""
    return next((form for form, columns in _FORMS.items() if not lacking(sheets, columns)), None)


def _version(path: Path) -> str | None:
    match = _VERSION.search(path.stem)
    return f"v{match[1]}" if match else None


def place(cells: dict[str, Cell], *, subject: str = "subject", video: str = "filename") -> tuple[str, str]:
    """Subject number and video letter of a row, whatever the capitals and padding."""
    digits = re.search(r"\d+", text(cells[subject]))
    return (str(int(digits[0])) if digits else "", text(cells[video]).casefold())


def labelled(tables: Tables, audit: Audit) -> Iterator[tuple[int, dict[str, Cell], str]]:
    """Yield each row of part A with its emotion, and what the list of micro-expressions says otherwise.

    Micro rows are paired with the list by row order when every pair is of the same video, else by video and
    onset. Without the table the list alone is read.

    Yields
    ------
    row : int
    cells : dict
        With the column ``emotion`` filled where it is known, ``differs`` where the list has other frames.
    """
    if not tables.table:
        for row, cells in tables.micro:
            yield row, cells | {"expression type": "Micro-expression"}, ""
        return
    micro = [cells for _, cells in tables.table if _is_micro(cells)]
    pairs = dict(
        zip(map(id, micro), _paired(micro, [cells for _, cells in tables.micro], audit), strict=True)
    )
    macro = {(place(c, subject="sub", video="seq"), text(c["onset"])): c["emotion"] for _, c in tables.macro}
    for row, cells in tables.table:
        own = pairs.get(id(cells))
        if own is not None:
            differing = [name for name in _FRAMES if text(own[name]) != text(cells[name])]
            differs = ", ".join(f"{name} {text(own[name])}" for name in differing)
            yield row, cells | {"emotion": own["emotion"]}, differs
        else:
            emotion = None if _is_micro(cells) else macro.get((place(cells), text(cells["onset"])))
            yield row, cells | {"emotion": emotion}, ""


def _is_micro(cells: dict[str, Cell]) -> bool:
    return expression_type(text(cells["expression type"])) == "micro"


def _paired(
    micro: list[dict[str, Cell]], listed: list[dict[str, Cell]], audit: Audit
) -> list[dict[str, Cell] | None]:
    if not listed:
        audit.add("", "", "info", "emotion_file", "no list of micro-expressions", "one", "emotions empty")
        return [None] * len(micro)
    if list(map(place, micro)) == list(map(place, listed)):
        return list(listed)
    found = f"{len(micro)} micro-expressions in the table, {len(listed)} in the list, or in another order"
    audit.add("", "", "info", "label_order", found, "the same rows", "joined by video and onset")
    known = {(place(cells), text(cells["onset"])): cells for cells in listed}
    return [known.get((place(cells), text(cells["onset"]))) for cells in micro]


def exception_lists(
    source: Source,
) -> tuple[dict[tuple[str, str], set[int]], dict[tuple[str, str], set[int]]]:
    """Read the owners' lists of unreadable frames and of frames of bad quality, where they lie with the corpus.

    Returns
    -------
    damaged, bad : dict
        (subject number, video letter) -> frame numbers.
    """
    places = [source.root] if source.root is not None and source.root.is_dir() else []
    if source.coding is not None:
        places.append(source.coding if source.coding.is_dir() else source.coding.parent)
    damaged: dict[tuple[str, str], set[int]] = {}
    bad: dict[tuple[str, str], set[int]] = {}
    for folder in dict.fromkeys(places):
        for path in find_files(folder, frozenset({".txt"}), skip=_SKIP, depth=2):
            if not _EXCEPTIONS.search(path.name):
                continue  # physiology, audio notes
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                for pattern, listed in ((_DAMAGED, damaged), (_BAD, bad)):
                    match = pattern.match(line)
                    if match is not None:
                        number = re.sub(r"\D", "", match[1])
                        listed.setdefault((str(int(number)), match[2].casefold()), set()).add(int(match[3]))
    return damaged, bad
