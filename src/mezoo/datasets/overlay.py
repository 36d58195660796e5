"""Known errors of single rows of the released coding files, mended from one small table per corpus.

A table (``overlays/<layout>.csv``) has the columns ``key`` (id of the event), ``column`` (onset, apex, offset,
emotion, video), ``found`` (the faulty value), ``value`` (what is right), ``when``, ``reason`` and ``source``.
A repair is made only where the sheet still holds the faulty value, so copies mended by their owner are left
alone. ``when`` is ``sheet`` (at once) or ``frames`` (only if the clip's folder lacks the coded frame; see
`mezoo.datasets.clips`). ``found`` may be ``unordered``: the frames are not onset <= apex <= offset.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

from mezoo.catalog_items import Audit
from mezoo.datasets.workbook import Cell, number, text

#: The option of a layout with an overlay.
OPTION = {"overlay": ("true", "false")}
_UNORDERED = "unordered"


@dataclass(frozen=True)
class Repair:
    """One line of an overlay; see the module's text."""

    key: str
    column: str
    found: str
    value: str
    when: str
    reason: str
    source: str


class Overlay:
    """The repairs of one corpus.

    Parameters
    ----------
    layout : str
        Name of the corpus.
    option : str
        ``true``, or ``false``: nothing is mended, and what would be is told as info.
    audit : Audit
        Gets a row per repair.
    """

    def __init__(self, layout: str, option: str, audit: Audit) -> None:
        self._enabled = option == "true"
        self._audit = audit
        self._repairs = _load(layout)

    def mend(self, key: str, cells: Mapping[str, Cell], video: str, event: str) -> dict[str, Cell]:
        """Mend the cells of one row.

        Parameters
        ----------
        key : str
            As in the table.
        cells : mapping
            Cells by the overlay's column names.
        video, event : str
            For the audit.

        Returns
        -------
        dict of str to Cell
            Numbers for frames, text otherwise.
        """
        mended = dict(cells)
        unordered = not _is_ordered(cells)
        for repair in self._of(key, "sheet"):
            is_fault = unordered if repair.found == _UNORDERED else text(cells[repair.column]) == repair.found
            if is_fault:
                found = f"{repair.column} {text(cells[repair.column]) or 'blank'}"
                if self._note(repair, found, video, event):
                    mended[repair.column] = _cell(repair.value)
        return mended

    def by_frames(
        self, key: str, coded: Mapping[str, int | None], has: Callable[[int], bool], video: str, event: str
    ) -> dict[str, int]:
        """Give the frames that replace those which a clip's folder lacks and the overlay knows.

        Parameters
        ----------
        key, video, event : str
            As `mend`.
        coded : mapping
            ``onset``, ``apex``, ``offset`` of the event.
        has : callable
            Whether the folder holds a frame number; it must hold each replacement.

        Returns
        -------
        dict of str to int
            Empty when one of the clip's replacements does not fit: then this folder is another one.
        """
        repairs = [r for r in self._of(key, "frames") if str(coded[r.column]) == r.found]
        values = {repair.column: int(repair.value) for repair in repairs}
        if not all(map(has, values.values())):
            return {}
        noted = [self._note(r, f"{r.column} {r.found}, not in the folder", video, event) for r in repairs]
        return values if all(noted) else {}

    def _of(self, key: str, when: str) -> list[Repair]:
        return [repair for repair in self._repairs if repair.key == key and repair.when == when]

    def _note(self, repair: Repair, found: str, video: str, event: str) -> bool:
        expected = f"{repair.value} ({repair.reason}; {repair.source})"
        if self._enabled:
            action = f"{repair.column} {repair.value}"
            self._audit.add(video, event, "repaired", "overlay", found, expected, action)
        else:
            self._audit.add(video, event, "info", "overlay", found, expected, "kept (overlay: false)")
        return self._enabled


def _load(layout: str) -> list[Repair]:
    table = resources.files("mezoo.datasets").joinpath("overlays", f"{layout}.csv")
    lines = table.read_text(encoding="utf-8").splitlines()
    return [Repair(**row) for row in csv.DictReader(lines)]


def _cell(value: str) -> Cell:
    return int(value) if value.isdecimal() else value


def _is_ordered(cells: Mapping[str, Cell]) -> bool:
    frames = [number(cells.get(name)) for name in ("onset", "apex", "offset")]
    coded = [frame for frame in frames if frame is not None]
    return len(coded) == len(frames) and coded == sorted(coded)
