"""Names in SMIC and SMIC-E: ``s01_ne_01`` is subject, emotion and number; three cameras have a tree each."""

from __future__ import annotations

import re
from pathlib import Path

EMOTIONS = {"ne": "negative", "po": "positive", "sur": "surprise"}
#: Frames per second of the high-speed, visual and near-infrared camera.
CAMERAS = {"HS": 100.0, "VIS": 25.0, "NIR": 25.0}
CLIP = re.compile(r"s0*(\d+)_(ne|po|sur)_0*(\d+)", re.IGNORECASE)
_LONG = re.compile(r"s0*(\d+)_(\w*?)0*(\d+)", re.IGNORECASE)
_CAMERA = re.compile(r"(?<![A-Za-z])(HS|VIS|NIR)(?![A-Za-z])", re.IGNORECASE)


def clip_ids(name: str) -> tuple[str, str, str] | None:
    """Give subject, clip and emotion of a name, padded or not; None when it has another form."""
    match = CLIP.fullmatch(name.strip())
    if match is None:
        return None
    subject, prefix = f"s{int(match[1]):02d}", match[2].casefold()
    return subject, f"{subject}_{prefix}_{int(match[3]):02d}", EMOTIONS[prefix]


def camera(name: str) -> str | None:
    """Give the camera that a folder, sheet or file is named after."""
    match = _CAMERA.search(name)
    return None if match is None else match[1].upper()


def camera_of_path(path: Path, root: Path) -> str | None:
    """Give the camera of an item by the folders above it, the nearest first, the root included."""
    for folder in (*reversed(path.relative_to(root).parts[:-1]), root.name):
        found = camera(folder)
        if found is not None:
            return found
    return None


def video_ids(name: str) -> tuple[str, str] | None:
    """Give subject and video of a long clip, named like a clip or, in the newer release, ``s01_01``."""
    ids = clip_ids(name)
    if ids is not None:
        return ids[:2]
    match = _LONG.fullmatch(name.strip())
    if match is None:
        return None
    subject = f"s{int(match[1]):02d}"
    return subject, f"{subject}_{match[2].casefold()}{int(match[3]):02d}"
