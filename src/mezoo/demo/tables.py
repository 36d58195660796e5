"""Coding files and other small files of a demo corpus: workbooks, CSV tables, texts.

The same plan gives the same bytes: every date inside the files is fixed.
"""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from pathlib import Path

from mezoo.demo.layout import Book, Content

_DATE = (2000, 1, 1, 0, 0, 0)


def write_content(content: Content, path: Path) -> None:
    """Write one file of a corpus (atomically), or make an empty folder.

    Parameters
    ----------
    content : Content
        Sheets for ``.xlsx``, ``.xls`` and ``.csv`` (one sheet), text or bytes for everything else, None for a folder.
    path : Path
        Where; its suffix says how.
    """
    if content is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(_packed(content, path.suffix))
    os.replace(draft, path)


def _packed(content: Book | str | bytes, suffix: str) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    if suffix == ".csv":
        return _csv(content)
    if suffix == ".xls":
        from mezoo.demo.biff import xls

        return xls(content)
    return _xlsx(content)


def _csv(book: Book) -> bytes:
    (rows,) = book.values()
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _xlsx(book: Book) -> bytes:
    """Save a workbook with fixed dates in its properties and in the zip directory."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in book.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    saved, fixed = io.BytesIO(), io.BytesIO()
    workbook.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", content)
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return fixed.getvalue()
