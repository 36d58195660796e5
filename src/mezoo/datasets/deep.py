"""Checks that decode frames (``mezoo catalog --deep``): readable, of one size, and seen once.

Of every event the onset, apex and offset are decoded, of every video the first, middle and last frame.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from mezoo.catalog_items import Audit, EventRecord
from mezoo.datasets.frame_checks import Scan
from mezoo.datasets.identity import check_near_copies, perceptual_hash
from mezoo.errors import DataError
from mezoo.video import VideoSource, open_video


def check_deep(events: Iterable[EventRecord], scans: Mapping[str, Scan], audit: Audit) -> None:
    """Decode a few frames of each video and report what is wrong with them.

    Parameters
    ----------
    events : iterable of EventRecord
    scans : mapping of str to Scan
    audit : Audit
        Gets rows ``frame_unreadable``, ``frame_size`` and, across subjects, ``near_copy``.
    """
    coded: dict[str, set[int]] = defaultdict(set)
    for event in events:
        numbers = (event.onset, event.apex, event.offset)
        coded[event.video] |= {number for number in numbers if number is not None}
    hashes = {}
    for video, scan in scans.items():
        frames = _decode(scan, coded[video], audit)
        marks = [perceptual_hash(frames[number]) for number in _ends(scan) if number in frames]
        if len(marks) == 3 and None not in marks:
            hashes[video] = tuple(mark for mark in marks if mark is not None)
    check_near_copies(scans, hashes, audit)


def _ends(scan: Scan) -> tuple[int, ...]:
    """Numbers of the first, middle and last frame; a middle in a gap moves to the frame before the gap."""
    first, last = scan.record.first_frame, scan.record.last_frame
    if first is None or last is None:
        return ()
    middle = (first + last) // 2
    if scan.folder is not None:
        middle = next((start - 1 for start, end in scan.folder.gaps if start <= middle <= end), middle)
    return first, middle, last


def _decode(scan: Scan, coded: Iterable[int], audit: Audit) -> dict[int, np.ndarray]:
    """Decode the wanted frames one by one, so that a bad one does not hide the others."""
    wanted = sorted({*coded, *_ends(scan)})
    if scan.folder is not None:
        wanted = [number for number in wanted if not scan.folder.lacks(number)]
    video = scan.record.video
    if not scan.record.n_frames or not wanted:
        return {}
    frames: dict[int, np.ndarray] = {}
    try:
        source = open_video(scan.record.path)
        if scan.folder is None:  # a video file is decoded once, from its start
            frames.update(source.iter_frames(wanted))
            return frames
    except DataError as error:
        audit.add(video, "", "info", "frame_unreadable", error.found, error.expected, "kept")
        return frames
    for number in wanted:
        frame = _one(source, number, audit, video)
        if frame is not None:
            frames[number] = frame
    sizes = {frame.shape for frame in frames.values()}
    if len(sizes) > 1:
        found = ", ".join(f"{width}x{height}" for height, width in sorted(sizes))
        audit.add(video, "", "info", "frame_size", found, "one frame size per video", "kept")
    return frames


def _one(source: VideoSource, number: int, audit: Audit, video: str) -> np.ndarray | None:
    try:
        return next(frame for _, frame in source.iter_frames([number]))
    except DataError as error:
        audit.add(video, "", "info", "frame_unreadable", error.found, error.expected, "kept")
        return None
