"""Demo corpus like SAMM Long Videos: 200 fps grey videos; one sheet with nine rows of notes above its header.

The workbook of SAMM lies beside, as the owner of both corpora has it: it tells the emotions of the micro-movements.

Planted: fractional frame numbers, an apex coded -1, an expression that runs when the recording begins (onset 0), and
file names padded to four or five digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.expressions import au_cell
from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedEvent, PlannedVideo, Wanted
from mezoo.demo.long_videos import places, plan_events, with_event

WORKBOOK = "SAMM_LongVideos_V2_Release.xlsx"
EMOTIONS = "SAMM_Micro_FACS_Codes_v2.xlsx"
_NUMBER, _FPS, _SECONDS = 1, 200, 14.0

SUBJECTS = tuple(f"{n:03d}" for n in (*range(6, 27), 28, *range(30, 38)))
_NOTES: tuple[list[Cell], ...] = (
    ["Synthetic long videos - FACS codes"],
    [None],
    ["Symbols:"],
    ['"/" = or'],
    [None],
    ["Action units:"],
    [
        '"L2" or "R2" = the unit moves on that side of the face only',
        *[None] * 4,
        "NOTE: an apex of -1 was not annotated.",
    ],
    ['"A2" = the unit moves on both sides, stronger on one'],
    [None],
)
_HEADER = (
    *("Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset"),
    *("Duration", "Type", "Action Units", "Notes"),
)
_SAMM_HEADER = (
    *("Subject", "Filename", "Onset Frame", "Apex Frame", "Offset Frame"),
    *("Micro", "Action Units", "Estimated Emotion"),
)


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the videos; the first subject has one more, without expression."""
    videos = []
    for person, subject in enumerate(wanted.subjects):
        codes = [str((3 * person + 2 * k) % 7 + 1) for k in range(wanted.videos_each + (person == 0))]
        for k, code in enumerate(codes):
            quiet = person == 0 and k == len(codes) - 1
            videos.append(_video(subject, person, code, wanted, quiet))
    videos.sort(key=lambda video: video.video)
    _plant(videos, wanted.seed)
    return videos, ()


def _video(subject: str, person: int, code: str, wanted: Wanted, quiet: bool) -> PlannedVideo:
    seeds = (wanted.seed, _NUMBER, person, int(code))
    rng = np.random.default_rng(seeds)
    seconds = _SECONDS * wanted.length * rng.uniform(0.95, 1.05)
    video = f"{subject}_{code}"
    return PlannedVideo(
        video=video,
        subject=subject,
        person=person,
        path=f"SAMM_longvideos/{video}",
        # Padding differs between videos of the corpus: readers must not assume it.
        frame=video + ("_{:05d}.jpg" if person == 1 else "_{:04d}.jpg"),
        n_frames=int(seconds * _FPS),
        fps=_FPS,
        seed=seeds,
        events=() if quiet else plan_events(rng, seconds, _FPS),
        colour=False,
    )


def _plant(videos: list[PlannedVideo], seed: int) -> None:
    macros = places(videos, "macro")
    rng = np.random.default_rng([seed, 4])
    for v, e in macros:
        if rng.random() < 0.28:
            shift = rng.choice([-0.4, -0.2, 0.2, 0.4], 3)
            event = videos[v].events[e]
            frames = np.round(np.add((event.onset, event.apex, event.offset), shift), 1).tolist()
            with_event(videos, (v, e), replace(event, coded=tuple(frames), trap="fractional frames"))
    v, e = macros[int(0.7 * len(macros))]
    event = videos[v].events[e]
    with_event(videos, (v, e), replace(event, coded=(event.onset, -1, event.offset), trap="no apex"))
    for v, _ in [place for place in macros if place[1] == 0][:1]:
        with_event(videos, (v, 0), _already_running(videos[v].events[0]))


def _already_running(event: PlannedEvent) -> PlannedEvent:
    """Move the first expression to the start of the recording: 40 % of its rise is over, its onset is coded 0."""
    shift = event.onset + round(0.4 * (event.apex - event.onset))
    onset, apex, offset = event.onset - shift, event.apex - shift, event.offset - shift
    coded = (0, apex, offset)
    return replace(event, onset=onset, apex=apex, offset=offset, coded=coded, trap="onset before start")


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the workbook: nine rows of notes, a header row, a row per expression."""
    rows: list[list[Cell]] = [*_NOTES, list(_HEADER)]
    for video in plan.videos:
        rng = np.random.default_rng([*video.seed, 5])
        for number, event in enumerate(video.events, 1):
            onset, _, offset = event.coded
            kind = "Macro" if event.kind == "macro" else "Micro - 1/2"
            row: list[Cell] = [video.subject, f"{video.video}_{number}", int(video.video.split("_")[1])]
            row += [*event.coded, round(offset - onset + 1, 1), kind, _scored(event, rng)]
            rows.append([*row, "While blinking" if event.trap == "no apex" else None])
    return {WORKBOOK: {"FACS_Movement_Only": rows}, EMOTIONS: {"MICRO_ONLY": _emotions(plan)}}


def _emotions(plan: CorpusPlan) -> list[list[Cell]]:
    """Rows of SAMM's workbook for the micro-movements, without its notes; frames are those of the long videos."""
    rows: list[list[Cell]] = [list(_SAMM_HEADER)]
    for video in plan.videos:
        for number, event in enumerate(video.events, 1):
            if event.kind == "micro":
                row: list[Cell] = [video.subject, f"{video.video}_{number}", event.onset, event.apex]
                rows.append([*row, event.offset, "Micro - 1/2", au_cell(event.units), emotion(event)])
    return rows


def emotion(event: PlannedEvent) -> str:
    """Return the word of SAMM for the emotion of an expression; it has no repression."""
    word = {"others": "other", "repression": "contempt"}.get(event.emotion, event.emotion)
    return word.capitalize()


def _scored(event: PlannedEvent, rng: np.random.Generator) -> Cell:
    """Write AUs with FACS intensity letters in half of the macro rows, plainly elsewhere, as SAMM does."""
    if event.kind == "micro" or rng.random() < 0.5:
        return au_cell(event.units)
    letters = {name: "ABCDE"[min(int(peak / 1.5), 4)] for name, peak in event.aus.items()}
    return "+".join(f"{name}{letter}" for name, letter in letters.items())


LAYOUT = DemoLayout(
    name="samm_lv",
    number=_NUMBER,
    shape=(300, 280),
    face_width=155.0,
    fps=_FPS,
    subjects=SUBJECTS,
    plan=plan,
    files=files,
)
