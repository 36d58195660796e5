"""CAS(ME)^3 (Li et al., 2023): 30 fps colour and depth; part A 100 subjects x 13 videos, part C a mock crime.

Part A lies as long videos ``part_A_split/part_A/spNO.1/a/color/355.jpg`` and as clips
``Part_A_ME_clip/frame/spNo.1_a_355/355.jpg`` (subject, video, onset); part C as ``part_C/01/a/color/373.jpg``.
Part B has no labels. Frames are missing inside the sequences; the coding files are `mezoo.datasets.casme3_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, Severity, VideoRef
from mezoo.datasets import casme3_tables, overlay
from mezoo.datasets.casme3_tables import Row, Tables
from mezoo.datasets.coded import flagged, with_frames, with_units
from mezoo.datasets.labels import expression_type
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import entries, find_items, refs_once
from mezoo.datasets.workbook import Cell, number, text
from mezoo.errors import ConfigError

#: Videos in which the owners list a micro-expression of an occluded face; which one they do not say.
OCCLUDED = frozenset(
    "2_e 145_g 146_a 147_d 147_e 155_d 179_b 200_b 204_a 206_a 206_c 214_b 214_k 215_f".split()
)
_LETTER = re.compile(r"[A-M]$", re.IGNORECASE)
_SUBJECT = re.compile(r"spNO\.?0*(\d+)", re.IGNORECASE)
_CLIP = re.compile(r"spNO\.?0*(\d+)_([A-M])_0*(\d+)$", re.IGNORECASE)
_CRIME_SUBJECT = re.compile(r"0*(\d{1,2})")
_NOWHERE = re.compile(r"(?!)")
_NOT_LONG = re.compile(r"part_?[ABC]_m|part_?b|annotation|exception", re.IGNORECASE)
_NOT_CLIPS = re.compile(r"spNO\.?\d+$|part_?[BC]|part_?A_split|annotation|exception", re.IGNORECASE)
_PART_C = re.compile(r"part_?C", re.IGNORECASE)
_DEPTH = 8  # the release nests part_A/data/part_A_split/part_A/spNO.1/a, and unzipping doubles folders
_NOT_CODED = {"onset": (-1,), "apex": (-1,), "offset": (-1, 0)}


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the long videos, or with ``kind: clip`` the clips of part A, by their names.

    Raises
    ------
    ConfigError
        Clips are asked of part C, which has none.
    """
    _refuse_clips_of_part_c(source)
    root, part = source.existing_root(), source.options["part"]
    if source.options["kind"] == "clip":
        return refs_once(_clips(root, source), root, audit)
    found = _long_videos(root, source) if part in ("A", "all") else []
    found += _crime_videos(root, source) if part in ("C", "all") else []
    return refs_once(found, root, audit)


def _refuse_clips_of_part_c(source: Source) -> None:
    if source.options["kind"] == "clip" and source.options["part"] != "A":
        raise ConfigError(
            f"kind is clip, part is {source.options['part']}",
            "part: A, the only one released as clips",
            "Mend the options of the dataset",
            item=source.dataset,
        )


def _clips(root: Path, source: Source) -> list[tuple[str, str, Path]]:
    """Folders of frames; the .mp4 files beside them have lost the frame numbers."""
    found = []
    for path in find_items(root, _CLIP, last_level=_NOWHERE, skip=_NOT_CLIPS, depth=_DEPTH):
        match = _CLIP.match(path.name)
        assert match is not None  # find_items returns nothing else
        if path.is_dir() and _is_wanted(path.parent, root, source):
            subject, video = _ids(match[1], match[2])
            found.append((f"{video}_{int(match[3])}", subject, path))
    return found


def _is_wanted(folder: Path, root: Path, source: Source) -> bool:
    names = (root.name, *folder.relative_to(root).parts)
    return any(name.casefold() == "depth" for name in names) == (source.options["stream"] == "depth")


def _ids(digits: str, letter: str) -> tuple[str, str]:
    """Subject and video as the tables write them; the letter is small (``J`` and ``j`` are one video)."""
    subject = f"spNO.{int(digits)}"
    return subject, f"{subject}_{letter.casefold()}"


def _long_videos(root: Path, source: Source) -> list[tuple[str, str, Path]]:
    found = []
    for path in find_items(root, _LETTER, last_level=_SUBJECT, skip=_NOT_LONG, depth=_DEPTH):
        match = _SUBJECT.fullmatch(path.parent.name)
        if match is not None and path.is_dir():
            subject, video = _ids(match[1], path.name)
            found.append((video, subject, _stream(path, source)))
    return found


def _crime_videos(root: Path, source: Source) -> list[tuple[str, str, Path]]:
    found = []
    for path in find_items(root, _LETTER, last_level=_CRIME_SUBJECT, skip=_NOT_LONG, depth=_DEPTH):
        match = _CRIME_SUBJECT.fullmatch(path.parent.name)
        above = (root.name, *path.relative_to(root).parts)
        if match is not None and path.is_dir() and any(map(_PART_C.match, above)):
            subject, video = _crime_ids(match[1], path.name)
            found.append((video, subject, _stream(path, source)))
    return found


