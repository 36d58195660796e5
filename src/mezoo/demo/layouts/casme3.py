"""Demo corpus like CAS(ME)^3: 30 fps long videos (part A, with clips of its micro-expressions) and part C.

Planted: two tables of which only one is mended (row order is the same), an onset coded 0, an offset coded 0, text
in numeric cells, ``Others`` beside ``others``, a video in capitals, frames that were dropped, pictures of depth beside
those in colour, a full-width comma, trailing commas and blanks, a doubled top folder, and eye blinks in a sheet of
their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.clips import DS_STORE
from mezoo.demo.expressions import objective_class
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedEvent, PlannedVideo, Wanted
from mezoo.demo.layouts.folder import PIXEL
from mezoo.demo.long_videos import places, plan_events, with_event

_NUMBER, _FPS, _SECONDS = 12, 30, 12.0
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")
_EMOTIONS = ("disgust", "surprise", "others", "fear", "anger", "sadness", "happiness")
_WRITTEN = {"sadness": "sad", "happiness": "happy"}
_VALENCE = {"happiness": "positive", "surprise": "surprise", "others": "others"}
_PART_A = "part_A/data/part_A_split/part_A"
_A: list[Cell] = ["Subject", "Filename", "Onset", "Apex", "Offset", "AU"]
_PERSON_C = 50  # nobody takes part in both parts


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the videos of part A, the clips cut from them, and a few videos of part C."""
    part_a = [
        _video(wanted, subject, person, letter, "abcdefghijklm".index(letter.lower()))
        for person, subject in enumerate(wanted.subjects)
        for letter in _letters(person, wanted.videos_each)
    ]
    part_a.sort(key=lambda video: video.video)
    _plant(part_a)
    copies = [
        Copy(
            video.key,
            f"Part_A_ME_clip/Part_A_ME_clip/frame/{_clip_name(video, event)}",
            span=(max(event.coded[0], 1), event.coded[2]),
        )
        for video in part_a
        for event in video.events
        if event.kind == "micro"
    ]
    part_c = [_video_c(wanted, n) for n in range(min(len(wanted.subjects), 3))]
    return part_a + part_c, copies


def _letters(person: int, videos_each: int) -> str:
    letters = "".join("abcdefghijklm"[(2 * person + k) % 13] for k in range(videos_each))
    return letters.upper() if person == 1 else letters


def _clip_name(video: PlannedVideo, event: PlannedEvent) -> str:
    return f"{video.subject.replace('NO', 'No')}_{video.path.split('/')[-2]}_{event.coded[0]}"


def _video(wanted: Wanted, subject: str, person: int, letter: str, code: int) -> PlannedVideo:
    seed = (wanted.seed, _NUMBER, person, code)
    rng = np.random.default_rng(seed)
    seconds = _SECONDS * max(wanted.length, 0.5) * rng.uniform(0.95, 1.05)
    events = tuple(
        # The table of macro-expressions has no emotions.
        replace(event, emotion=_WRITTEN.get(event.emotion, event.emotion) if event.kind == "micro" else "")
        for event in plan_events(rng, seconds, _FPS, emotions=_EMOTIONS)
    )
    path = f"{_PART_A}/{subject}/{letter}/color"
    n_frames = int(seconds * _FPS)
    return PlannedVideo(
        f"{subject}_{letter.lower()}", subject, person, path, "{}.jpg", n_frames, _FPS, seed, events
    )


def _video_c(wanted: Wanted, n: int) -> PlannedVideo:
    person, seed = _PERSON_C + n, (wanted.seed, _NUMBER, _PERSON_C + n, 0)
    rng = np.random.default_rng(seed)
    seconds = _SECONDS * max(wanted.length, 0.5) * rng.uniform(0.95, 1.05)
    events = tuple(
        # Nor has that of part C, and no apex is coded there.
        replace(
            event,
            coded=(event.onset, None, event.offset),
            emotion=_VALENCE.get(event.emotion, "negative") if event.kind == "micro" else "",
        )
        for event in plan_events(rng, seconds, _FPS, emotions=_EMOTIONS)
    )
    subject = f"{n + 1:02d}"
    path = f"part_C/part_C/{subject}/a/color"
    n_frames = int(seconds * _FPS)
    return PlannedVideo(
        f"C{subject}_a", f"C{subject}", person, path, "{}.jpg", n_frames, _FPS, seed, events, part="C"
    )


