"""Demo folder of classes: stills of macro-expressions, as image collections for pretraining are unpacked.

Planted: a level above the classes, a hidden file, and an image that lies in no class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.clips import DS_STORE, in_turn, slots
from mezoo.demo.expressions import express
from mezoo.demo.layout import Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted

_NUMBER = 8
_FOLDERS = {"happiness": "happy", "sadness": "sad"}
_EMOTIONS = ("happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
_LENGTH = 40  # frames of the scene whose apex is kept
#: A valid picture of one grey pixel, 8 bits.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the stills; each is its own subject unless the reader is told that names begin with a person."""
    videos = []
    for person, subject, k, seed in slots(wanted, _NUMBER):
        emotion = in_turn(_EMOTIONS, wanted, person, k)
        name = _FOLDERS.get(emotion, emotion)
        event = express(np.random.default_rng(seed), emotion, "macro", onset=1, offset=_LENGTH, written=name)
        video = f"train_{name}_{subject}_{k + 1:04d}"
        path = f"train/{name}/{subject}_{k + 1:04d}.jpg"
        event = replace(event, coded=(1, 1, 1))
        videos.append(PlannedVideo(video, video, person, path, "", _LENGTH, 30, seed, (event,)))
    return sorted(videos, key=lambda video: video.video), ()


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return what does not belong there."""
    return {"train/happy/.DS_Store": DS_STORE, "cover.png": PIXEL}


LAYOUT = DemoLayout(
    name="folder",
    number=_NUMBER,
    shape=(200, 200),
    face_width=106.0,
    fps=30,
    subjects=tuple(f"p{n:03d}" for n in range(1, 101)),
    plan=plan,
    files=files,
)
