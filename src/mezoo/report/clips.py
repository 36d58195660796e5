"""The section of the report that shows a strip per expression, by corpus and subject, with filters.

The filters are style sheets alone, as the page runs no script.
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from mezoo.report.strips import INDEX
from mezoo.report.tables import is_demo

#: Bytes of pictures of one kind that a page takes, before they are written as text (a third more).
ROOM = 9_500_000
Key = TypeVar("Key", bound=Hashable)
Row = dict[str, str]


def what_fits(groups: Mapping[Key, Sequence[Path | None]], room: int = ROOM) -> set[Path]:
    """Choose the files that fit: the first of every group, the second of every group, and so on.

    Parameters
    ----------
    groups : mapping of key to sequence of Path
        None keeps the place of a file that is not there.
    room : int
        Bytes; the first file that would exceed them ends the choice.

    Returns
    -------
    set of Path
    """
    chosen: set[Path] = set()
    for rank in zip_longest(*groups.values()):
        for path in rank:
            if path is not None:
                room -= path.stat().st_size
                if room < 0:
                    return chosen
                chosen.add(path)
    return chosen


def data_uri(path: Path) -> str:
    """Give a picture as text that stands for its file; empty when there is none."""
    if not path.is_file():
        return ""
    return f"data:image/{path.suffix[1:]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def clips(folders: Sequence[Path], *, room: int = ROOM) -> list[dict[str, Any]]:
    """Gather what the page shows of each corpus.

    Parameters
    ----------
    folders : sequence of Path
        ``strips/<dataset>``, written by `mezoo.report.strips.draw_strips`.
    room : int
        Bytes of all pictures together; what does not fit is left out evenly and counted.

    Returns
    -------
    list of dict
        One per corpus with expressions: name, demo, folder, counts, filters and subjects with their strips.
    """
    tables = {Path(folder): _read(Path(folder)) for folder in folders}
    groups: dict[tuple[Path, str], list[Path]] = {}
    for folder, rows in tables.items():
        for row in rows:
            groups.setdefault((folder, row["subject"]), []).append(folder / row["file"])
    fits = what_fits(groups, room)
    return [_corpus(folder, rows, fits) for folder, rows in tables.items() if rows]


def _read(folder: Path) -> list[Row]:
    with open(folder / INDEX, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _corpus(folder: Path, rows: list[Row], fits: Collection[Path]) -> dict[str, Any]:
    filters = [
        {"name": name, "values": values}
        for name in ("type", "emotion")
        if len(values := sorted({row[name] for row in rows if row[name]})) > 1
    ]
    subjects = []
    for subject in sorted({row["subject"] for row in rows}):
        own = [row for row in rows if row["subject"] == subject]
        shown = [_clip(folder, row, filters) for row in own if folder / row["file"] in fits]
        subjects.append(
            {"name": subject, "counts": _counts(own), "left_out": len(own) - len(shown), "clips": shown}
        )
    return {
        "name": folder.name,
        "demo": is_demo(folder.name),
        "folder": f"figures/strips/{folder.name}",
        "n": len(rows),
        "counts": _counts(rows),
        "left_out": sum(subject["left_out"] for subject in subjects),
        "failed": sum(bool(row["reason"]) for row in rows),
        "filters": filters,
        "subjects": subjects,
    }


def _counts(rows: Sequence[Row]) -> str:
    """Count the expressions of each type in words."""
    types = [row["type"] for row in rows]
    return ", ".join(f"{types.count(kind)} {kind or 'without a type'}" for kind in sorted(set(types)))


def _clip(folder: Path, row: Row, filters: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Picture, words that stand for it, and its classes: ``f0-1`` = second value of the first filter."""
    classes = [
        f"f{place}-{chosen['values'].index(row[chosen['name']])}"
        for place, chosen in enumerate(filters)
        if row[chosen["name"]]
    ]
    words = [
        f"Expression {row['event']}",
        row["type"],
        row["emotion"],
        f"AU {row['aus']}" if row["aus"] else "",
    ]
    if row["reason"]:
        words.append(f"not shown: {row['reason']}")
    return {
        "src": data_uri(folder / row["file"]),
        "alt": ", ".join(word for word in words if word),
        "classes": " ".join(["clip", *classes]),
    }
