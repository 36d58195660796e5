"""Demo of anybody's own videos: ``.mp4`` files and a table of events with the columns of this project.

Planted: an apex and an offset left blank, a blank line in the table, a row of an unknown video, and a video without
events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.layout import Cell, Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted
from mezoo.demo.long_videos import places, plan_events, with_event

_NUMBER, _FPS, _SECONDS = 9, 30, 5.0
_HEADER: list[Cell] = ["video", "subject", "onset", "apex", "offset", "type", "emotion", "aus"]


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the videos; the first subject has one more, without expression."""
    videos = []
    for person, subject in enumerate(wanted.subjects):
        for k in range(wanted.videos_each + (person == 0)):
            quiet = person == 0 and k == wanted.videos_each
            videos.append(_video(subject, person, k, wanted, quiet))
    videos.sort(key=lambda video: video.video)
    found = [place for kind in ("macro", "micro") for place in places(videos, kind)]
    for place, (trap, blank) in zip(found, (("blank offset", 2), ("blank apex", 1)), strict=False):
        event = videos[place[0]].events[place[1]]
        coded = tuple(None if k == blank else frame for k, frame in enumerate(event.coded))
        with_event(videos, place, replace(event, coded=coded, trap=trap))
    return videos, ()


def _video(subject: str, person: int, k: int, wanted: Wanted, quiet: bool) -> PlannedVideo:
    seed = (wanted.seed, _NUMBER, person, k)
    rng = np.random.default_rng(seed)
    # A video shorter than this would hold no expression.
    seconds = max(_SECONDS * wanted.length, 4.0) * rng.uniform(0.95, 1.05)
    events = () if quiet else plan_events(rng, seconds, _FPS)
    video, path = f"{subject}_take{k + 1}", f"{subject}/take{k + 1}.mp4"
    return PlannedVideo(video, subject, person, path, "", int(seconds * _FPS), _FPS, seed, events)


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return the table of events."""
    rows = [_HEADER]
    for video in plan.videos:
        for event in video.events:
            rows.append([video.path, video.subject, *event.coded, event.kind, event.emotion, event.units])
        if video.person == 0:
            rows.append([None] * len(_HEADER))
    rows.append(["lost/take1.mp4", "nobody", 1, 5, 9, "micro", "others", "4"])
    return {"events.csv": {"": rows}}


LAYOUT = DemoLayout(
    name="generic",
    number=_NUMBER,
    shape=(200, 240),
    face_width=108.0,
    fps=_FPS,
    subjects=tuple("anna ben cleo dora emil finn gina hugo ida jan kim lea max nora".split()),
    plan=plan,
    files=files,
)
