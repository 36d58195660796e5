"""Look at the frames of a corpus and hold the annotation against them.

Everything that does not fit becomes an audit row; nothing stops. A video that cannot be used stays in the
table with 0 frames, so that its artifact is recorded as failed; an event without frames is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mezoo.catalog_items import Audit, EventRecord, Kind, VideoRecord, VideoRef
from mezoo.datasets.coded import flagged
from mezoo.datasets.scan import FolderScan, FolderScans
from mezoo.datasets.tree import IMAGE_SUFFIXES
from mezoo.errors import DataError
from mezoo.video import open_video

_LISTED = 8  # frame numbers spelled out in an audit row


@dataclass(frozen=True)
class Scan:
    """A video whose frames were counted.

    Attributes
    ----------
    record : VideoRecord
    folder : FolderScan or None
        What its folder holds; None for a video file and for a video that cannot be used.
    """

    record: VideoRecord
    folder: FolderScan | None


def scan_videos(
    refs: Iterable[VideoRef], audit: Audit, *, fps: float | None, kind: Kind, folders: FolderScans
) -> dict[str, Scan]:
    """Count the frames of each video by their numbers.

    Parameters
    ----------
    refs : iterable of VideoRef
    audit : Audit
    fps : float or None
        Frame rate of the corpus; when None, that of the video file.
    kind : {"long", "clip"}
    folders : FolderScans
        Lists each folder once.

    Returns
    -------
    dict of str to Scan
        Video id -> what was found, in the order of ``refs``.
    """
    scans = {}
    for ref in refs:
        n_frames: int | None = 0
        first, last, folder, rate = None, None, None, fps
        try:
            if ref.path.is_dir():
                folder = folders.scan(ref.path)
                n_frames, first, last = folder.n_frames, folder.first, folder.last
            elif ref.path.suffix.lower() in IMAGE_SUFFIXES and ref.path.is_file():
                n_frames, first, last = 1, 1, 1  # a still; there may be hundred thousands
            else:
                file = open_video(ref.path)
                n_frames, rate = file.n_frames, fps or file.fps  # by the container's word; None when silent
                first, last = 1, n_frames
        except DataError as error:
            audit.add(ref.video, "", "excluded", "video_unusable", error.found, error.expected, error.action)
        record = VideoRecord(
            dataset=audit.dataset,
            video=ref.video,
            subject=ref.subject,
            path=ref.path.as_posix(),
            fps=rate,
            n_frames=n_frames,
            first_frame=first,
            last_frame=last,
            kind=kind,
        )
        scans[ref.video] = Scan(record, folder)
        if folder is not None and folder.gaps:
            found = f"{folder.n_missing} numbers missing: {_runs(folder.gaps)}"
            audit.add(ref.video, "", "info", "frame_gap", found, "consecutive frames", "kept by number")
    _check_empty(scans, audit)
    return scans


def check_first_frames(scans: Mapping[str, Scan], audit: Audit) -> None:
    """Report long videos whose frames do not begin at number 1."""
    for video, scan in scans.items():
        if scan.record.kind == "long" and scan.record.first_frame not in (None, 1):
            found = str(scan.record.first_frame)
            audit.add(video, "", "info", "first_frame", found, "1", "kept by number")


def _check_empty(scans: Mapping[str, Scan], audit: Audit) -> None:
    """Report frames of 0 bytes: an interrupted copy. A tree of empty files alone is one of names only."""
    folders = {video: scan.folder for video, scan in scans.items() if scan.folder is not None}
    if not any(folder.n_bytes for folder in folders.values()):
        return
    for video, folder in folders.items():
        if folder.n_empty:
            found = f"{folder.n_empty} of {folder.n_frames} frames have 0 bytes"
            audit.add(video, "", "info", "frame_empty", found, "whole images", "kept; copy them again")


def check_frames(events: Iterable[EventRecord], scans: Mapping[str, Scan], audit: Audit) -> list[EventRecord]:
    """Check the events against the frames found.

    Returns
    -------
    list of EventRecord
        Without those that lie wholly outside their video or whose video is not there; an interval that
        reaches beyond the video ends at its last frame.
    """
    kept = []
    events = list(events)
    for event in events:
        scan = scans.get(event.video)
        if scan is None or scan.record.n_frames == 0:
            found = "no such video" if scan is None else "a video without frames"
            audit.add(
                event.video, event.event, "excluded", "video_missing", found, "its video", "event left out"
            )
            continue
        fitted = _fit(event, scan, audit)
        if fitted is not None:
            kept.append(fitted)
    annotated = {event.video for event in events}
    for video in scans:
        if video not in annotated:
            audit.add(video, "", "info", "unannotated", "no event", "events or none", "kept, without labels")
    return kept


def _fit(event: EventRecord, scan: Scan, audit: Audit) -> EventRecord | None:
    first, last = scan.record.first_frame or 1, scan.record.last_frame or sys.maxsize
    onset, offset, apex = first if event.onset is None else event.onset, event.offset, event.apex
    end = offset if offset is not None else apex
    note = (event.video, event.event)
    expected = f"frames {first}..{last}"
    if onset > last or (end is not None and end < first):
        audit.add(*note, "excluded", "outside_video", f"{onset}..{end}", expected, "event left out")
        return None
    if onset < first:
        audit.add(*note, "repaired", "onset_before_video", str(onset), expected, f"onset {first}")
        event = flagged(replace(event, onset=first), "onset_before_video")
    if offset is not None and offset > last:
        audit.add(*note, "repaired", "offset_beyond_video", str(offset), expected, f"offset {last}")
        event = flagged(replace(event, offset=last), "offset_clipped")
    if apex is not None and not first <= apex <= last:
        audit.add(*note, "repaired", "apex_outside_video", str(apex), expected, "apex not used")
        event = flagged(replace(event, apex=None), "apex_missing")
    coded = {number for number in (event.onset, event.apex, event.offset) if number is not None}
    absent = sorted(number for number in coded if scan.folder is not None and scan.folder.lacks(number))
    if absent:
        audit.add(*note, "info", "frame_missing", ", ".join(map(str, absent)), "a frame of the video", "kept")
        event = flagged(event, "frame_missing")
    return event


def check_clip_lengths(events: Iterable[EventRecord], scans: Mapping[str, Scan], audit: Audit) -> None:
    """Hold the number of frames of each clip against its coded interval, n = offset - onset + 1.

    Fewer frames are reported per clip. More frames are reported per clip when most clips of the corpus are
    cut exactly, else in one row: releases with a margin around the interval (CASME2-RAW) are no fault.
    """
    longer = []
    n_clips = 0
    for event in events:
        scan = scans.get(event.video)
        if scan is None or scan.record.kind != "clip" or not scan.record.n_frames or event.offset is None:
            continue
        n_clips += 1
        expected = event.offset - (event.onset or 0) + 1
        found = scan.record.n_frames
        if found < expected:
            audit.add(
                event.video, event.event, "info", "frame_count", f"{found} frames", str(expected), "kept"
            )
        elif found > expected:
            longer.append((event, found, expected))
    if 2 * len(longer) > n_clips:
        text = f"{len(longer)} of {n_clips} clips hold more frames than their interval"
        audit.add("", "", "info", "frame_count", text, "clips with or without a margin", "kept")
        return
    for event, found, expected in longer:
        audit.add(event.video, event.event, "info", "frame_count", f"{found} frames", str(expected), "kept")


def _runs(gaps: Iterable[tuple[int, int]]) -> str:
    runs = [str(start) if start == end else f"{start}-{end}" for start, end in gaps]
    more = len(runs) - _LISTED
    return ", ".join(runs[:_LISTED]) + (f" and {more} more" if more > 0 else "")
