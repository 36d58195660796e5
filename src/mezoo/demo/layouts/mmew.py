"""Demo corpus like MMEW: 90 fps clips of faces below folders of emotions, numbered from 1, and stills of macros.

Planted: the emotion is part of the clip's name, the folder of ``others`` is called ``repression``, clips of one
subject go on after their offset, an unused column of remarks, trailing blanks and a hidden file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.clips import THUMBS, in_turn, micro, slots
from mezoo.demo.expressions import au_cell, express
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted

_NUMBER, _FPS = 6, 90
_CODES = ("happiness", "surprise", "disgust", "others", "fear", "sadness", "anger")
_EMOTIONS = (
    *("surprise", "disgust", "others", "happiness", "surprise", "disgust", "fear", "others", "happiness"),
    *("sadness", "surprise", "anger"),
)
_HEADER: list[Cell] = ["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Action Units"]
_HEADER += ["Estimated Emotion", "remarks"]


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips and a still of two macro-expressions per subject."""
    clips, stills = [], []
    used: Counter[tuple[int, str]] = Counter()
    for person, subject, k, seed in slots(wanted, _NUMBER):
        rng = np.random.default_rng(seed)
        emotion = in_turn(_EMOTIONS, wanted, person, k)
        used[person, emotion] += 1
        name = f"{subject}-{_CODES.index(emotion) + 1:02d}-{used[person, emotion]:03d}"
        tail = 0.12 if person == 1 else 0.0
        n_frames, event = micro(rng, _FPS, emotion, tail=tail)
        if tail:
            event = replace(event, trap="frames after the offset")
        folder = "repression" if emotion == "others" else emotion
        path = f"MMEW_Final/Micro_Expression/{folder}/{name}"
        clips.append(PlannedVideo(name, subject, person, path, "{}.jpg", n_frames, _FPS, seed, (event,)))
        if k < 2:
            stills.append(_still(rng, subject, person, emotion, (*seed, 1)))
    return sorted(clips, key=_id) + sorted(stills, key=_id), ()


def _id(video: PlannedVideo) -> str:
    return video.video


def _still(
    rng: np.random.Generator, subject: str, person: int, emotion: str, seed: tuple[int, ...]
) -> PlannedVideo:
    event = express(rng, emotion, "macro", onset=1, offset=45)
    name = f"{subject}-{_CODES.index(emotion) + 1:02d}-001"
    path = f"MMEW_Final/Macro_Expression/{subject}/{emotion}/{name}.jpg"
    coded = replace(event, coded=(1, 1, 1))
    return PlannedVideo(f"{name}_macro", subject, person, path, "", 45, _FPS, seed, (coded,), part="macro")


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the coding file."""
    rows = [_HEADER]
    for video in plan.listed():
        (event,) = video.events
        row: list[Cell] = [int(video.subject[1:]), video.video, *event.coded, au_cell(event.units)]
        rows.append([*row, event.emotion + " " * (video.person == 2), None])
    return {
        "MMEW_Final/MMEW_Micro_Exp.xlsx": {"Sheet1": rows},
        f"{plan.videos[0].path}/Thumbs.db": THUMBS,
    }


LAYOUT = DemoLayout(
    name="mmew",
    number=_NUMBER,
    shape=(231, 231),
    face_width=140.0,
    fps=_FPS,
    subjects=tuple(f"S{n:02d}" for n in range(1, 31)),
    plan=plan,
    files=files,
)
