"""SAMM (Davison et al., 2018): 200 fps clips of micro-expressions, 159 of 29 subjects.

Clips are folders ``006/006_1_2/006_05562.jpg`` (4- or 5-digit padding), raw or cropped. The workbook has note
rows above its header; its first release has neither emotions nor objective classes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import clips, overlay
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.overlay import Overlay
from mezoo.datasets.scan import FolderScan
from mezoo.datasets.workbook import Cell, Sheets, find_coding, find_table, number, text

_CLIP = re.compile(r"0*(\d{1,3})_0*(\d+)_0*(\d+)(?:\.\w+)?$")
_SUBJECT = re.compile(r"\d{1,3}")
_FOLDERS = re.compile(r"\d{1,3}(?:_\d+)*$")
_COLUMNS = ("subject", "filename", "onset frame", "apex frame", "offset frame", "action units")
_APEX_MARGIN = 1  # frames; 032_3_2 rises within one, 026_3_3 falls within one


def _ids(name: str) -> tuple[str, str] | None:
    match = _CLIP.match(name)
    if match is None:
        return None
    subject = f"{int(match[1]):03d}"
    return subject, f"{subject}_{match[2]}_{match[3]}"


def _ids_by_folder(path: Path) -> tuple[str, str] | None:
    return _ids(clips.item_name(path))


_NAMES = clips.ClipNames(
    item=_CLIP,
    last_level=_SUBJECT,
    ids=_ids_by_folder,
    trees={name: clips.TREES[name] for name in ("raw", "cropped")},
)


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the clips of one picture tree."""
    return clips.find_clips(source, audit, _NAMES)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding workbook; two apexes of the release are mended by the overlay."""
    sheets = find_coding(
        source,
        audit,
        recognises=_recognises,
        columns=_COLUMNS,
        skip=_FOLDERS,
        expected="SAMM_Micro_FACS_Codes_v2.xlsx (or v1)",
    )
    rows = list(find_table(sheets, _COLUMNS))
    mending = Overlay("samm", source.options["overlay"], audit)
    read = (_event(row, cells, audit, mending) for row, cells in rows)
    events = [event for event in read if event is not None]
    version = "v2" if any("objective classes" in cells for _, cells in rows) else "v1 (no emotions)"
    expected = "v2, which has emotions and objective classes"
    audit.add("", "", "info", "coding_version", f"{version}, {len(rows)} rows", expected, "read as it is")
    return events


def _recognises(sheets: Sheets) -> bool:
    return any(_ids(text(cells["filename"])) for _, cells in find_table(sheets, _COLUMNS))


def _event(row: int, cells: dict[str, Cell], audit: Audit, mending: Overlay) -> EventRecord | None:
    ids = _ids(text(cells["filename"]))
    if ids is None:
        found = f"row {row}: {text(cells['filename'])}"
        audit.add("", "", "excluded", "unknown_name", found, "a name like 006_1_2", "event left out")
        return None
    wanted = {
        "onset": cells["onset frame"],
        "apex": cells["apex frame"],
        "offset": cells["offset frame"],
        "emotion": cells.get("estimated emotion"),
        "aus": cells["action units"],
        "objective": cells.get("objective classes"),
    }
    event = clips.clip_event(ids, wanted, audit, mending, apex_margin=_APEX_MARGIN)
    duration = number(cells.get("duration"))
    if duration is not None and event.onset is not None and event.offset is not None:
        length = event.offset - event.onset + 1
        if length != duration:
            found = f"duration {text(cells['duration'])}"
            audit.add(event.video, event.event, "info", "duration", found, f"{length} frames", "kept")
    return event


def fit_frames(
    events: list[EventRecord], folders: Mapping[str, FolderScan], source: Source, audit: Audit
) -> list[EventRecord]:
    """Give clips whose coded frames are not in their folder the frames found there."""
    return clips.fit_to_folders(events, folders, source, audit)


LAYOUT = Layout(
    name="samm",
    title="SAMM",
    kind="clip",
    fps=200.0,
    find_videos=find_videos,
    read_events=read_events,
    fit_frames=fit_frames,
    options={"pictures": _NAMES.pictures, **clips.OPTION, **overlay.OPTION},
)
