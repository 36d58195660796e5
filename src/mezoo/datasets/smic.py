"""SMIC (Li et al., 2013): clips of micro-expressions; 164 of 16 subjects (HS), 71 of 8 (VIS and NIR each).

No table is released: a clip ``HS/s1/micro/negative/s1_ne_01/reg_image559740.bmp`` tells its emotion by its
name and its onset and offset by its first and last frame. No apex is coded; conventions that fill it (the
middle frame, in most papers) belong to the use. Clips of the three cameras have the same names, so one
camera is read.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import clips
from mezoo.datasets.coded import flagged
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.smic_names import CAMERAS, CLIP, EMOTIONS, camera_of_path, clip_ids
from mezoo.errors import DataError

_EMOTION = re.compile("|".join(EMOTIONS.values()), re.IGNORECASE)
_NON_MICRO = re.compile(r"non[\s_-]?micro", re.IGNORECASE)
_TREES = {name: clips.TREES[name] for name in ("raw", "cropped")}


def _names(source: Source) -> clips.ClipNames:
    ids = partial(_ids, camera=source.options["camera"], root=source.existing_root())
    return clips.ClipNames(item=CLIP, last_level=_EMOTION, ids=ids, trees=_TREES)


def _ids(path: Path, *, camera: str, root: Path) -> tuple[str, str] | None:
    ids = clip_ids(clips.item_name(path))
    is_other = camera_of_path(path, root) not in (None, camera)
    if ids is None or is_other or any(map(_NON_MICRO.fullmatch, path.relative_to(root).parts)):
        return None
    return ids[:2]


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the clips of one camera and picture tree; ``non_micro`` clips are no part of the corpus."""
    return clips.find_clips(source, audit, _names(source))


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Make an event of each clip: emotion by its name, onset and offset by its frames, apex null."""
    quiet = Audit(source.dataset)  # find_videos is called, and heard, once more
    events = [_event(ref, source, audit) for ref in find_videos(source, quiet)]
    expected = "an apex per clip"
    audit.add("", "", "info", "apex_missing", "no apex in this corpus", expected, "null in every row")
    return [event for event in events if event is not None]


def _event(ref: VideoRef, source: Source, audit: Audit) -> EventRecord | None:
    try:
        folder = source.folders.scan(ref.path)
    except DataError as error:  # s18_sur_03 is empty in some copies
        note = (error.found, "frames from onset to offset", "event left out")
        audit.add(ref.video, ref.video, "excluded", "clip_empty", *note)
        return None
    ids = clip_ids(ref.video)
    assert ids is not None
    event = EventRecord(
        audit.dataset,
        ref.video,
        ref.subject,
        ref.video,
        onset=folder.first,
        offset=folder.last,
        type="micro",
        emotion=ids[2],
    )
    event = flagged(event, "apex_missing")
    place = ref.path.parent.name
    if _EMOTION.fullmatch(place) and place.casefold() != ids[2]:
        action = "the name counts"
        audit.add(ref.video, ref.video, "info", "emotion_folder", place, ids[2], action)
        event = flagged(event, "emotion_folder")
    return event


LAYOUT = Layout(
    name="smic",
    title="SMIC",
    kind="clip",
    fps=CAMERAS["HS"],
    find_videos=find_videos,
    read_events=read_events,
    options={"camera": tuple(CAMERAS), "pictures": ("auto", *_TREES)},
    rates=CAMERAS,
)
