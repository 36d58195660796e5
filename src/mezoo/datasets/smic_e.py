"""SMIC-E (Li et al., 2013): long clips around the micro-expressions of SMIC, for spotting.

157 clips with 166 micro-expressions of 16 subjects (HS, 100 fps), 71 with 76 of 8 subjects (VIS, 25 fps), and NIR;
``HS_long/SMIC-HS-E/s01/s1_ne_01/image559700.jpg``. Frame numbers are the counter of a session. Rows of the
three forms of sheet are read by `mezoo.datasets.smic_e_sheets`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import clips, overlay
from mezoo.datasets.coded import flagged
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.overlay import Overlay
from mezoo.datasets.smic_e_sheets import LongClip, is_coding, read_rows
from mezoo.datasets.smic_names import CAMERAS, camera, camera_of_path, clip_ids, video_ids
from mezoo.datasets.workbook import Sheets, coding_files, note_coding
from mezoo.errors import ConfigError

_VIDEO = re.compile(r"s0*\d+_\w*\d(?:\.\w+)?$", re.IGNORECASE)
_SUBJECT = re.compile(r"s0*\d+", re.IGNORECASE)
_EXPECTED = "SMIC-HS-E_annotation.xlsx (or VIS, NIR), or SMIC_HS_E_spotting.xlsx"
_TREES = {name: clips.TREES[name] for name in ("raw", "cropped")}


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the long clips of one camera and picture tree."""
    ids = partial(_ids, camera=source.options["camera"], root=source.existing_root())
    names = clips.ClipNames(item=_VIDEO, last_level=_SUBJECT, ids=ids, trees=_TREES)
    return clips.find_clips(source, audit, names)


def _ids(path: Path, *, camera: str, root: Path) -> tuple[str, str] | None:
    is_other = camera_of_path(path, root) not in (None, camera)
    return None if is_other else video_ids(clips.item_name(path))


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the sheet of one camera.

    The first interval of a row is kept always. The others are kept if they lie in the clip and repeat none
    (``intervals: checked``); ``first`` leaves all of them out.
    """
    sheets = _sheets(source, audit)
    mending = Overlay("smic_e", source.options["overlay"], audit)
    form, rows = read_rows(sheets)
    audit.add("", "", "info", "coding_version", f"{form}, {len(rows)} rows", "157 rows (HS)", "read as it is")
    return [event for row in rows for event in _events(row, source, audit, mending)]


def _sheets(source: Source, audit: Audit) -> Sheets:
    """Choose the file of the camera and, of a file with several cameras, the camera's sheets.

    Of several files, the one that is not marked as original or for spotting is taken, the later one by name.
    """
    fitting = coding_files(source, recognises=is_coding, skip=_SUBJECT, expected=_EXPECTED)
    wanted = source.options["camera"]
    own = [(path, _of_camera(sheets, path, wanted)) for path, sheets in fitting]
    usable = [(path, sheets) for path, sheets in own if is_coding(sheets)]
    if not usable:
        raise ConfigError(
            f"no sheet of the camera {wanted} in {', '.join(path.name for path, _ in fitting)}",
            _EXPECTED,
            "Copy that file there, or set the option camera",
            item=source.dataset,
            file=fitting[0][0],
        )
    path, sheets = max(usable, key=lambda pair: _rank(pair[0]))
    note_coding(source, audit, [path], fitting, _EXPECTED)
    return sheets


def _of_camera(sheets: Sheets, path: Path, wanted: str) -> Sheets:
    named = {name: rows for name, rows in sheets.items() if camera(name) is not None}
    if named:
        return {name: rows for name, rows in named.items() if camera(name) == wanted}
    return sheets if camera(path.stem) in (None, wanted) else {}


def _rank(path: Path) -> tuple[bool, bool, str]:
    name = path.stem.casefold()
    return "orig" not in name, "spotting" not in name, name


def _events(row: LongClip, source: Source, audit: Audit, mending: Overlay) -> Iterator[EventRecord]:
    ids = video_ids(row.name)
    if ids is None:
        found = f"row {row.row}: {row.name}"
        audit.add("", "", "excluded", "unknown_name", found, "a name like s1_ne_01", "clip left out")
        return
    subject, name = ids
    mended = mending.mend(name, {"video": name, "emotion": row.emotion}, name, f"{name}_1")
    video = str(mended["video"])
    _note_range(row, name, audit)
    seen: set[tuple[int | None, int | None]] = set()
    for index, interval in enumerate(row.intervals, start=1):
        event, (onset, offset) = f"{name}_{index}", interval.frames
        fault = _fault(row, interval.frames, index, seen, source.options["intervals"])
        if fault is not None:
            found = f"{onset}..{offset}"
            audit.add(video, event, "excluded", fault[0], found, fault[1], "interval left out")
            continue
        seen.add(interval.frames)
        record = EventRecord(
            audit.dataset,
            video,
            subject,
            event,
            onset=onset,
            offset=offset,
            type="micro",
            emotion=interval.emotion or str(mended["emotion"] or ""),
            flags=("apex_missing",),
        )
        if mended != {"video": name, "emotion": row.emotion}:
            record = flagged(record, "overlay")
        yield _with_emotion_checked(record, name, audit)


def _note_range(row: LongClip, name: str, audit: Audit) -> None:
    """Report a range of the long clip that is text, or does not hold its first expression."""
    onset = row.intervals[0].frames[0] if row.intervals else None
    if row.first is None or row.last is None or (onset and not row.first <= onset <= row.last):
        found = f"{row.range_text}, onset {onset}"
        audit.add(name, "", "info", "clip_range", found, "FirstF <= onset <= LastF", "interval 1 kept")


def _fault(
    row: LongClip,
    frames: tuple[int | None, int | None],
    index: int,
    seen: set[tuple[int | None, int | None]],
    policy: str,
) -> tuple[str, str] | None:
    """Name the check that a further interval does not pass, and what it asks for."""
    onset, offset = frames
    if index == 1:
        return None
    if policy == "first":
        return "interval_further", "the first interval alone (intervals: first)"
    if frames in seen:
        return "interval_repeated", "each expression once"
    if onset is None or offset is None or row.first is None or row.last is None:
        return "interval_outside", "onset and offset in a known range"
    if not row.first <= onset <= offset <= row.last:
        return "interval_outside", f"{row.first} <= onset <= offset <= {row.last}"
    return None


def _with_emotion_checked(event: EventRecord, name: str, audit: Audit) -> EventRecord:
    ids = clip_ids(name)
    if ids is None or not event.emotion or event.emotion.casefold() == ids[2]:
        return event
    audit.add(event.video, event.event, "info", "emotion_prefix", event.emotion, ids[2], "kept, flagged")
    return flagged(event, "emotion_prefix")


LAYOUT = Layout(
    name="smic_e",
    title="SMIC-E",
    kind="long",
    fps=CAMERAS["HS"],
    find_videos=find_videos,
    read_events=read_events,
    options={
        "camera": tuple(CAMERAS),
        "pictures": ("auto", *_TREES),
        "intervals": ("checked", "first"),
        **overlay.OPTION,
    },
    rates=CAMERAS,
    counts_from_one=False,
)
