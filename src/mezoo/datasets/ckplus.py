"""CK+ (Lucey et al., 2010): 593 posed macro-expressions of 123 subjects, from neutral to the peak, 30 fps.

Sequences are folders ``cohn-kanade-images/S005/001``; labels are text files named after the last frame:
``Emotion/S005/001/S005_001_00000011_emotion.txt`` (one number; 327 sequences have one) and
``FACS/S005/001/S005_001_00000011_facs.txt`` (rows of an action unit and its intensity).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets.au_units import ActionUnits, Unit
from mezoo.datasets.coded import flagged
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import find_files, find_items, refs_once
from mezoo.errors import ConfigError

#: Codes of the release notes.
EMOTIONS = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
_SEQUENCE = re.compile(r"\d{3}$")
_SUBJECT = re.compile(r"S\d{3}", re.IGNORECASE)
_NOT_IMAGES = re.compile(r"emotion|facs|landmark", re.IGNORECASE)
_IMAGES = re.compile(r"(?:extended-)?cohn-kanade-images?$|landmark", re.IGNORECASE)
_LABEL = re.compile(r"(S\d{3})_(\d{3})_(\d+)_(emotion|facs)\.txt", re.IGNORECASE)
_TEXT = frozenset({".txt"})


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the sequences: folders with three digits below one named after a subject."""
    root = source.existing_root()
    folders = find_items(root, _SEQUENCE, last_level=_SUBJECT, skip=_NOT_IMAGES)
    found = []
    for path in folders:
        if path.is_dir() and _SUBJECT.fullmatch(path.parent.name):
            subject = path.parent.name.upper()
            found.append((f"{subject}_{path.name}", subject, path))
    return refs_once(found, root, audit)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the label files: one event per sequence, from frame 1 (neutral) to the last one (the peak).

    The offset is not shown, so it is null. A sequence without an emotion file has no label: with
    ``unlabelled: keep`` (default) it keeps its action units and an empty emotion, ``drop`` leaves it out.
    """
    files: dict[str, dict[str, tuple[int, Path]]] = {}
    for path in _label_files(source):
        match = _LABEL.fullmatch(path.name)
        if match is None:
            continue  # a note among the labels
        video, kind = f"{match[1].upper()}_{match[2]}", match[4].lower()
        known = files.setdefault(video, {})
        if kind in known:
            found = known[kind][1].name
            audit.add(video, "", "excluded", "label_twice", path.name, found, "second file not read")
        else:
            known[kind] = (int(match[3]), path)
    if not files:
        raise ConfigError(
            "no label file lies here or in the folder above",
            "Emotion/S005/001/S005_001_00000011_emotion.txt and FACS/...",
            "Unpack the label archives beside the images, or name their folder with --coding",
            item=source.dataset,
            file=source.coding or source.root,
        )
    audit.add("", "", "info", "coding_file", f"{len(files)} sequences", "Emotion and FACS", "read")
    drop = source.options["unlabelled"] == "drop"
    events = [_event(video, own, audit) for video, own in sorted(files.items())]
    return [event for event in events if event.emotion or not drop]


def _label_files(source: Source) -> Iterator[Path]:
    folder = source.coding or source.existing_root()
    found = False
    for path in find_files(folder, _TEXT, skip=_IMAGES, depth=5):
        found = found or _LABEL.fullmatch(path.name) is not None
        yield path
    if not found and source.coding is None:  # the root is the folder of the images
        for place in sorted(folder.parent.iterdir()):
            if place.is_dir() and _NOT_IMAGES.match(place.name) and not _IMAGES.match(place.name):
                yield from find_files(place, _TEXT, skip=_IMAGES, depth=4)


def _event(video: str, files: dict[str, tuple[int, Path]], audit: Audit) -> EventRecord:
    subject = video.split("_")[0]
    event = EventRecord(audit.dataset, video, subject, video, onset=1, type="macro")
    last = {number for number, _ in files.values()}
    if len(last) > 1:
        found = ", ".join(map(str, sorted(last)))
        audit.add(
            video, video, "info", "apex_differs", found, "labels of one frame", "the last one is the peak"
        )
    event = flagged(replace(event, apex=max(last)), "offset_missing")
    event = _with_emotion(event, _read(files.get("emotion")), audit)
    return _with_facs(event, _read(files.get("facs")), audit)


def _read(file: tuple[int, Path] | None) -> str | None:
    """Text of a label file on one line; None when there is none."""
    if file is None:
        return None
    try:
        lines = file[1].read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return "; ".join(" ".join(line.split()) for line in lines if line.strip())


def _with_emotion(event: EventRecord, written: str | None, audit: Audit) -> EventRecord:
    if written is None:
        return flagged(event, "emotion_missing")
    code = _number(written)
    if code is None or code not in range(len(EMOTIONS)):
        found = written or "an empty file"
        audit.add(
            event.video, event.event, "info", "unknown_emotion", found, "a code from 0 to 7", "no emotion"
        )
        return flagged(event, "emotion_missing")
    return replace(event, emotion=EMOTIONS[int(code)])


def _with_facs(event: EventRecord, written: str | None, audit: Audit) -> EventRecord:
    """Fill the action units; intensity 1..5 is A..E, 0 means that none was given."""
    units, odd = [], []
    for row in (written or "").split("; "):
        numbers = [_number(word) for word in row.split()]
        if len(numbers) == 2 and numbers[0] in range(1, 100) and numbers[1] in range(6):
            au, grade = (int(number) for number in numbers if number is not None)
            units.append(((Unit(au, intensity=("ABCDE"[grade - 1],) if grade else ()),),))
        elif row:
            odd.append(row)
    aus = str(ActionUnits(tuple(units)))
    event = replace(event, aus=aus, aus_raw=written or "")
    if odd:
        found = f"{', '.join(odd)} (free_text)"
        audit.add(
            event.video, event.event, "info", "au_string", found, "rows: unit, intensity", f"read as {aus}"
        )
        return flagged(event, "au_free_text")
    return event if units else flagged(event, "au_empty")


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


LAYOUT = Layout(
    name="ckplus",
    title="CK+",
    kind="clip",
    fps=30.0,
    find_videos=find_videos,
    read_events=read_events,
    options={"unlabelled": ("keep", "drop")},
)
