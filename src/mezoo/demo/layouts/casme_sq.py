"""Demo corpus like CAS(ME)^2: 30 fps colour videos of people who watch films; three sheets without header rows.

Planted: offsets coded 0, an apex coded 0, an apex after its offset, expression numbers of two digits, and a copy of
one subject's folder below another subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.expressions import au_cell
from mezoo.demo.layout import Book, Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted
from mezoo.demo.long_videos import places, plan_events, with_event

WORKBOOK = "CAS(ME)^2code_final.xlsx"
_NUMBER, _FPS, _SECONDS = 0, 30, 14.0

# Participant folders in the order of their index.
_SUBJECTS = tuple(f"s{n}" for n in (*range(15, 17), *range(19, 28), *range(29, 39), 40))
# Film code -> (folder suffix, clip name); disgust, anger and happiness films.
_FILMS = {
    "0101": ("disgustingteeth", "disgust1"),
    "0502": ("funnyerrors", "happy1"),
    "0401": ("girlcrashing", "anger1"),
    "0503": ("unnyfarting", "happy2"),
    "0102": ("eatingworms", "disgust2"),
    "0505": ("funnyinnovations", "happy3"),
    "0402": ("beatingpregnantwoman", "anger2"),
    "0507": ("climbingthewall", "happy4"),
    "0508": ("funnydunkey", "happy5"),
}
_MOODS = {"happ": "happiness", "disg": "disgust", "ange": "anger"}
_VALENCE = {"happiness": "positive", "surprise": "surprise", "others": "others"}


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the videos; the film 0502 of one subject also lies in another's folder, as in the corpus."""
    names = wanted.subjects
    # The corpus itself holds the film 0502 of s23 in the folder of s19.
    owner, host = ("s23", "s19") if len(names) > 6 else (names[-1], names[max(len(names) - 2, 0)])
    videos = []
    for person, subject in enumerate(names):
        codes = _films(person, wanted.videos_each, owner_of_copy=subject == owner != host)
        for k, code in enumerate(codes):
            quiet = person == 0 and k == len(codes) - 1
            videos.append(_video(subject, person, code, wanted, quiet))
    videos.sort(key=lambda video: video.video)
    _plant(videos)
    if owner == host:
        return videos, ()
    video = next(v for v in videos if v.video == f"{owner}_0502")
    return videos, [Copy(video.key, f"rawpic/{host}/{video.path.rsplit('/', 1)[1]}")]


def _films(person: int, videos_each: int, *, owner_of_copy: bool) -> list[str]:
    """Choose the film codes of one subject.

    The first subject also has film 0508, where nothing is annotated, and the second has one film more.  The subject
    whose folder is misplaced must have film 0502.
    """
    films = [code for code in _FILMS if code != "0508"]
    count = videos_each + (person == 1)
    codes = [films[(person + 3 * k) % len(films)] for k in range(count)]
    if owner_of_copy and "0502" not in codes:
        codes[0] = "0502"
    return codes + ["0508"] * (person == 0)


def _video(subject: str, person: int, code: str, wanted: Wanted, quiet: bool) -> PlannedVideo:
    seeds = (wanted.seed, _NUMBER, person, int(code))
    rng = np.random.default_rng(seeds)
    seconds = _SECONDS * wanted.length * rng.uniform(0.95, 1.05)
    suffix, clip = _FILMS[code]
    return PlannedVideo(
        video=f"{subject}_{code}",
        subject=subject,
        person=person,
        path=f"rawpic/{subject}/{subject[1:]}_{code}{suffix}",
        frame="img{:03d}.jpg",
        n_frames=int(seconds * _FPS),
        fps=_FPS,
        seed=seeds,
        events=() if quiet else plan_events(rng, seconds, _FPS, mood=_MOODS[clip[:4]]),
    )


def _plant(videos: list[PlannedVideo]) -> None:
    macros = places(videos, "macro")
    for share, trap in (
        (0.1, "no offset"),
        (0.35, "no apex"),
        (0.6, "apex after offset"),
        (0.85, "no offset"),
    ):
        v, e = place = macros[int(share * len(macros))]
        event = videos[v].events[e]
        apex = {"no apex": 0, "apex after offset": event.offset + 3}.get(trap, event.apex)
        offset = 0 if trap == "no offset" else event.offset
        with_event(videos, place, replace(event, coded=(event.onset, apex, offset), trap=trap))


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the workbook: expressions, participant index -> folder (a row per expression), film codes."""
    book: Book = {"CASFEcode_final": [], "naming rule1": [], "naming rule2": []}
    for video in plan.videos:
        participant = _SUBJECTS.index(video.subject) + 1
        clip = _FILMS[video.video.split("_")[1]][1]
        # The corpus counts up to 15 expressions of one film: some numbers must have two digits.
        first = 7 if video.person == 1 else 1
        for number, event in enumerate(video.events, first):
            valence = _VALENCE.get(event.emotion, "negative")
            row = [participant, f"{clip}_{number}", *event.coded, au_cell(event.units)]
            book["CASFEcode_final"].append([*row, valence, f"{event.kind}-expression", event.emotion])
            book["naming rule1"].append([int(video.subject[1:]), video.subject, participant])
    book["naming rule2"] = [[code, _FILMS[code][1]] for code in sorted(_FILMS)]
    return {WORKBOOK: book}


LAYOUT = DemoLayout(
    name="casme_sq",
    number=_NUMBER,
    shape=(256, 320),
    face_width=150.0,
    fps=_FPS,
    subjects=_SUBJECTS,
    plan=plan,
    files=files,
)
