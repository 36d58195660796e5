"""Coding files as plain rows of cells: workbooks (.xlsx, .xls) and CSV copies of a sheet.

Everything is read as objects, so ``0101`` and ``006`` keep their zeros; columns are found by content,
because releases differ in note rows, blank columns and header position.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from mezoo.catalog_items import Audit
from mezoo.datasets.layout import Source
from mezoo.datasets.tree import find_files
from mezoo.datasets.workbook_guard import check_archive, unstored_formulas
from mezoo.errors import ConfigError

Cell = str | int | float | None
Sheets = dict[str, list[list[Cell]]]
SUFFIXES = frozenset({".xlsx", ".xls", ".csv"})
#: Counters of a session have up to eight digits; more are a date, an id or a slip.
_MAX_FRAME = 10**9
_LISTED = 8
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")


def read_sheets(path: Path) -> Sheets:
    """Read every sheet; a CSV file is one sheet without a name.

    Returns
    -------
    dict of str to list of rows
        A row is a list of cells: stripped text, int, float, or None for a blank.

    Raises
    ------
    ConfigError
        The file is absent or cannot be read as what its suffix says.
    """
    try:
        return {"": _read_csv(path)} if path.suffix.lower() == ".csv" else _read_workbook(path)
    except (OSError, ValueError, csv.Error) as error:
        raise ConfigError(
            f"the coding file cannot be read ({error})",
            "a readable .xlsx, .xls or .csv file",
            "Open it in a spreadsheet program and save it again",
            file=path,
        ) from error


def _read_csv(path: Path) -> list[list[Cell]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")  # spreadsheets saved on Chinese Windows
    delimiter = max(",;\t", key=text.count)
    return [[_cell(value) for value in row] for row in csv.reader(text.splitlines(), delimiter=delimiter)]


def _read_workbook(path: Path) -> Sheets:
    import pandas as pd

    check_archive(path)
    # calamine also reads .xls; openpyxl is stricter about .xlsx but sometimes opens what calamine rejects.
    engines = ("calamine", "openpyxl") if path.suffix.lower() == ".xlsx" else ("calamine",)
    faults = []
    for engine in engines:
        try:
            sheets = pd.read_excel(
                path, sheet_name=None, header=None, dtype=object, na_filter=False, engine=engine
            )
        except Exception as error:  # the libraries raise anything for a damaged file
            faults.append(f"{engine}: {error}")
            continue
        return {
            str(name): [[_cell(value) for value in row] for row in sheet.itertuples(index=False)]
            for name, sheet in sheets.items()
        }
    raise ValueError("; ".join(faults))


def _cell(value: object) -> Cell:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value).strip() or None
    return None if math.isnan(value) else value


def text(cell: Cell) -> str:
    """Give a cell as text: a blank is empty, ``6.0`` is ``6``."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def number(cell: Cell) -> float | None:
    """Give a cell as a number; None when it is blank or text such as ``/``."""
    if isinstance(cell, str):
        return _finite(float(cell)) if _NUMBER.fullmatch(cell) else None
    return None if cell is None else _finite(cell)


def _finite(value: float) -> float | None:
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer of hundreds of digits
        return None


def frame(cell: Cell) -> tuple[int | None, bool]:
    """Give a cell as a frame number, a fractional one rounded half up (the MEGC 2020 convention).

    Returns
    -------
    frame : int or None
        None when the cell is blank or text.
    rounded : bool
        Whether the cell held a fraction.
    """
    value = number(cell)
    if value is None or abs(value) > _MAX_FRAME:
        return None, False
    return math.floor(value + 0.5), not value.is_integer()


