"""MMEW (Ben et al., 2021): 90 fps, 300 micro-expression clips of 30 subjects, and macro-expressions.

Micro clips are folders ``Micro_Expression/<emotion>/S01-01-001`` with frames 1.jpg, 2.jpg ...; the numbers of
the coding file are relative to the clip. The macros ``Macro_Expression/S01/<emotion>/S01-07-001`` are stills or
folders without a coding file, and their names repeat those of the micro clips.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import clips
from mezoo.datasets.coded import flagged, with_frames, with_units
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import IMAGE_SUFFIXES, find_items, refs_once
from mezoo.datasets.workbook import Cell, Sheets, find_coding, find_table, text
from mezoo.errors import DataError

EMOTION_CODES = {
    "01": "happiness",
    "02": "surprise",
    "03": "disgust",
    "04": "others",
    "05": "fear",
    "06": "sadness",
    "07": "anger",
}
_NAME = re.compile(r"S0*(\d+)-(\d\d)-0*(\d+)", re.IGNORECASE)
_ITEM = re.compile(_NAME.pattern + r"(?:\.\w+)?$", re.IGNORECASE)
_NOWHERE = re.compile(r"(?!)")  # clips lie below emotions, in some copies below subjects in them
_MACRO = re.compile(r"macro", re.IGNORECASE)
_COLUMNS = (
    "subject",
    "filename",
    "onsetframe",
    "apexframe",
    "offsetframe",
    "action units",
    "estimated emotion",
)


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the clips by their names, whatever the folders above them are called.

    The folder of ``others`` is ``repression`` in some copies, so the emotion is never taken from a folder.
    """
    refs = clips.find_clips(source, audit, _NAMES)
    if source.options["expressions"] == "micro":
        return refs
    root = source.existing_root()
    stills = find_items(root, _ITEM, last_level=_NOWHERE, suffixes=IMAGE_SUFFIXES)
    macros = [(_ids(path.name), path) for path in stills if _is_macro(path)]
    return refs + refs_once(
        [(f"{video}_macro", subject, path) for (subject, video), path in macros], root, audit
    )


def _ids(name: str) -> tuple[str, str]:
    """Subject and video by the name of a clip."""
    match = _NAME.match(name)
    assert match is not None  # only names of this form are asked for
    subject = f"S{int(match[1]):02d}"
    return subject, f"{subject}-{match[2]}-{int(match[3]):03d}"


def _is_macro(path: Path) -> bool:
    return any(map(_MACRO.match, path.parts[:-1]))


_NAMES = clips.ClipNames(
    item=_ITEM,
    last_level=_NOWHERE,
    ids=lambda path: None if _is_macro(path) else _ids(path.name),
    trees={"raw": None, "cropped": re.compile("crop", re.IGNORECASE)},
)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding file; with ``expressions: all`` each macro is an event over its whole length.

    All clips of S04 and S13 hold more frames than the coding file says. ``offset: coded`` (default) keeps what
    the coders wrote; ``folder`` moves an offset to the last frame of its clip, as tvaranka/meb does for 16 clips.
    """
    sheets = find_coding(
        source, audit, recognises=_recognises, skip=_ITEM, expected="MMEW_Micro_Exp.xlsx", columns=_COLUMNS
    )
    read = [_event(row, cells, audit) for row, cells in find_table(sheets, _COLUMNS)]
    events = [event for event in read if event is not None]
    if source.root is None or not source.root.is_dir():
        return events
    quiet = Audit(audit.dataset)  # the folders are audited when they are listed
    refs = {ref.video: ref for ref in find_videos(source, quiet)}
    if source.options["offset"] == "folder":
        events = [_to_last_frame(event, refs, source, audit) for event in events]
    macros = (ref for ref in refs.values() if ref.video.endswith("_macro"))
    return events + [_macro_event(ref, source, audit) for ref in macros]


def _recognises(sheets: Sheets) -> bool:
    return any(_NAME.fullmatch(text(cells["filename"])) for _, cells in find_table(sheets, _COLUMNS))


def _event(row: int, cells: dict[str, Cell], audit: Audit) -> EventRecord | None:
    name, emotion = text(cells["filename"]), text(cells["estimated emotion"])
    match = _NAME.fullmatch(name)
    if match is None:
        found = f"row {row}: {name or 'blank'}"
        audit.add("", "", "excluded", "unknown_name", found, "a name like S01-01-001", "event left out")
        return None
    subject, video = _ids(name)
    event = EventRecord(audit.dataset, video, subject, video, type="micro", emotion=emotion)
    coded = text(cells["subject"]).upper().lstrip("S").lstrip("0")
    if coded != subject[1:].lstrip("0"):
        audit.add(video, video, "info", "subject_differs", coded or "blank", subject, "subject of the name")
    expected = EMOTION_CODES.get(match[2])
    if emotion.casefold() != expected:
        found = f"{emotion or 'blank'}, in the name {match[2]}"
        audit.add(video, video, "info", "emotion_differs", found, str(expected), "kept as written")
        event = flagged(event, "emotion_differs")
    frames = {name: cells[f"{name}frame"] for name in ("onset", "apex", "offset")}
    event = with_frames(event, frames, audit, not_coded={"onset": (0,), "apex": (0,), "offset": (0,)})
    return with_units(event, cells["action units"], audit)


def _to_last_frame(
    event: EventRecord, refs: dict[str, VideoRef], source: Source, audit: Audit
) -> EventRecord:
    ref = refs.get(event.video)
    last = _span(ref, source)[1] if ref is not None else None
    if last is None or event.offset is None or last <= event.offset:
        return event
    found = f"offset {event.offset}, {last} frames in the folder"
    audit.add(event.video, event.event, "repaired", "offset_of_folder", found, "one length", f"offset {last}")
    return flagged(replace(event, offset=last), "offset_of_folder")


def _macro_event(ref: VideoRef, source: Source, audit: Audit) -> EventRecord:
    first, last = _span(ref, source)
    match = _NAME.match(ref.video)
    emotion = EMOTION_CODES.get(match[2], "") if match else ""
    event = EventRecord(audit.dataset, ref.video, ref.subject, ref.video, type="macro", emotion=emotion)
    apex = first if first == last else None
    return flagged(replace(event, onset=first, apex=apex, offset=last), "au_empty", "whole_clip")


def _span(ref: VideoRef, source: Source) -> tuple[int | None, int | None]:
    """First and last frame number of a clip; 1, 1 of a still."""
    if ref.path.is_file():
        return 1, 1
    try:
        folder = source.folders.scan(ref.path)
    except DataError:  # audited when the frames are checked
        return None, None
    return folder.first, folder.last


LAYOUT = Layout(
    name="mmew",
    title="MMEW",
    kind="clip",
    fps=90.0,
    find_videos=find_videos,
    read_events=read_events,
    options={
        "pictures": _NAMES.pictures,
        "offset": ("coded", "folder"),
        "expressions": ("micro", "all"),
    },
)
