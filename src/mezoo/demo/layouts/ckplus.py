"""Demo corpus like CK+: grey sequences from a neutral face to the peak of a posed expression, labels in text files.

Planted: sequences without an emotion file (their folder is there, empty), action units without intensity, and
``.DS_Store`` among the folders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mezoo.demo.clips import DS_STORE, in_turn, slots
from mezoo.demo.expressions import express
from mezoo.demo.layout import (
    Content,
    Copy,
    CorpusPlan,
    DemoLayout,
    PlannedEvent,
    PlannedVideo,
    Wanted,
)

if TYPE_CHECKING:
    from mezoo.demo.truth import Truth

_NUMBER, _FPS = 7, 30
_SUBJECTS = tuple(f"S{n:03d}" for n in (5, *range(10, 38), *range(50, 99)))
_CODES = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
_EMOTIONS = ("surprise", "happiness", "disgust", "anger", "fear", "sadness", "contempt")
_NO_LABEL = 5  # every fifth sequence has none


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the sequences."""
    videos = []
    for person, subject, k, seed in slots(wanted, _NUMBER):
        rng = np.random.default_rng(seed)
        emotion = in_turn(_EMOTIONS, wanted, person, k)
        n_frames = int(rng.integers(9, 19))
        # The recording stops at the peak; the expression would have gone on.
        event = express(rng, emotion, "macro", onset=1, offset=2 * n_frames - 1)
        written = "happy" if emotion == "happiness" else emotion
        event = replace(event, apex=n_frames, coded=(1, n_frames, None), emotion=written)
        event = replace(event, au_text="+".join(f"{unit}{grade}" for unit, _, grade in _facs(event, k)))
        if (person * wanted.clips_each + k) % _NO_LABEL == 3:
            event = replace(event, emotion="", trap="no label")
        session = f"{k + 1:03d}"
        video = f"{subject}_{session}"
        path = f"cohn-kanade-images/{subject}/{session}"
        frame = video + "_{:08d}.png"
        videos.append(
            PlannedVideo(video, subject, person, path, frame, n_frames, _FPS, seed, (event,), colour=False)
        )
    return sorted(videos, key=lambda video: video.video), ()


def _facs(event: PlannedEvent, k: int) -> list[tuple[int, int, str]]:
    """Return (unit, intensity 0 to 5, its letter) of each action unit; every third sequence has no intensities."""
    found: list[tuple[int, int, str]] = []
    for name, peak in event.aus.items():
        grade = 0 if k % 3 == 2 else min(1 + int(peak / 1.5), 5)
        unit = int(name.lstrip("LR"))
        if unit not in [known for known, _, _ in found]:  # both sides are coded as one unit
            found.append((unit, grade, " ABCDE"[grade].strip()))
    return found


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the emotion and FACS files, each named after the last frame of its sequence."""
    found: dict[str, Content] = {f"cohn-kanade-images/{plan.videos[0].subject}/.DS_Store": DS_STORE}
    for video in plan.videos:
        (event,) = video.events
        last = f"{video.video}_{video.n_frames:08d}"
        place = f"{video.subject}/{video.video.split('_')[1]}"
        if event.emotion:
            found[f"Emotion/{place}/{last}_emotion.txt"] = f"   {_CODES.index(event.emotion):.7e}\n"
        else:
            found[f"Emotion/{place}"] = None
        units = _facs(event, int(video.video.split("_")[1]) - 1)
        found[f"FACS/{place}/{last}_facs.txt"] = "".join(f"   {u:.7e}   {g:.7e}\n" for u, g, _ in units)
    return found


def beside(video: PlannedVideo, truth: Truth) -> Mapping[str, Content]:
    """Return the landmark file of every frame: 68 rows of x and y."""
    from mezoo.demo.truth import landmarks_at

    place = f"Landmarks/{video.subject}/{video.video.split('_')[1]}/{video.video}"
    return {
        f"{place}_{t + 1:08d}_landmarks.txt": "".join(
            f"   {x:.7e}   {y:.7e}\n" for x, y in landmarks_at(truth, t)
        )
        for t in range(video.n_frames)
    }


LAYOUT = DemoLayout(
    name="ckplus",
    number=_NUMBER,
    shape=(220, 280),
    face_width=124.0,
    fps=_FPS,
    subjects=_SUBJECTS,
    plan=plan,
    files=files,
    beside=beside,
)