def _crime_ids(digits: str, letter: str = "a") -> tuple[str, str]:
    subject = f"C{int(digits):02d}"
    return subject, f"{subject}_{letter.casefold()}"


def _stream(folder: Path, source: Source) -> Path:
    """Folder of the wanted stream of a video, whatever its capitals; the video's own when there is none."""
    name = source.options["stream"]
    if (folder / name).is_dir():
        return folder / name
    inner = [entry.name for entry in entries(folder) if entry.is_dir()]
    return folder / next((own for own in inner if own.casefold() == name), "")


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding files of the wanted part.

    Frames come from the table of part A and emotions from its list of micro-expressions; where the list has
    other frames the audit says so. Part C has no apex, and macro-expressions without emotion and action units.
    Onset 0 means frame 1 (0.jpg does not exist): ``onset_zero: clamp`` (default), or ``drop``.
    """
    _refuse_clips_of_part_c(source)
    tables, part = casme3_tables.read_tables(source, audit), source.options["part"]
    wanted = {"A": ("table", "micro"), "C": ("crime_micro", "crime")}
    if part in wanted and not any(getattr(tables, form) for form in wanted[part]):
        raise ConfigError(
            f"no coding file of part {part} and version {source.options['version']} lies here",
            "CAS(ME)3_part_A_v2.xls" if part == "A" else "CAS(ME)3_part_C_ME.xlsx",
            "Copy it there, name it with --coding, or change the options part and version",
            item=source.dataset,
            file=source.coding or source.root,
        )
    events = _part_a(tables, source, audit) if part in ("A", "all") else []
    events += _part_c(tables, audit) if part in ("C", "all") else []
    return events


def _part_a(tables: Tables, source: Source, audit: Audit) -> list[EventRecord]:
    mending = overlay.Overlay("casme3", source.options["overlay"], audit)
    events, other_onsets = [], {}
    for row, cells, differs in casme3_tables.labelled(tables, audit):
        event = _coded(row, cells, mending, source, audit)
        if event is None:
            continue
        if differs:
            found, expected = (
                f"list of micro-expressions: {differs}",
                f"{event.onset}/{event.apex}/{event.offset}",
            )
            audit.add(
                event.video, event.event, "repaired", "label_differs", found, expected, "table's frames"
            )
            event = flagged(event, "label_differs")
            if match := re.search(r"onset (\d+)", differs):
                other_onsets[event.event] = f"{event.video}_{match[1]}"
        events.append(event)
    events = _with_exceptions(events, source, audit)
    return _as_clips(events, other_onsets, source, audit) if source.options["kind"] == "clip" else events


def _coded(
    row: int, cells: dict[str, Cell], mending: overlay.Overlay, source: Source, audit: Audit
) -> EventRecord | None:
    """Make the event of a row of part A; None when it names no video, type or onset of this corpus."""
    subject_number, letter = casme3_tables.place(cells)
    kind = expression_type(text(cells["expression type"]))
    onset = number(cells["onset"])
    if not subject_number or not _LETTER.fullmatch(letter) or kind is None or onset is None:
        names = ("subject", "filename", "onset", "expression type")
        found = f"row {row}: {', '.join(text(cells[name]) or 'blank' for name in names)}"
        expected = "a video like spNO.1, a, a frame and a type"
        audit.add("", "", "excluded", "unknown_name", found, expected, "event left out")
        return None
    subject, video = _ids(subject_number, letter)
    key = f"{video}_{int(onset)}"
    frames = mending.mend(key, {name: cells[name] for name in ("onset", "apex", "offset")}, video, key)
    name = f"{video}_{text(frames['onset'])}"
    event = EventRecord(
        audit.dataset,
        video,
        subject,
        name,
        type=kind,
        emotion=text(cells.get("emotion")),
        objective_class=text(cells.get("objective class")),
    )
    event = with_frames(event, frames, audit, not_coded=_NOT_CODED)
    event = with_units(event, cells["au"], audit)
    mended = frames != {name: cells[name] for name in frames}
    return _from_frame_one(flagged(event, "overlay") if mended else event, source, audit)


def _from_frame_one(event: EventRecord, source: Source, audit: Audit) -> EventRecord | None:
    if event.onset != 0:
        return event
    clamp = source.options["onset_zero"] == "clamp"
    severity: Severity = "repaired" if clamp else "excluded"
    found = f"{event.onset}/{event.apex}/{event.offset}"
    action = "onset 1" if clamp else "event left out"
    audit.add(event.video, event.event, severity, "onset_zero", found, "frames from 1 on", action)
    if not clamp:
        return None
    return flagged(replace(event, onset=1, apex=event.apex or 1), "onset_before_video")


def _with_exceptions(events: list[EventRecord], source: Source, audit: Audit) -> list[EventRecord]:
    """Flag the events that the owners' lists concern; ``bad_frames: drop`` leaves out those with such frames."""
    damaged, bad = casme3_tables.exception_lists(source)
    for check, listed in (("frame_damaged", damaged), ("frame_bad_quality", bad)):
        for (subject, letter), frames in sorted(listed.items()):
            found = f"{len(frames)} frames between {min(frames)} and {max(frames)} on the owners' list"
            audit.add(_ids(subject, letter)[1], "", "info", check, found, "usable frames", "kept")
    kept = []
    for event in events:
        match = _SUBJECT.match(event.video)
        place = (match[1] if match else "", event.video[-1])
        flags = [
            check
            for check, listed in (("frame_damaged", damaged), ("frame_bad_quality", bad))
            if any(_is_inside(frame, event) for frame in listed.get(place, ()))
        ]
        note = (event.video, event.event)
        if flags and source.options["bad_frames"] == "drop":
            found = ", ".join(flags)
            audit.add(*note, "excluded", "bad_frames", found, "none on the owners' lists", "event left out")
            continue
        if event.type == "micro" and "_".join(place) in OCCLUDED:
            found = "the owners list an occluded face in this video"
            audit.add(*note, "info", "occluded", found, "a free face", "kept, flagged")
            flags.append("occluded")
        kept.append(flagged(event, *flags))
    return kept


