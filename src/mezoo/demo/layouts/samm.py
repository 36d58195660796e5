"""Demo corpus like SAMM: 200 fps grey clips from onset to offset; one sheet with thirteen rows of notes.

Planted: subjects with leading zeros, frame numbers padded to four digits in some clips and five in others, an apex
after its offset, an apex far before its onset, and action units with alternatives and intensities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mezoo.demo.clips import THUMBS, in_turn, micro, noted, plant, recoded, slots
from mezoo.demo.expressions import au_cell, objective_class
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted
from mezoo.demo.layouts.samm_lv import SUBJECTS

_NUMBER, _FPS = 3, 200
_EMOTIONS = (
    *("anger", "happiness", "surprise", "others", "contempt", "anger", "disgust", "happiness"),
    *("fear", "anger", "others", "sadness"),
)
_HEADER: list[Cell] = ["Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame"]
_HEADER += ["Duration", "Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"]
_NOTES: tuple[list[Cell], ...] = (
    ["Synthetic micro-movements - FACS codes"],
    [None],
    [None, None, None, None, "NOTE: frame numbers are those of the long videos."],
    ["Symbols:"],
    ['"/" = or'],
    [None],
    ["Action units:"],
    ['"L2" or "R2" = the unit moves on that side of the face only'],
    ['"A2" = the unit moves on both sides, stronger on one'],
    [None],
    [None],
    [None],
    [None],
)


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips."""
    videos = []
    for person, subject, k, seed in slots(wanted, _NUMBER):
        rng = np.random.default_rng(seed)
        first = int(rng.integers(200, 9000))
        emotion = in_turn(_EMOTIONS, wanted, person, k)
        written = "Other" if emotion == "others" else emotion.capitalize()
        n_frames, event = micro(rng, _FPS, emotion, written=written, first_frame=first)
        clip = f"{subject}_{(3 * person + k // 2) % 7 + 1}_{k + 1}"
        # The padding is constant within a clip and differs between clips.
        frame = subject + ("_{:05d}.jpg" if (person + k) % 4 == 1 else "_{:04d}.jpg")
        path = f"SAMM/{subject}/{clip}"
        video = PlannedVideo(
            clip, subject, person, path, frame, n_frames, _FPS, seed, (event,), first, colour=False
        )
        videos.append(video)
    videos.sort(key=lambda video: video.video)
    plant(
        videos,
        [
            ("apex after offset", lambda video: recoded(video, apex=video.numbers()[-1] + 9)),
            ("AU alternatives", lambda video: noted(video, "R12 or R14")),
            ("AU intensity", lambda video: noted(video, f"{next(iter(video.events[0].aus))}A/B")),
            ("apex before onset", lambda video: recoded(video, apex=video.events[0].coded[1] - 150)),
        ],
    )
    return videos, ()


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the workbook: thirteen rows of notes, a header row, a row per clip."""
    rows: list[list[Cell]] = [*_NOTES, _HEADER]
    for video in plan.videos:
        (event,) = video.events
        row: list[Cell] = [video.subject, video.video, int(video.video.split("_")[1]), *event.coded]
        row += [event.offset - event.onset + 1, "Micro - 1/2", au_cell(event.units), event.emotion]
        rows.append([*row, objective_class(event.aus), "Subtle movement" if video.person == 1 else None])
    thumbs = f"{plan.videos[0].path}/Thumbs.db"
    return {"SAMM_Micro_FACS_Codes_v2.xlsx": {"MICRO_ONLY": rows}, thumbs: THUMBS}


LAYOUT = DemoLayout(
    name="samm",
    number=_NUMBER,
    shape=(240, 260),
    face_width=118.0,
    fps=_FPS,
    subjects=SUBJECTS,
    plan=plan,
    files=files,
)
