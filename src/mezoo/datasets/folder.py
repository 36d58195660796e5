"""A folder of classes with still images, as AffectNet (Mollahosseini et al., 2019) and RAF-DB are unpacked.

``<root>/happy/0001.jpg``, or with levels above the class, ``<root>/train/happy/0001.jpg``. Each image is a
video of one frame with one macro-expression, whose emotion is the name of its folder. Meant for pretraining.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets.checks import is_safe_name
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import IMAGE_SUFFIXES, find_files, refs_once

#: Class folders of AffectNet's own numbering.
AFFECTNET = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt")
_NOTHING = re.compile(r"(?!)")
_PERSON = re.compile(r"[^_-]+")


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the images that lie in a folder of a class; the id is the path with ``_`` between its parts."""
    return refs_once(_found(source, audit), source.existing_root(), audit)


def _found(source: Source, audit: Audit) -> Iterator[tuple[str, str, Path]]:
    """Yield id, subject and path; the subject is the image itself unless its name begins with a person."""
    root = source.existing_root()
    for path in find_files(root, IMAGE_SUFFIXES, skip=_NOTHING, depth=4):
        parts = path.relative_to(root).with_suffix("").parts
        video = "_".join(parts)
        if len(parts) < 2:
            audit.add("", "", "excluded", "no_class", repr(path.name), "a folder per class", "image not read")
        elif not is_safe_name(video):
            audit.add("", "", "excluded", "unsafe_name", repr(video), "a name for a file", "image not read")
        else:
            person = _PERSON.match(path.stem) if source.options["subject"] == "prefix" else None
            yield video, person[0] if person else video, path


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Make one event per image: frame 1 is onset, apex and offset."""
    names = AFFECTNET if source.options["classes"] == "affectnet" else ()
    unknown: set[str] = set()
    events = []
    for ref in find_videos(source, Audit(audit.dataset)):  # what is odd is audited when videos are listed
        emotion = ref.path.parent.name
        if names:
            code = int(emotion) if emotion.isdecimal() else len(names)
            if code >= len(names):
                unknown.add(emotion)
            emotion = names[code] if code < len(names) else emotion
        events.append(
            EventRecord(audit.dataset, ref.video, ref.subject, ref.video, 1, 1, 1, "macro", emotion)
        )
    for emotion in sorted(unknown):
        audit.add("", "", "info", "unknown_emotion", emotion, "a folder 0 to 7", "name of the folder kept")
    return events


LAYOUT = Layout(
    name="folder",
    title="Folder of classes",
    kind="clip",
    fps=None,
    find_videos=find_videos,
    read_events=read_events,
    options={"classes": ("folders", "affectnet"), "subject": ("image", "prefix")},
)
