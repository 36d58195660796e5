"""Find videos and coding files in a folder tree by the form of their names, never by a fixed path.

Copies of a corpus differ in capitals, padding of ids and doubled top folders (``rawpic/rawpic`` after
unzipping), so a reader says what the name of an item looks like and the search finds the level itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mezoo.catalog_items import Audit, VideoRef

VIDEO_SUFFIXES = frozenset({".avi", ".mp4", ".mov", ".mkv"})
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
_HIDDEN = re.compile(r"[.~]|Thumbs\.db$", re.IGNORECASE)


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder sorted by name, without hidden, lock and thumbnail files; empty when unreadable."""
    try:
        with os.scandir(folder) as scan:
            return sorted((e for e in scan if not _HIDDEN.match(e.name)), key=lambda e: e.name)
    except OSError:
        return []


def find_items(
    root: Path,
    item: re.Pattern[str],
    *,
    last_level: re.Pattern[str],
    skip: re.Pattern[str] | None = None,
    suffixes: frozenset[str] = VIDEO_SUFFIXES,
    depth: int = 5,
) -> list[Path]:
    """Find the videos of a tree: folders, or video files, whose name (without suffix) matches.

    Parameters
    ----------
    root : Path
        Where to start.
    item : re.Pattern
        Must match the start of the name.
    last_level : re.Pattern
        A folder whose whole name matches holds items directly: nothing below its other folders is
        looked at.
    skip : re.Pattern, optional
        A folder whose name starts so is not entered.
    suffixes : frozenset of str
        Of the files that count as items.
    depth : int
        Levels below ``root`` on which items may lie. Folders of frames are never listed.

    Returns
    -------
    list of Path
        Sorted by depth, then by path.
    """
    found: list[Path] = []
    level = [root]
    for _ in range(depth):
        below: list[Path] = []
        for folder in level:
            is_last = last_level.fullmatch(folder.name) is not None
            for entry in entries(folder):
                path = folder / entry.name
                is_folder = entry.is_dir()
                if item.match(entry.name) and (is_folder or path.suffix.lower() in suffixes):
                    found.append(path)
                elif is_folder and not is_last and not (skip and skip.match(entry.name)):
                    below.append(path)
        level = below
    return found


def refs_once(found: Iterable[tuple[str, str, Path]], root: Path, audit: Audit) -> list[VideoRef]:
    """Make references of the videos found; a second folder of the same id is left out and audited.

    Parameters
    ----------
    found : iterable of (video, subject, path)
        In the order of preference.
    root : Path
        Paths are named below it in the audit.
    audit : Audit

    Returns
    -------
    list of VideoRef
        Sorted by video id.
    """
    refs: dict[str, VideoRef] = {}
    for video, subject, path in found:
        if video in refs:
            other, read = (place.relative_to(root).as_posix() for place in (path, refs[video].path))
            audit.add(video, "", "excluded", "video_twice", other, read, "folder not read")
        else:
            refs[video] = VideoRef(video, subject, path)
    return sorted(refs.values(), key=lambda ref: ref.video)


def find_files(root: Path, suffixes: frozenset[str], *, skip: re.Pattern[str], depth: int) -> Iterator[Path]:
    """Yield the files with these suffixes down to a depth, not entering folders whose name starts as `skip`.

    Upper levels come first; hidden files and Office lock files (``~$...``) are left out.
    """
    below = []
    for entry in entries(root):
        path = root / entry.name
        if entry.is_dir():
            if depth > 0 and not skip.match(entry.name):
                below.append(path)
        elif path.suffix.lower() in suffixes:
            yield path
    for folder in below:
        yield from find_files(folder, suffixes, skip=skip, depth=depth - 1)