def _is_inside(frame: int, event: EventRecord) -> bool:
    end = event.offset if event.offset is not None else event.apex
    return event.onset is not None and end is not None and event.onset <= frame <= end


def _as_clips(
    events: list[EventRecord], other_onsets: Mapping[str, str], source: Source, audit: Audit
) -> list[EventRecord]:
    """Give each event its clip; macros take no part when the tree holds none of their clips."""
    if source.root is None or not source.root.is_dir():
        return [replace(event, video=event.event) for event in events]
    there = {ref.video for ref in find_videos(source, Audit(audit.dataset))}
    clips = []
    for event in events:
        other = other_onsets.get(event.event, event.event)
        clips.append(
            replace(event, video=other if other in there and event.event not in there else event.event)
        )
    if any(clip.type == "macro" and clip.video in there for clip in clips):
        return clips
    micro = [clip for clip in clips if clip.type == "micro"]
    found = f"none of {len(clips) - len(micro)} clips of macro-expressions"
    audit.add("", "", "info", "no_macro_clips", found, "Part_A_MaE_clip", "micro-expressions only")
    return micro


def _part_c(tables: Tables, audit: Audit) -> list[EventRecord]:
    """Micro-expressions of the list and macros of the table; its micro rows are the list's, less complete."""
    rows: list[tuple[Row, str]] = [(row, "micro") for row in tables.crime_micro]
    listed = {_crime_key(cells, "sub") for _, cells in tables.crime_micro}
    for row, cells in tables.crime:
        is_micro = number(cells["exp_type"]) == 1
        if is_micro and listed and _crime_key(cells, "subject") not in listed:
            found = f"row {row}: {', '.join(_crime_key(cells, 'subject'))}"
            expected = "a row of the list of micro-expressions"
            audit.add("", "", "info", "not_in_list", found, expected, "not read")
        elif not is_micro or not listed:
            cells = {"sub": cells["subject"], "onset": cells["onset"], "offset": cells["offset"]}
            rows.append(((row, cells), "micro" if is_micro else "macro"))
    events = []
    for (row, cells), kind in rows:
        match = _CRIME_SUBJECT.fullmatch(text(cells["sub"]))
        if match is None or number(cells["onset"]) is None:
            found = f"row {row}: {text(cells['sub']) or 'blank'}, {text(cells['onset']) or 'blank'}"
            audit.add("", "", "excluded", "unknown_name", found, "a subject and an onset", "event left out")
            continue
        subject, video = _crime_ids(match[1])
        event = EventRecord(audit.dataset, video, subject, f"{video}_{text(cells['onset'])}", type=kind)
        event = replace(event, emotion=text(cells.get("emotion")))
        frames = {name: cells[name] for name in ("onset", "offset")}
        event = with_frames(event, frames, audit, not_coded=_NOT_CODED)
        events.append(with_units(event, cells["au"], audit) if "au" in cells else flagged(event, "au_empty"))
    return events


def _crime_key(cells: Mapping[str, Cell], subject: str) -> tuple[str, str, str]:
    return text(cells[subject]), text(cells["onset"]), text(cells["offset"])


LAYOUT = Layout(
    name="casme3",
    title="CAS(ME)^3",
    kind="long",
    fps=30.0,
    find_videos=find_videos,
    read_events=read_events,
    options={
        "kind": ("long", "clip"),
        "part": ("A", "C", "all"),
        "version": ("auto", "v2", "v1"),
        "stream": ("color", "depth"),
        "bad_frames": ("flag", "drop"),
        "onset_zero": ("clamp", "drop"),
        **overlay.OPTION,
    },
)
