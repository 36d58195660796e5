"""Demo corpus like CASME II: 200 fps colour clips from onset to offset, raw and cropped; coding of 2014 and of 2019.

Planted: subjects with leading zeros, an apex coded ``/``, an apex equal to the onset, a coded offset whose frames are
not in the folder, an AU ``?``, a label that differs between the two files, odd clip names, blank columns, a clip
without a row, ``.DS_Store`` and a doubled top folder.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mezoo.demo.clips import DS_STORE, in_turn, micro, noted, plant, recoded, slots, unchanged
from mezoo.demo.expressions import au_cell, objective_class
from mezoo.demo.layout import Book, Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted

_NUMBER, _FPS = 2, 200
_SUBJECTS = tuple(f"sub{n:02d}" for n in range(1, 27))
_EMOTIONS = (
    *("others", "disgust", "happiness", "surprise", "repression", "disgust", "others", "happiness"),
    *("surprise", "repression", "sadness", "fear"),
)
# Almost all clips are called EP02_01f; these stand for the exceptions.
_ODD_NAMES = {(1, 1): "EP01_2", (2, 0): "EP06_02_01", (2, 1): "EP06_02_02", (0, 1): "EP09f"}
_HEADER: list[Cell] = ["Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None]
_HEADER += ["Action Units", "Estimated Emotion"]


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips and their cropped copies."""
    videos = []
    for person, subject, k, seed in slots(wanted, _NUMBER):
        rng = np.random.default_rng(seed)
        first = int(rng.integers(16, 180))
        n_frames, event = micro(rng, _FPS, in_turn(_EMOTIONS, wanted, person, k), first_frame=first)
        clip = _ODD_NAMES.get((person, k), f"EP{2 + 3 * k:02d}_{1 + person % 9:02d}" + "f" * (k % 3 != 2))
        videos.append(
            PlannedVideo(
                video=f"{subject}_{clip}",
                subject=subject,
                person=person,
                path=f"CASME2_RAW_selected/CASME2_RAW_selected/{subject}/{clip}",
                frame="img{}.jpg",
                n_frames=n_frames,
                fps=_FPS,
                seed=seed,
                events=(event,),
                first_frame=first,
            )
        )
    videos.sort(key=lambda video: video.video)
    plant(
        videos,
        [
            ("apex not coded", lambda video: recoded(video, apex="/")),
            ("apex is onset", lambda video: recoded(video, apex=video.first_frame)),
            ("offset not on disk", lambda video: recoded(video, offset=video.numbers()[-1] + 14)),
            ("no AU", lambda video: noted(video, "?")),
            ("relabelled", unchanged),
            ("no row", unchanged),
        ],
    )
    copies = [
        Copy(video.key, f"Cropped/{video.path.split('/', 2)[2]}", "reg_img{}.jpg", crop=True)
        for video in videos
    ]
    return videos, copies


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return both coding files and the objective classes, and what file managers left behind."""
    old: list[list[Cell]] = [_HEADER]
    new: list[list[Cell]] = [[*_HEADER, "Objective Classes"]]
    classes: list[list[Cell]] = [["Subject", "Filename", "Objective Class"]]
    for video in plan.videos:
        (event,) = video.events
        if event.trap == "no row":
            continue
        clip = video.video.split("_", 1)[1]
        row: list[Cell] = [video.subject[3:], clip, None, *event.coded, None, au_cell(event.units)]
        old.append([*row, "sadness" if event.trap == "relabelled" else event.emotion])
        new.append([*row, event.emotion, objective_class(event.aus)])
        classes.append([video.subject[3:], clip, objective_class(event.aus)])
    empty: Book = {"Sheet2": [], "Sheet3": []}
    return {
        "CASME2-coding-20140508.xlsx": {"Sheet1": old, **empty},
        "CASME2-coding-20190701.xlsx": {"Sheet1": new, **empty},
        "CASME2-ObjectiveClasses.xlsx": {"Sheet1": classes},
        f"{plan.videos[0].path}/.DS_Store": DS_STORE,
        f"Cropped/{plan.videos[0].subject}/.DS_Store": DS_STORE,
    }


LAYOUT = DemoLayout(
    name="casme2",
    number=_NUMBER,
    shape=(240, 200),
    face_width=118.0,
    fps=_FPS,
    subjects=_SUBJECTS,
    plan=plan,
    files=files,
)
