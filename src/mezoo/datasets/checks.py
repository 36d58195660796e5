"""Look at the frames of a corpus and hold the annotation against them.

Everything that does not fit becomes an audit row; nothing stops. A video that cannot be used stays in the
table with 0 frames, so that its artifact is recorded as failed; an event without frames is left out.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mezoo.catalog_items import Audit, EventRecord, VideoRecord, VideoRef
from mezoo.datasets.coded import flagged
from mezoo.datasets.layout import Layout
from mezoo.errors import DataError
from mezoo.video import index_frames, open_video

_LISTED = 8  # frame numbers spelled out in an audit row


@dataclass(frozen=True)
class Scan:
    """A video whose frames were counted; ``gaps`` are numbers missing between the first and the last."""

    record: VideoRecord
    gaps: frozenset[int]


def scan_videos(refs: Iterable[VideoRef], layout: Layout, audit: Audit) -> dict[str, Scan]:
    """Count the frames of each video by their numbers.

    Returns
    -------
    dict of str to Scan
        Video id -> what was found, in the order of ``refs``.
    """
    scans = {}
    for ref in refs:
        try:
            n_frames, first, last, gaps = _count(ref)
        except DataError as error:
            n_frames, first, last, gaps = 0, None, None, frozenset()
            audit.add(ref.video, "", "excluded", "video_unusable", error.found, error.expected, error.action)
        record = VideoRecord(
            dataset=audit.dataset,
            video=ref.video,
            subject=ref.subject,
            path=ref.path.as_posix(),
            fps=layout.fps,
            n_frames=n_frames,
            first_frame=first,
            last_frame=last,
            kind=layout.kind,
        )
        scans[ref.video] = Scan(record, gaps)
        if gaps:
            found = f"{len(gaps)} numbers missing: {_listed(gaps)}"
            audit.add(ref.video, "", "info", "frame_gap", found, "consecutive frames", "kept by number")
        if layout.kind == "long" and first is not None and first != 1:
            audit.add(ref.video, "", "info", "first_frame", str(first), "1", "kept by number")
    return scans


def _count(ref: VideoRef) -> tuple[int | None, int | None, int | None, frozenset[int]]:
    if not ref.path.is_dir():
        n_frames = open_video(ref.path).n_frames  # by the container's word; None when it is silent
        return n_frames, 1, n_frames, frozenset()
    numbers = list(index_frames(ref.path))
    if not numbers:
        raise DataError("no frame in the folder", "at least one frame", "Will be recorded as failed")
    return len(numbers), numbers[0], numbers[-1], frozenset(range(numbers[0], numbers[-1])) - set(numbers)


def check_codes(events: Iterable[EventRecord], audit: Audit) -> list[EventRecord]:
    """Check the events among themselves: order of the frames, repeated ids, repeated intervals.

    Returns
    -------
    list of EventRecord
        Without events that have no interval; a repeated id gets ``.2``, ``.3`` ... in sheet order.
    """
    kept: list[EventRecord] = []
    seen: Counter[str] = Counter()
    intervals: set[tuple] = set()
    for event in events:
        seen[event.event] += 1
        if seen[event.event] > 1:
            name = f"{event.event}.{seen[event.event]}"
            audit.add(
                event.video, name, "repaired", "event_id", event.event, "an id used once", f"now {name}"
            )
            event = replace(event, event=name)
        note = (event.video, event.event)
        end = event.offset if event.offset is not None else event.apex
        if event.onset is None or end is None or end < event.onset:
            found = f"{event.onset}/{event.apex}/{event.offset}"
            audit.add(*note, "excluded", "interval", found, "onset <= apex <= offset", "event left out")
            continue
        if event.apex is not None and not event.onset <= event.apex <= end:
            found = f"{event.onset}/{event.apex}/{event.offset}"
            audit.add(
                *note, "info", "apex_outside", found, "onset <= apex <= offset", "kept as coded, flagged"
            )
            event = flagged(event, "apex_outside")
        key = (event.video, event.type, event.onset, event.offset)
        if key in intervals:
            found = f"{event.onset}..{event.offset} twice"
            audit.add(*note, "info", "duplicate", found, "each expression once", "kept")
        intervals.add(key)
        kept.append(event)
    return kept


def check_frames(events: Iterable[EventRecord], scans: Mapping[str, Scan], audit: Audit) -> list[EventRecord]:
    """Check the events against the frames found.

    Returns
    -------
    list of EventRecord
        Without those that lie wholly outside their video or whose video is not there; an interval that
        reaches beyond the video ends at its last frame.
    """
    kept = []
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
    onset, offset, apex = event.onset or first, event.offset, event.apex
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
    absent = scan.gaps & {event.onset, event.apex, event.offset}
    if absent:
        audit.add(*note, "info", "frame_missing", _listed(absent), "a frame of the video", "kept")
        event = flagged(event, "frame_missing")
    return event


def _listed(numbers: Iterable[int | None]) -> str:
    ordered = sorted(number for number in numbers if number is not None)
    more = len(ordered) - _LISTED
    return ", ".join(map(str, ordered[:_LISTED])) + (f" and {more} more" if more > 0 else "")
