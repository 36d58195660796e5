r"""Demo corpus like CASME: 60 fps colour clips with rest before and after, in two sections with a table each.

Planted: subjects coded as numbers, ``\`` for a second apex or an offset that was not coded, the spelling
``comtempt``, blank columns and rows, a repeated row, frame numbers padded in section B only, and a clip whose frames
have another stem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.clips import DS_STORE, in_turn, micro, plant, recoded, slots, unchanged
from mezoo.demo.expressions import au_cell
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted

_NUMBER, _FPS = 4, 60
# Section A holds subjects 1 to 7, section B 8 to 19; taken in turn, so that a small cast has both.
_SUBJECTS = tuple(f"sub{n:02d}" for pair in zip(range(1, 8), range(8, 15), strict=True) for n in pair)
_SUBJECTS += tuple(f"sub{n:02d}" for n in range(15, 20))
_EMOTIONS = (
    *("tense", "disgust", "repression", "surprise", "happiness", "tense", "disgust", "sadness"),
    *("repression", "contempt", "surprise", "fear"),
)
_WRITTEN = {"contempt": "comtempt"}
_HEADER: list[Cell] = ["Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None]
_HEADER += ["Onset", "Total", "AU", "Emotion"]


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips."""
    videos = []
    for person, subject, k, seed in slots(wanted, _NUMBER):
        rng = np.random.default_rng(seed)
        emotion = in_turn(_EMOTIONS, wanted, person, k)
        written = _WRITTEN.get(emotion, emotion)
        n_frames, event = micro(rng, _FPS, emotion, written=written, lead=0.25, tail=0.2)
        clip, section = f"EP{1 + 2 * k:02d}_{1 + person % 7}", _section(subject)
        path = f"CASME_{section}/Section {section}/{subject}/{clip}"
        frame = clip + ("-{}.jpg" if section == "A" else "-{:03d}.jpg")
        video = PlannedVideo(
            f"{subject}_{clip}", subject, person, path, frame, n_frames, _FPS, seed, (event,)
        )
        videos.append(video)
    videos.sort(key=lambda video: video.video)
    plant(
        videos,
        [
            ("no offset", lambda video: recoded(video, offset="\\")),
            ("other stem", lambda video: replace(video, frame="img{}.jpg")),
            ("second apex", unchanged),
            ("row twice", unchanged),
        ],
    )
    return videos, ()


def _section(subject: str) -> str:
    return "A" if int(subject[3:]) <= 7 else "B"


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the table of each section."""
    tables: dict[str, list[list[Cell]]] = {section: [_HEADER] for section in "AB"}
    for video in plan.videos:
        (event,) = video.events
        rows = tables[_section(video.subject)]
        onset, apex, offset = event.coded
        second: Cell = apex + 2 if event.trap == "second apex" else "\\"
        row: list[Cell] = [int(video.subject[3:]), video.video.split("_", 1)[1], None, onset, apex, second]
        milliseconds = [
            round(1000 * n / _FPS) for n in (event.apex - event.onset, event.offset - event.onset)
        ]
        row += [offset, None, *milliseconds, au_cell(event.units), event.emotion + " " * (video.person == 1)]
        rows += [row] * (2 if event.trap == "row twice" else 1)
        if event.trap == "second apex":
            rows.append([None] * len(_HEADER))
    found: dict[str, Content] = {
        f"CASME_{section}/Section {section}/Section {section}.xls": {"Sheet1": rows}
        for section, rows in tables.items()
        if len(rows) > 1
    }
    return {**found, f"{plan.videos[0].path}/.DS_Store": DS_STORE}


LAYOUT = DemoLayout(
    name="casme",
    number=_NUMBER,
    shape=(240, 240),
    face_width=122.0,
    fps=_FPS,
    subjects=_SUBJECTS,
    plan=plan,
    files=files,
)