def find_table(sheets: Sheets, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield the rows below the first header that has all these columns.

    Parameters
    ----------
    sheets : Sheets
        As read.
    columns : tuple of str
        Lower-case names that the header must have; note rows above it and further columns are allowed.

    Yields
    ------
    row : int
        Row number as a spreadsheet program shows it, 1-based.
    cells : dict of str to Cell
        Lower-case column name -> cell. Rows without a single value are left out.
    """
    for rows in sheets.values():
        for position, row in enumerate(rows):
            names = [" ".join(text(cell).casefold().split()) for cell in row]
            if not set(columns) <= set(names):
                continue
            for index, values in enumerate(rows[position + 1 :], start=position + 2):
                cells = {name: value for name, value in zip(names, values, strict=False) if name}
                if any(value is not None for value in cells.values()):
                    yield index, {name: None for name in columns} | cells
            return


def lacking(sheets: Sheets, columns: tuple[str, ...]) -> list[str]:
    """Name the columns that the best header row of the sheets does not have."""
    rows = (row for sheet in sheets.values() for row in sheet)
    headers = ({" ".join(text(cell).casefold().split()) for cell in row} for row in rows)
    missing = ([name for name in columns if name not in header] for header in headers)
    return min(missing, key=len, default=list(columns))


def find_coding(
    source: Source,
    audit: Audit,
    *,
    recognises: Callable[[Sheets], bool],
    skip: re.Pattern[str],
    expected: str,
    columns: tuple[str, ...] = (),
) -> Sheets:
    """Read the coding file that was given, or find one by its content.

    When several files fit, the one marked as updated, else the last by name, is taken (``V3`` after ``V2``)
    and the audit says so. Parameters and errors as `coding_files`.
    """
    fitting = coding_files(source, recognises=recognises, skip=skip, expected=expected, columns=columns)
    path, sheets = max(fitting, key=lambda pair: ("updated" in pair[0].name.casefold(), pair[0].name))
    note_coding(source, audit, [path], fitting, expected)
    return sheets


def coding_files(
    source: Source,
    *,
    recognises: Callable[[Sheets], bool],
    skip: re.Pattern[str],
    expected: str,
    columns: tuple[str, ...] = (),
    depth: int = 2,
) -> list[tuple[Path, Sheets]]:
    """Read every file that can be the coding file: the one that was given, else those found by content.

    The levels below the root are searched, then the folder that holds the root.

    Parameters
    ----------
    source : Source
        Root and coding file.
    recognises : callable
        Whether sheets are those of the corpus.
    skip : re.Pattern
        Start of the names of folders that hold frames.
    expected : str
        Name of the released file, for the message.
    columns : tuple of str
        Columns that a file must have: those that a given file lacks are named in the message.
    depth : int
        Number of levels below the root.

    Raises
    ------
    ConfigError
        No such file, or the given one is not a coding file of this corpus.
    """
    if source.coding is not None and not source.coding.is_dir():
        sheets = read_sheets(source.coding)
        if recognises(sheets):
            return [(source.coding, sheets)]
        missing = ", ".join(lacking(sheets, columns))
        raise ConfigError(
            f"the coding file lacks: {missing}"
            if missing
            else "the coding file has none of the columns of this corpus",
            expected,
            "Check its path, and that it is the file of this corpus",
            item=source.dataset,
            file=source.coding,
        )
    folder = source.coding or source.existing_root()
    for place, levels in ((folder, depth), (folder.parent, 0)):
        fitting = list(find_sheets(place, recognises=recognises, skip=skip, depth=levels))
        if fitting:
            return fitting
    unread = sorted(
        path.name for path in find_files(folder, SUFFIXES, skip=skip, depth=depth) if not _opens(path)
    )
    raise ConfigError(
        "no coding file was found here or in the folder above"
        + (f" (unreadable: {', '.join(unread)})" if unread else ""),
        expected,
        "Copy it there, or name it with --coding (coding: in the configuration)",
        item=source.dataset,
        file=folder,
    )


def _opens(path: Path) -> bool:
    try:
        read_sheets(path)
    except ConfigError:
        return False
    return True


def find_sheets(
    folder: Path, *, recognises: Callable[[Sheets], bool], skip: re.Pattern[str], depth: int
) -> Iterator[tuple[Path, Sheets]]:
    """Yield the files below a folder whose sheets are recognised; parameters as `coding_files`."""
    for path in find_files(folder, SUFFIXES, skip=skip, depth=depth):
        try:
            sheets = read_sheets(path)
        except ConfigError:
            continue  # some other table that happens to lie there
        if recognises(sheets):
            yield path, sheets


def note_coding(
    source: Source, audit: Audit, read: list[Path], fitting: list[tuple[Path, Sheets]], expected: str
) -> None:
    """Tell the audit which coding files were read, and which others would have fitted."""
    others = sorted(path.name for path, _ in fitting if path not in read)
    action = "read as given" if source.coding in read else "read"
    action += f"; not read: {', '.join(others)}" if others else ""
    audit.add("", "", "info", "coding_file", ", ".join(path.name for path in read), expected, action)
    for path in read:
        if cells := unstored_formulas(path):
            shown = ", ".join(cells[:_LISTED]) + (" ..." if len(cells) > _LISTED else "")
            found = f"{path.name}: {len(cells)} formulas without a stored value ({shown})"
            audit.add("", "", "info", "formula", found, "values", "read as blank; save it in a spreadsheet")
