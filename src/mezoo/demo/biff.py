"""A minimal writer of ``.xls`` workbooks (BIFF8 in an OLE2 container): text, numbers and blanks, nothing else.

Two corpora ship their tables as ``.xls``.  The one package that writes this format is unmaintained, and these few
records are all that its readers need.  Source: Microsoft's specifications [MS-XLS] and [MS-CFB].
"""

from __future__ import annotations

import struct

from mezoo.demo.layout import Book, Cell

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096  # bytes; a shorter stream would have to live in the container's mini stream


def xls(book: Book) -> bytes:
    """Return a workbook as the bytes of an ``.xls`` file.

    Parameters
    ----------
    book : Book
        Sheet title -> rows of text, int, float or None; at most 65,536 rows of 256 cells.
    """
    sheets = [_sheet(rows) for rows in book.values()]
    head = _record(0x809, struct.pack("<4H2I", 0x600, 0x0005, 0x0DBB, 1996, 0, 6))
    head += _record(0x42, struct.pack("<H", 1200))  # text is UTF-16
    head += _record(0x3D, struct.pack("<9H", 0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600))
    head += _record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _short("Arial")) * 4
    # Fifteen style formats that every reader expects, then the one that cells use.
    head += _record(0xE0, struct.pack("<3H4B2IH", 0, 0, 0xFFF5, 0x20, 0, 0, 0xF4, 0, 0, 0x20C0)) * 15
    head += _record(0xE0, struct.pack("<3H4B2IH", 0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    head += _record(0x293, struct.pack("<H2B", 0x8000, 0, 0xFF))
    names = [_short(title) for title in book]
    place = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    for name, sheet in zip(names, sheets, strict=True):
        head += _record(0x85, struct.pack("<IH", place, 0) + name)
        place += len(sheet)
    return _container(head + _record(0x0A) + b"".join(sheets))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(content)) + content


def _short(text: str) -> bytes:
    return struct.pack("<2B", len(text), 1) + text.encode("utf-16-le")


def _sheet(rows: list[list[Cell]]) -> bytes:
    width = max((len(row) for row in rows), default=0)
    cells = b"".join(
        _cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None
    )
    content = _record(0x809, struct.pack("<4H2I", 0x600, 0x0010, 0x0DBB, 1996, 0, 6))
    content += _record(0x200, struct.pack("<2I3H", 0, len(rows), 0, width, 0)) + cells
    return content + _record(0x23E, struct.pack("<3HI2HI", 0x6B6, 0, 0, 64, 0, 0, 0)) + _record(0x0A)


def _cell(row: int, column: int, value: str | int | float) -> bytes:
    place = struct.pack("<3H", row, column, 15)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x204, place + struct.pack("<HB", len(text) // 2, 1) + text)
    return _record(0x203, place + struct.pack("<d", value))


def _container(stream: bytes) -> bytes:
    """Wrap a stream into an OLE2 file of one entry, ``Workbook``: header, table of sectors, directory, stream."""
    stream = stream.ljust(_LEAST, b"\0")
    stream += b"\0" * (-len(stream) % _SECTOR)
    n_stream = len(stream) // _SECTOR
    n_tables = 1
    while n_tables * (_SECTOR // 4) < n_tables + 1 + n_stream:
        n_tables += 1
    chain = [*range(n_tables + 2, n_tables + 1 + n_stream), _END]
    table = [_FAT] * n_tables + [_END, *chain]
    table += [_FREE] * (n_tables * (_SECTOR // 4) - len(table))
    places = [*range(n_tables), *[_FREE] * (109 - n_tables)]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, n_tables, n_tables, 0, _LEAST, _END, 0, _END, 0)
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0)
    directory += _entry("Workbook", 2, child=_FREE, start=n_tables + 1, size=len(stream))
    directory += _entry("", 0, child=_FREE, start=0, size=0) * 2
    return (
        header + struct.pack("<109I", *places) + struct.pack(f"<{len(table)}I", *table) + directory + stream
    )


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    head = text.ljust(64, b"\0") + struct.pack("<H2B3I", length, kind, 1, _FREE, _FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
