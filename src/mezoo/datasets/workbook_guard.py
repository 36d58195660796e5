"""Look into an .xlsx file before a spreadsheet library does: archives that unpack to gigabytes are refused.

A workbook is a ZIP archive of XML. Libraries hold the whole rectangle around the outermost cells in memory,
so a file of a few kilobytes can ask for more than there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

#: The largest released workbook unpacks to 2 MB and has 50,000 cells.
MAX_UNPACKED = 200 * 2**20
MAX_CELLS = 5_000_000
_BLOCK = 2**20
_CELL = re.compile(rb'<(?:x:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_UNSTORED = re.compile(
    rb'<(?:x:)?c\s[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*'
    rb"<(?:x:)?f[^>]*?(?:/>|>[^<]*</(?:x:)?f>)\s*(?:<(?:x:)?v\s*/>|<(?:x:)?v>\s*</(?:x:)?v>)?\s*</(?:x:)?c>"
)


def check_archive(path: Path) -> None:
    """Refuse an .xlsx file that is too large to be a coding file; other files pass.

    Raises
    ------
    ValueError
        It unpacks to more than `MAX_UNPACKED` bytes, its cells span more than `MAX_CELLS`, or it is damaged.
    """
    if not is_zipfile(path):
        return
    for name, content in _parts(path):
        columns = rows = 0
        for column, row in _CELL.findall(content) if name.startswith("xl/worksheets/") else ():
            columns, rows = max(columns, _column(column)), max(rows, int(row))
        if columns * rows > MAX_CELLS:
            raise ValueError(f"its cells span {rows} rows and {columns} columns")


def unstored_formulas(path: Path) -> list[str]:
    """List the cells of an .xlsx file whose formula has no stored value; they read as blank.

    Programs that write workbooks without computing them leave such cells.
    """
    if not is_zipfile(path):
        return []
    return [
        cell.decode()
        for name, content in _parts(path)
        if name.startswith("xl/worksheets/")
        for cell in _UNSTORED.findall(content)
    ]


def _parts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Unpack the XML parts one by one, never more than allowed together."""
    left = MAX_UNPACKED
    try:
        with ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.file_size > left:
                    raise ValueError(f"it unpacks to more than {MAX_UNPACKED // 2**20} MB")
                blocks = []
                with archive.open(entry) as file:  # checks the sum of each part at its end
                    while block := file.read(_BLOCK):
                        left -= len(block)
                        blocks.append(block)
                if entry.filename.endswith((".xml", ".rels")):
                    yield entry.filename, b"".join(blocks)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(f"damaged archive: {error}") from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
