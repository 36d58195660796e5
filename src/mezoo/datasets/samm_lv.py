"""SAMM Long Videos (Yap et al., 2020): 200 fps, 147 videos of 30 subjects, 343 macro and 159 micro.

Videos are folders ``<subject>_<inducement>`` without a subject level (``006_1/006_1_0001.jpg``). The
workbook (releases V1, V2, V3) has note rows above its header and gives 178 rows fractional frames. It holds no
emotions: the micro-movements are those of SAMM, whose workbook is read too where it lies beside.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mezoo.catalog_items import Audit, EventRecord, Severity, VideoRef
from mezoo.datasets.coded import flagged, with_frames, with_units
from mezoo.datasets.labels import expression_type
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import find_items, refs_once
from mezoo.datasets.workbook import Cell, Sheets, find_coding, find_sheets, find_table, text

_VIDEO = re.compile(r"0*(\d+)_0*(\d+)(?:\.\w+)?$")
_SUBJECT = re.compile(r"\d{1,3}")
_EVENT = re.compile(r"0*(\d+)_(\d+)_(\d+)")
_COLUMNS = ("subject", "filename", "inducement code", "onset", "apex", "offset", "type", "action units")
_SAMM_COLUMNS = ("filename", "onset frame", "estimated emotion")


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the video folders by their names; a second one of the same name is left out."""
    root = source.existing_root()
    found = []
    for path in find_items(root, _VIDEO, last_level=_SUBJECT):
        match = _VIDEO.match(path.name)
        assert match is not None  # find_items returns nothing else
        subject = f"{int(match[1]):03d}"
        found.append((f"{subject}_{match[2]}", subject, path))
    return refs_once(found, root, audit)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding workbook.

    Fractional frames are rounded half up (MEGC 2020). Onset 0 means that the movement was under way when
    the recording began: ``onset_zero: clamp`` (default) starts it at frame 1, ``drop`` leaves it out as
    SOFTNet and MEAN do. Micro-movements get the emotions of SAMM's workbook (``SAMM_Micro_FACS_Codes_v2.xlsx``),
    by their names, where it lies in the folder of the coding file or below it. Apex -1 (V2, V3), and an apex
    outside its interval (V1, the same six rows), means not coded: null.
    """
    sheets = find_coding(
        source,
        audit,
        recognises=_recognises,
        skip=_VIDEO,
        expected="SAMM_LongVideos_V3_Release.xlsx (or V1, V2)",
    )
    read = (_event(row, cells, source, audit) for row, cells in find_table(sheets, _COLUMNS))
    return _with_emotions([event for event in read if event is not None], source, audit)


def _with_emotions(events: list[EventRecord], source: Source, audit: Audit) -> list[EventRecord]:
    """Join the emotions of SAMM by name: the same movements, in frames of the clips."""
    given = source.coding
    folder = source.existing_root() if given is None else given if given.is_dir() else given.parent
    for path, sheets in find_sheets(folder, recognises=_tells_emotions, skip=_VIDEO, depth=2):
        told = {
            _plain(text(cells["filename"])): text(cells["estimated emotion"])
            for _, cells in find_table(sheets, _SAMM_COLUMNS)
        }
        joined = [
            replace(event, emotion=told.get(_plain(event.event), "")) if event.type == "micro" else event
            for event in events
        ]
        n_micro = sum(event.type == "micro" for event in events)
        found = f"{path.name}: {sum(bool(event.emotion) for event in joined)} of {n_micro} micro-movements"
        audit.add("", "", "info", "emotions", found, "the workbook of SAMM", "emotions joined by name")
        return joined
    return events


def _tells_emotions(sheets: Sheets) -> bool:
    return any(_EVENT.fullmatch(text(cells["filename"])) for _, cells in find_table(sheets, _SAMM_COLUMNS))


def _plain(name: str) -> str:
    """Give a name without the padding of its numbers."""
    return "_".join(part.lstrip("0") for part in name.split("_"))


def _recognises(sheets: Sheets) -> bool:
    return any(expression_type(text(cells["type"])) for _, cells in find_table(sheets, _COLUMNS))


def _event(row: int, cells: dict[str, Cell], source: Source, audit: Audit) -> EventRecord | None:
    match = _EVENT.fullmatch(text(cells["filename"]))
    kind = expression_type(text(cells["type"]))
    if match is None or kind is None:
        found = f"row {row}: {text(cells['filename'])}, {text(cells['type'])}"
        expected = "a name like 006_1_1 and a type"
        audit.add("", "", "excluded", "unknown_name", found, expected, "event left out")
        return None
    subject = f"{int(match[1]):03d}"
    video, name = f"{subject}_{match[2]}", f"{subject}_{match[2]}_{match[3]}"
    event = EventRecord(audit.dataset, video, subject, name, type=kind)
    event = with_frames(event, cells, audit, not_coded={"onset": (-1,), "apex": (-1, 0), "offset": (-1, 0)})
    if event.onset == 0:
        clamp = source.options["onset_zero"] == "clamp"
        severity: Severity = "repaired" if clamp else "excluded"
        action = "onset 1" if clamp else "event left out"
        audit.add(video, name, severity, "onset_zero", "onset 0", "an onset in the video", action)
        if not clamp:
            return None
        event = flagged(replace(event, onset=1), "onset_before_video")
    if _is_apex_outside(event):
        found = f"{event.onset}/{event.apex}/{event.offset}"
        audit.add(video, name, "repaired", "apex_outside", found, "onset <= apex <= offset", "apex null")
        event = flagged(replace(event, apex=None), "apex_missing")
    return with_units(event, cells["action units"], audit)


def _is_apex_outside(event: EventRecord) -> bool:
    if event.onset is None or event.apex is None or event.offset is None:
        return False
    return not event.onset <= event.apex <= event.offset


LAYOUT = Layout(
    name="samm_lv",
    title="SAMM Long Videos",
    kind="long",
    fps=200.0,
    find_videos=find_videos,
    read_events=read_events,
    options={"onset_zero": ("clamp", "drop")},
)
