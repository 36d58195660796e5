"""Demo corpus like SMIC-E: clips of SMIC with what came before and after, for spotting; one workbook of two sheets.

Planted: up to three intervals in a row, of which some are impossible or repeated, a wrong first frame, a wrong
emotion, unpadded clips below padded subjects, blank columns and a row of text at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.clips import DS_STORE, in_turn, plant, unchanged
from mezoo.demo.expressions import express
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedEvent, PlannedVideo, Wanted
from mezoo.demo.layouts.smic import FPS, LABELS, PREFIXES, SUBJECTS

_NUMBER = 11
_FRAMES = {"HS": "image{:06d}.jpg", "VIS": "image {:05d}.jpg"}
_HS: list[Cell] = ["Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", "Onset3F"]
_HS += ["Offset3F", None, "FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalMF3", "TotalVL", "Emotion"]
_VIS: list[Cell] = ["Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", None]
_VIS += ["FirstF", "TotalMF1", "TotalMF2", "TotalVL", "Emotion"]


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips of the fast camera, a third as many as in SMIC, and some of a slow one."""
    people = range(len(wanted.subjects))
    each = max(wanted.clips_each // 3, 2)
    fast = [_clip(wanted, person, k, "HS") for person in people for k in range(each)]
    fast.sort(key=lambda video: video.video)
    plant(
        fast,
        [
            ("impossible interval", unchanged),
            ("wrong emotion", unchanged),
            ("repeated interval", unchanged),
            ("wrong first frame", unchanged),
        ],
    )
    slow = [_clip(wanted, person, 0, "VIS") for person in people if int(wanted.subjects[person][1:]) > 10]
    return fast + slow, ()


def _clip(wanted: Wanted, person: int, k: int, camera: str) -> PlannedVideo:
    subject, fps = wanted.subjects[person], FPS[camera]
    seed = (wanted.seed, _NUMBER, person, k, fps)
    rng = np.random.default_rng(seed)
    prefix = in_turn(PREFIXES, wanted, person, k)
    label, emotions = LABELS[prefix]
    first = int(rng.integers(5000, 900_000)) if camera == "HS" else int(rng.integers(1000, 9000))
    onset = round(rng.uniform(0.5, 0.9) * fps)
    events: list[PlannedEvent] = []
    for _ in range(2 if k % 2 else 1):
        offset = onset + round(rng.uniform(0.26, 0.48) * fps) - 1
        event = express(rng, str(rng.choice(emotions)), "micro", onset=onset, offset=offset, written=label)
        # No apex is coded.
        events.append(replace(event, coded=(onset + first - 1, None, offset + first - 1)))
        onset = offset + round(rng.uniform(0.3, 0.6) * fps)
    clip = f"{subject}_{prefix}_{k + 1:02d}"
    name = f"s{int(subject[1:])}_{prefix}_{k + 1:02d}"
    return PlannedVideo(
        video=clip,
        subject=subject,
        person=person,
        path=f"SMIC-E_raw image/{camera}_long/SMIC-{camera}-E/{subject}/{name}",
        frame=_FRAMES[camera],
        n_frames=events[-1].offset + round(rng.uniform(0.4, 0.8) * fps),
        fps=fps,
        seed=seed,
        events=tuple(events),
        first_frame=first,
        part="" if camera == "HS" else camera,
    )


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the workbook: sheet HS with three intervals per row, sheet VIS with two."""
    sheets = {"HS": [_HS], "VIS": [_VIS]}
    for video in plan.videos:
        camera, n = video.part or "HS", 2 if video.part else 3
        ends = _intervals(video)[:n]
        frames = [end for pair in ends for end in pair] + [None] * (2 * (n - len(ends)))
        lengths = [off - on + 1 for on, off in ends] + [None] * (n - len(ends))
        row: list[Cell] = [int(video.subject[1:]), video.path.rsplit("/", 1)[1], None, *frames, None]
        first, last = video.first_frame, video.first_frame + video.n_frames - 1
        first -= 8536 if video.events[0].trap == "wrong first frame" else 0
        row += [first] if video.part else [first, last]
        sheets[camera].append([*row, *lengths, video.n_frames, _written(video)])
    sheets["HS"].append(["All frames are numbered by the recorder."])
    annotation = {"HS": sheets["HS"], "VIS": sheets["VIS"], "Sheet2": []}
    return {
        "SMIC-HS-E_annotation.xlsx": annotation,
        f"SMIC-E_raw image/HS_long/SMIC-HS-E/{plan.videos[0].subject}/.DS_Store": DS_STORE,
    }


def _intervals(video: PlannedVideo) -> list[tuple[int, int]]:
    ends = [(event.coded[0], event.coded[2]) for event in video.events]
    trap = video.events[0].trap
    if trap == "impossible interval":
        ends += [(video.first_frame - 40, video.first_frame - 60)] * (3 - len(ends))
    elif trap == "repeated interval":
        ends += [ends[-1]] * (3 - len(ends))
    return ends


def _written(video: PlannedVideo) -> str:
    if video.events[0].trap != "wrong emotion":
        return video.events[0].emotion
    return "negative" if video.events[0].emotion != "negative" else "surprise"


LAYOUT = DemoLayout(
    name="smic_e",
    number=_NUMBER,
    shape=(200, 180),
    face_width=104.0,
    fps=100,
    subjects=SUBJECTS,
    plan=plan,
    files=files,
)
