"""CASME (Yan et al., 2013): 60 fps clips of 19 subjects, 195 micro-expressions.

Section A (subjects 1 to 7) and section B (8 to 19) come with a table each; copies have one merged table of 189
rows. Clips are folders ``sub01/EP01_1`` with frames ``EP01_1-12.jpg``, ``reg_EP01_1-12.jpg`` or ``img12.jpg``.
Names and order of the columns that are not read here vary between copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import casme_names, clips, overlay
from mezoo.datasets.coded import flagged
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.overlay import Overlay
from mezoo.datasets.scan import FolderScan
from mezoo.datasets.workbook import (
    Cell,
    Sheets,
    coding_files,
    find_table,
    note_coding,
    number,
    text,
)

_COLUMNS = ("subject", "filename", "onsetf", "apexf1", "offsetf", "emotion")
_EXPECTED = "Section A.xls and Section B.xls, or one merged table"
_MERGED_ROWS = 189  # of the table whose row numbers the overlay uses
_DEPTH = 4  # CASME/CASME_A/Section A/Section A.xls
_NAMES = clips.ClipNames(
    item=casme_names.CLIP,
    last_level=casme_names.SUBJECT,
    ids=casme_names.ids_by_folder,
    trees=clips.TREES,
)
_Row = tuple[int, dict[str, Cell]]


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the clips of one picture tree; both sections belong to it."""
    return clips.find_clips(source, audit, _NAMES)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    r"""Read the tables of both sections, or the merged one.

    An offset ``\`` becomes null. A second apex (``ApexF2``) is told in the audit. The known repairs name rows
    of the merged table of 189 rows, so they are made in a table of that length only.
    """
    rows = _rows(source, audit)
    mending = Overlay("casme", source.options["overlay"], audit)
    is_merged = len(rows) == _MERGED_ROWS
    version = f"{'merged table' if is_merged else 'other table'}, {len(rows)} rows"
    expected = f"sections A and B, or {_MERGED_ROWS} merged rows (which alone the overlay knows)"
    audit.add("", "", "info", "coding_version", version, expected, "read as it is")
    events = []
    for position, (row, cells) in enumerate(rows):
        ids = casme_names.ids_by_cells(cells["subject"], cells["filename"])
        if ids is None:
            found = f"row {row}: {text(cells['subject'])}, {text(cells['filename'])}"
            audit.add("", "", "excluded", "unknown_name", found, "1 and EP01_1", "event left out")
            continue
        wanted = {
            "onset": cells["onsetf"],
            "apex": cells["apexf1"],
            "offset": cells["offsetf"],
            "emotion": cells["emotion"],
            "aus": cells.get("au"),
            "objective": None,
        }
        key = f"row {position}" if is_merged else ids[1]
        event = clips.clip_event(ids, wanted, audit, mending, key=key)
        second = number(cells.get("apexf2"))
        if second is not None:
            found = f"second apex {text(cells['apexf2'])}"
            audit.add(event.video, event.event, "info", "second_apex", found, "one apex", "first one used")
            event = flagged(event, "second_apex")
        events.append(event)
    return events


def _rows(source: Source, audit: Audit) -> list[_Row]:
    """Rows of the largest table and of those that repeat none of its clips, in the order of the file names."""
    fitting = coding_files(
        source,
        recognises=_recognises,
        columns=_COLUMNS,
        skip=casme_names.FOLDERS,
        expected=_EXPECTED,
        depth=_DEPTH,
    )
    tables = [(path, list(find_table(sheets, _COLUMNS))) for path, sheets in fitting]
    chosen: dict[Path, list[_Row]] = {}
    seen: set[tuple[str, str]] = set()
    for path, rows in sorted(tables, key=lambda table: (-len(table[1]), table[0].name)):
        clips_here = {(text(cells["subject"]), text(cells["filename"])) for _, cells in rows}
        if not clips_here & seen:
            chosen[path] = rows
            seen |= clips_here
    read = sorted(chosen, key=lambda path: path.name)
    note_coding(source, audit, read, fitting, _EXPECTED)
    return [row for path in read for row in chosen[path]]


def _recognises(sheets: Sheets) -> bool:
    return any(True for _ in find_table(sheets, _COLUMNS))


def fit_frames(
    events: list[EventRecord], folders: Mapping[str, FolderScan], source: Source, audit: Audit
) -> list[EventRecord]:
    """Give clips whose coded frames are not in their folder the frames found there."""
    return clips.fit_to_folders(events, folders, source, audit)


LAYOUT = Layout(
    name="casme",
    title="CASME",
    kind="clip",
    fps=60.0,
    find_videos=find_videos,
    read_events=read_events,
    fit_frames=fit_frames,
    options={"pictures": _NAMES.pictures, **clips.OPTION, **overlay.OPTION},
)
