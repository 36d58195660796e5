"""Anybody's videos: files or folders of frames below one root, and a table of events.

The table (.csv or a workbook) has a header with ``video``, ``onset``, ``type`` and at least one of ``apex`` and
``offset``; ``subject``, ``emotion`` and ``aus`` are optional, further columns are ignored. ``video`` is the path
below the root, with or without suffix, or the name alone where only one video has it.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets.checks import is_safe_name
from mezoo.datasets.coded import with_frames, with_units
from mezoo.datasets.labels import expression_type
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import IMAGE_SUFFIXES, VIDEO_SUFFIXES, entries, find_files, refs_once
from mezoo.datasets.workbook import SUFFIXES, Cell, Sheets, find_table, lacking, read_sheets, text
from mezoo.errors import ConfigError

_NEEDED = ("video", "onset", "type")
_NOTHING = re.compile(r"(?!)")
_DEPTH = 5
_EXPECTED = (
    "a table with the columns video, onset, type and apex or offset (subject, emotion and aus may be added)"
)
_Row = tuple[int, dict[str, Cell]]


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find every video file and every folder that holds images.

    The subject is the one of the table, else the folder above, else the video itself.
    """
    root = source.existing_root()
    videos = _videos(root, audit)
    names = _by_name(videos)
    subjects: dict[str, str] = {}
    for _, cells in _table(source):
        video = _resolve(text(cells["video"]), names)
        subject = text(cells.get("subject"))
        if video and is_safe_name(subject):
            subjects.setdefault(video, subject)
    found = []
    for video, path in videos:
        home = path.relative_to(root).parent.as_posix().replace("/", "_")
        found.append((video, subjects.get(video, video if home == "." else home), path))
    if not source.options["fps"] and any(path.is_dir() for _, path in videos):
        found_text = "folders of frames, which do not tell their frame rate"
        audit.add("", "", "info", "fps_unknown", found_text, "the option fps", "frame rate left empty")
    return refs_once(found, root, audit)


def _videos(root: Path, audit: Audit) -> list[tuple[str, Path]]:
    """Id and path of each video: the path below the root without suffix, ``_`` between its parts."""
    found = []
    level = [root]
    for _ in range(_DEPTH):
        below = []
        for folder in level:
            for entry in entries(folder):
                path = folder / entry.name
                is_folder = entry.is_dir()
                if path.suffix.lower() in VIDEO_SUFFIXES and not is_folder:
                    video = "_".join(path.relative_to(root).with_suffix("").parts)
                elif is_folder and _holds_images(path):
                    video = "_".join(path.relative_to(root).parts)
                else:
                    below += [path] if is_folder else []
                    continue
                if is_safe_name(video):
                    found.append((video, path))
                else:
                    audit.add("", "", "excluded", "unsafe_name", repr(video), "a file name", "video not read")
        level = below
    return found


def _holds_images(folder: Path) -> bool:
    """Look into a folder only until its first image."""
    try:
        with os.scandir(folder) as scan:
            return any(
                Path(entry.name).suffix.lower() in IMAGE_SUFFIXES and not entry.name.startswith(".")
                for entry in scan
            )
    except OSError:
        return False


def _by_name(videos: list[tuple[str, Path]]) -> dict[str, str]:
    """Id by id, and by the video's own name where it is the only one of that name."""
    alone: dict[str, set[str]] = defaultdict(set)
    for video, path in videos:
        alone[path.name if path.is_dir() else path.stem].add(video)
    unique = {name: next(iter(ids)) for name, ids in alone.items() if len(ids) == 1}
    return unique | {video: video for video, _ in videos}


def _resolve(cell: str, names: Mapping[str, str]) -> str | None:
    """Id of the video of a cell; None when it is absolute, leaves the root or cannot be a name."""
    path = PurePosixPath(cell.replace("\\", "/"))
    if path.suffix.lower() in VIDEO_SUFFIXES:
        path = path.with_suffix("")
    video = "_".join(path.parts)
    if not path.parts or path.is_absolute() or ".." in path.parts or not is_safe_name(video):
        return None
    return names.get(video, video)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the table of events; frames as in the file names, or 1, 2 ... of a video file."""
    root = source.root
    videos = _videos(root, Audit(audit.dataset)) if root is not None and root.is_dir() else []
    names = _by_name(videos)
    homes = {ref.video: ref.subject for ref in find_videos(source, Audit(audit.dataset))} if videos else {}
    count: dict[str, int] = defaultdict(int)
    events = []
    for row, cells in _table(source, audit):
        video, kind = _resolve(text(cells["video"]), names), expression_type(text(cells["type"]))
        if video is None or kind is None:
            found = f"row {row}: {text(cells['video'])!r}, {text(cells['type'])!r}"
            expected = "a video below the root, and micro or macro"
            audit.add("", "", "excluded", "unknown_name", found, expected, "event left out")
            continue
        count[video] += 1
        subject = text(cells.get("subject")) or homes.get(video, video)
        event = EventRecord(audit.dataset, video, subject, f"{video}_{count[video]}", type=kind)
        event = replace(event, emotion=text(cells.get("emotion")))
        not_coded = {"onset": (-1,), "apex": (-1,), "offset": (-1,)}
        event = with_frames(event, cells, audit, not_coded=not_coded)
        events.append(with_units(event, cells["aus"], audit) if "aus" in cells else event)
    return events


def _table(source: Source, audit: Audit | None = None) -> Iterator[_Row]:
    """Rows of the table that was given, or of the only one of its form below the root.

    Raises
    ------
    ConfigError
        A column is missing, or there is no table or more than one.
    """
    path, sheets = _coding(source)
    missing = lacking(sheets, _NEEDED)
    if not missing and _is_without_end(sheets):
        missing = ["apex or offset"]
    if missing:
        raise ConfigError(
            f"the table of events has no column '{missing[0]}'",
            _EXPECTED,
            "Add the column to its first row",
            item=source.dataset,
            file=path,
        )
    if audit is not None:
        audit.add("", "", "info", "coding_file", path.name, "a table of events", "read")
    return find_table(sheets, _NEEDED)


def _is_without_end(sheets: Sheets) -> bool:
    return all(bool(lacking(sheets, (*_NEEDED, name))) for name in ("apex", "offset"))


def _coding(source: Source) -> tuple[Path, Sheets]:
    if source.coding is not None and source.coding.is_file():
        return source.coding, read_sheets(source.coding)
    folder = source.coding or source.existing_root()
    paths = list(find_files(folder, SUFFIXES, skip=_NOTHING, depth=0))
    tables = [(path, read_sheets(path)) for path in paths]
    fitting = [table for table in tables if not lacking(table[1], _NEEDED)] or tables
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(path.name for path, _ in fitting)
    raise ConfigError(
        f"{len(fitting)} tables lie here ({names})" if fitting else "no table of events lies here",
        _EXPECTED,
        "Name it with --coding (coding: in the configuration)",
        item=source.dataset,
        file=folder,
    )


LAYOUT = Layout(
    name="generic",
    title="Own videos",
    kind="long",
    fps=None,
    find_videos=find_videos,
    read_events=read_events,
    options={"kind": ("long", "clip")},
    numbers={"fps": ""},
)
