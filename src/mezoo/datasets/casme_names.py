"""Names of subjects and clips in CASME and CASME II: ``sub01/EP02_01f``."""

from __future__ import annotations

import re
from pathlib import Path

from mezoo.datasets.clips import item_name
from mezoo.datasets.workbook import Cell, text

SUBJECT = re.compile(r"sub[\s_-]?0*(\d+)", re.IGNORECASE)
CLIP = re.compile(r"EP\d+[\w-]*(?:\.\w+)?$", re.IGNORECASE)
#: Start of the names of folders in which no coding file is looked for.
FOLDERS = re.compile(r"sub[\s_-]?\d|EP\d", re.IGNORECASE)
_NUMBER = re.compile(r"(?:sub)?0*(\d+)", re.IGNORECASE)


def ids_by_folder(path: Path) -> tuple[str, str] | None:
    """Give subject and video of a clip's folder or file; None when it does not lie below a subject."""
    match = SUBJECT.fullmatch(path.parent.name)
    return None if match is None else _ids(match[1], item_name(path))


def ids_by_cells(subject: Cell, clip: Cell) -> tuple[str, str] | None:
    """Give subject and video of a row; a resaved sheet has lost the subject's zero."""
    match = _NUMBER.fullmatch(text(subject))
    name = text(clip).replace(" ", "")
    return _ids(match[1], name) if match and CLIP.fullmatch(name) else None


def _ids(subject: str, clip: str) -> tuple[str, str]:
    name = f"sub{int(subject):02d}"
    return name, f"{name}_EP{clip[2:].casefold()}"
