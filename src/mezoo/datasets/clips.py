"""Corpora of short clips: find the folders of one picture tree, and hold each clip's coded frames against them.

A folder of a clip holds one expression. Releases come as a raw and a cropped tree whose folders have the same
names, so one tree is read and the audit says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets.coded import flagged, with_frames, with_units
from mezoo.datasets.layout import Source
from mezoo.datasets.overlay import Overlay
from mezoo.datasets.scan import FolderScan
from mezoo.datasets.tree import VIDEO_SUFFIXES, find_items
from mezoo.datasets.workbook import Cell, text

#: The option of a layout whose clips are mended by `fit_to_folders`.
OPTION = {"absent_frames": ("folder", "exclude")}
_CROPPED = re.compile(r"crop", re.IGNORECASE)
_SELECTED = re.compile(r"select", re.IGNORECASE)
_DEPTH = 8


@dataclass(frozen=True)
class ClipNames:
    """The form of the names in a tree of clips.

    Attributes
    ----------
    item : re.Pattern
        Start of a clip's name.
    last_level : re.Pattern
        Whole name of the folders that hold clips.
    ids : callable
        Path -> subject and video, or None when the path is no clip of the copy that is read.
    trees : mapping
        Name of a picture tree -> part of a folder's name that marks it; the first one that exists is read
        unless the option ``pictures`` names one. An unmarked folder counts as ``raw``.
    """

    item: re.Pattern[str]
    last_level: re.Pattern[str]
    ids: Callable[[Path], tuple[str, str] | None]
    trees: Mapping[str, re.Pattern[str] | None]

    @property
    def pictures(self) -> tuple[str, ...]:
        """Values of the option ``pictures``."""
        return ("auto", *self.trees)


#: Trees as most releases have them; an expression cut out of its recording comes before the recording.
TREES: dict[str, re.Pattern[str] | None] = {"selected": _SELECTED, "raw": None, "cropped": _CROPPED}


def find_clips(source: Source, audit: Audit, names: ClipNames) -> list[VideoRef]:
    """Find the clips of one picture tree by their names.

    The second folder of a clip is left out. Where the name of a clip tells its subject, the clip belongs to
    that one, whatever folder it lies in: one person must not be in two folds.
    """
    root = source.existing_root()
    items = find_items(root, names.item, last_level=names.last_level, depth=_DEPTH)
    placed = [(path, ids, _tree(path, root, names)) for path in items if (ids := names.ids(path)) is not None]
    present = [tree for tree in names.trees if any(tree == found for _, _, found in placed)]
    wanted = source.options["pictures"]
    chosen = next((tree for tree in present if wanted in ("auto", tree)), None)
    if len(present) > 1 or (present and chosen is None):
        action = f"{chosen} read" if chosen else "none read"
        audit.add("", "", "info", "pictures", ", ".join(present), "one picture tree", action)
    refs: dict[str, VideoRef] = {}
    for path, (subject, video), tree in placed:
        if tree != chosen:
            continue
        if video in refs:
            found, kept = (p.relative_to(root).as_posix() for p in (path, refs[video].path))
            audit.add(video, "", "excluded", "video_twice", found, kept, "folder not read")
        else:
            refs[video] = VideoRef(video, subject, path)
    return sorted(refs.values(), key=lambda ref: ref.video)


def item_name(path: Path) -> str:
    """Give the name of a clip without the suffix of a video file."""
    return path.stem if path.suffix.lower() in VIDEO_SUFFIXES else path.name


def _tree(path: Path, root: Path, names: ClipNames) -> str:
    """Which picture tree a clip belongs to, by the folders above it."""
    folders = (root.name, *path.relative_to(root).parts[:-1])
    for tree in reversed(tuple(names.trees)):  # a cropped tree may be cut from the selected one
        mark = names.trees[tree]
        if mark is not None and any(mark.search(folder) for folder in folders):
            return tree
    return "raw"


def clip_event(
    ids: tuple[str, str],
    cells: Mapping[str, Cell],
    audit: Audit,
    overlay: Overlay,
    *,
    key: str | None = None,
    apex_margin: int = 0,
) -> EventRecord:
    """Make the one event of a clip from its row.

    Parameters
    ----------
    ids : tuple of str
        Subject and video; the event has the name of its video.
    cells : mapping
        ``onset``, ``apex``, ``offset``, ``aus``, ``emotion`` and ``objective``.
    audit : Audit
    overlay : Overlay
        Mends the cells first.
    key : str, optional
        Key of the row in the overlay; the video when absent.
    apex_margin : int
        An apex so few frames from the onset or the offset is flagged ``apex_weak``: nothing could rise or
        fall in between.
    """
    subject, video = ids
    mended = overlay.mend(key or video, cells, video, video)
    event = EventRecord(
        audit.dataset,
        video,
        subject,
        video,
        type="micro",
        emotion=text(mended["emotion"]),
        objective_class=text(mended["objective"]),
    )
    event = with_frames(event, mended, audit, not_coded={"onset": (), "apex": (), "offset": ()})
    event = _with_apex_checked(event, audit, apex_margin)
    event = with_units(event, mended["aus"], audit)
    return event if mended == cells else flagged(event, "overlay")


def _with_apex_checked(event: EventRecord, audit: Audit, margin: int) -> EventRecord:
    if event.onset is None or event.apex is None or event.offset is None:
        return event
    if not event.onset <= event.apex <= event.offset:
        return event  # reported with the other corpora's
    if min(event.apex - event.onset, event.offset - event.apex) > margin:
        return event
    expected = "an apex between onset and offset"
    audit.add(event.video, event.event, "info", "apex_weak", _frames(event), expected, "kept, flagged")
    return flagged(event, "apex_weak")


def fit_to_folders(
    events: Iterable[EventRecord],
    folders: Mapping[str, FolderScan],
    source: Source,
    audit: Audit,
    overlay: Overlay | None = None,
) -> list[EventRecord]:
    """Give clips whose coded frames are not in their folder the frames that are.

    The overlay comes first. Otherwise the clip reaches from the first or to the last frame found; when its
    onset is absent the whole coding is of another numbering, and both ends are. An apex outside becomes null.
    ``absent_frames: exclude`` leaves such clips out.

    Parameters
    ----------
    events : iterable of EventRecord
    folders : mapping
        Video -> its folder; videos without one (files, empty folders) are left to the later checks.
    source : Source
        Its options hold ``absent_frames``.
    audit : Audit
    overlay : Overlay, optional
        Known frames of single clips.
    """
    kept = []
    for event in events:
        folder = folders.get(event.video)
        if folder is not None and not _holds_ends(event, folder):
            if source.options["absent_frames"] == "exclude":
                note = (_frames(event), f"frames {folder.first}..{folder.last}", "event left out")
                audit.add(event.video, event.event, "excluded", "clip_frames", *note)
                continue
            event = _fit(event, folder, audit, overlay)
        kept.append(event)
    return kept


def _holds_ends(event: EventRecord, folder: FolderScan) -> bool:
    ends = [frame for frame in (event.onset, event.offset) if frame is not None]
    return all(folder.first <= frame <= folder.last for frame in ends)


def _fit(event: EventRecord, folder: FolderScan, audit: Audit, overlay: Overlay | None) -> EventRecord:
    coded = {"onset": event.onset, "apex": event.apex, "offset": event.offset}
    if overlay is not None:
        known = overlay.by_frames(event.event, coded, folder.has, event.video, event.event)
        if known:
            frames = coded | known
            fitted = replace(event, onset=frames["onset"], apex=frames["apex"], offset=frames["offset"])
            return flagged(fitted, "overlay")
    onset, offset = event.onset, event.offset
    if onset is None or not folder.first <= onset <= folder.last:
        onset, offset = folder.first, folder.last
    elif offset is not None and offset > folder.last:
        offset = folder.last
    fitted = flagged(replace(event, onset=onset, offset=offset), "clip_frames")
    if event.apex is not None and not folder.first <= event.apex <= folder.last:
        fitted = flagged(replace(fitted, apex=None), "apex_missing")
    expected = f"frames {folder.first}..{folder.last}"
    audit.add(event.video, event.event, "repaired", "clip_frames", _frames(event), expected, _frames(fitted))
    return fitted


def _frames(event: EventRecord) -> str:
    values = (event.onset, event.apex, event.offset)
    return "/".join("null" if value is None else str(value) for value in values)
