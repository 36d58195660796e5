"""Demo corpus like 4DME: 60 fps grey clips with several emotions at once; text and 0/1 columns in one sheet.

Planted: frame numbers of nine digits that are floats in the sheet, an action unit that is there all the time
(``(k)``), a 0/1 column that contradicts the text, column names that end in an apostrophe, and a blank row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mezoo.demo.clips import DS_STORE, in_turn, micro, noted, plant, slots, unchanged
from mezoo.demo.expressions import au_cell
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedEvent, PlannedVideo, Wanted

_NUMBER, _FPS = 10, 60
# Label as written -> what the face shows.
_EMOTIONS = {
    "Positive": "happiness",
    "Negative": "disgust",
    "Surprise": "surprise",
    "Repression": "repression",
    "Others": "others",
    "Surprise+Positive": "surprise",
    "Negative+Repression": "anger",
}
_CLASSES = ("Positive", "Negative", "Surprise", "Repression", "Others")
_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 25, 26, 45)
_HEADER: list[Cell] = ["sub_ID'", "fold_name", "video_number'", "Emotion", "Onset", "Apex", "Offset", "AUs"]
_HEADER += [*(f"AU{unit}" for unit in _UNITS), "eye blink", *_CLASSES, "fold"]


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips."""
    videos = []
    for person, subject, k, seed in slots(wanted, _NUMBER):
        rng = np.random.default_rng(seed)
        written = in_turn(tuple(_EMOTIONS), wanted, person, k)
        first = int(rng.integers(100, 4000))
        n_frames, event = micro(rng, _FPS, _EMOTIONS[written], written=written, first_frame=first)
        clip = f"{subject}_{('1st', '2nd')[k % 2]}_{k + 1:03d}_01_1"
        path = f"gray_micro/{subject}/{clip}"
        frame = "Frame_{:09d}.jpg"
        videos.append(
            PlannedVideo(
                clip, subject, person, path, frame, n_frames, _FPS, seed, (event,), first, colour=False
            )
        )
    videos.sort(key=lambda video: video.video)
    plant(
        videos,
        [
            ("AU all the time", lambda video: noted(video, f"{video.events[0].units}+45(k)")),
            ("contradicting column", unchanged),
        ],
    )
    return videos, ()


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the coding file."""
    rows = [_HEADER]
    for number, video in enumerate(plan.videos):
        (event,) = video.events
        row: list[Cell] = [video.subject, video.video, number, event.emotion, *map(float, event.coded)]
        row += [au_cell(event.units), *_marks(event), int(event.au_text != "")]
        row += [int(name in event.emotion.split("+")) for name in _CLASSES]
        rows.append([*row, video.person])
        if number == 1:
            rows.append([None] * len(_HEADER))
    return {
        "4DME_Labelling_Micro_release v1.xlsx": {"Sheet1": rows},
        f"gray_micro/{plan.videos[0].subject}/.DS_Store": DS_STORE,
    }


def _marks(event: PlannedEvent) -> list[Cell]:
    shown = {int(name.lstrip("LR")) for name in event.aus} | ({45} if event.au_text else set())
    if event.trap == "contradicting column":
        shown ^= {26}
    return [int(unit in shown) for unit in _UNITS]


LAYOUT = DemoLayout(
    name="fourdme",
    number=_NUMBER,
    shape=(240, 240),
    face_width=122.0,
    fps=_FPS,
    subjects=tuple(f"S{n:02d}" for n in (13, *range(1, 13), *range(14, 42))),
    plan=plan,
    files=files,
)