def _plant(videos: list[PlannedVideo]) -> None:
    micros, macros = places(videos, "micro"), places(videos, "macro")
    for place, trap in zip(micros, ("Others", "mended apex", "mended offset"), strict=False):
        event = videos[place[0]].events[place[1]]
        emotion = "Others" if trap == "Others" else event.emotion
        with_event(videos, place, replace(event, trap=trap, emotion=emotion))
    for v, e in [place for place in macros if place[1] == 0][:1]:
        event = videos[v].events[e]
        with_event(videos, (v, e), replace(event, coded=(0, *event.coded[1:]), trap="onset 0"))
    # The recorder dropped two frames at rest.
    videos[-1] = replace(videos[-1], missing=(4, 5))


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the tables of both parts, and a few pictures of depth (placeholders of one pixel)."""
    both: list[list[Cell]] = [[*_A, "Expression type", "Objective class"]]
    micro: list[list[Cell]] = [[*_A, "Objective class", "emotion"]]
    blinks: list[list[Cell]] = [["Subject", "Filename", "Onset", "Offset"]]
    for video in plan.listed():
        letter = video.path.split("/")[-2]
        blinks.append([video.subject, letter, "3", "9"])
        for event in video.events:
            name: list[Cell] = [video.subject, letter]
            frames = [str(frame) for frame in event.coded]
            group = _ROMAN[objective_class(event.aus) - 1]
            kind = f"{event.kind.capitalize()}-expression"
            both.append([*name, *frames, event.units, kind, group])
            if event.kind == "micro":
                # The label file still has the faults that the other table is rid of.
                frames[1] = str(event.coded[0] - 29) if event.trap == "mended apex" else frames[1]
                frames[2] = "0" if event.trap == "mended offset" else frames[2]
                micro.append([*name, *frames, event.units, group, event.emotion])
    first = plan.videos[0].path
    place = "annotation/partA"
    return {
        f"{place}/CAS(ME)3_part_A_v2.xls": {"AU+Emotion": both, "eye blink": blinks},
        f"{place}/cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx": {"label": micro, "Sheet1": []},
        **_files_c([video for video in plan.videos if video.part]),
        **{f"{first.rsplit('/', 1)[0]}/depth/{number}.png": PIXEL for number in range(1, 4)},
        f"{first}/.DS_Store": DS_STORE,
    }


def _files_c(videos: list[PlannedVideo]) -> dict[str, Content]:
    micro: list[list[Cell]] = [["sub", "count", "onset", "offset", "au", "emotion"]]
    every: list[list[Cell]] = [["Subject", "Onset", "Offset", "diff", "Exp_type", "risk"]]
    for video in videos:
        subject, count = int(video.subject[1:]), 0
        for event in video.events:
            onset, _, offset = event.coded
            every.append([subject, onset, offset, offset - onset, int(event.kind == "micro"), 0])
            if event.kind == "micro":
                count += 1
                # The first rows have the comma of a Chinese keyboard, the others one too many.
                units = event.units.replace("+", "，" if len(micro) == 1 else ",") + "," * (len(micro) > 1)
                micro.append([subject, count, onset, offset, units, event.emotion])
    place = "annotation/partC"
    return {
        f"{place}/CAS(ME)3_part_C_ME.xlsx": {"mockCrimeME": micro},
        f"{place}/CAS(ME)3_part_C.xls": {"organize": every},
    }


LAYOUT = DemoLayout(
    name="casme3",
    number=_NUMBER,
    shape=(220, 320),
    face_width=126.0,
    fps=_FPS,
    # Leaves out those of whom the owners list damaged or occluded frames, as far as a demo usually goes.
    subjects=tuple(f"spNO.{n}" for n in (1, 14, *range(5, 14), 15, 17, 39, 41, 42, *range(148, 218))),
    plan=plan,
    files=files,
)
