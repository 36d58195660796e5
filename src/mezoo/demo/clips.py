"""Clips of one micro-expression, from a little before its onset to a little after its offset, and their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mezoo.demo.expressions import express
from mezoo.demo.layout import PlannedEvent, PlannedVideo, Wanted

#: Hidden files that file managers leave behind.
DS_STORE = b"\0\0\0\1Bud1" + bytes(24)
THUMBS = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(24)


def slots(wanted: Wanted, number: int) -> Iterator[tuple[int, str, int, tuple[int, ...]]]:
    """Yield (person, subject, index of the clip, seed) for each clip of a corpus with this number."""
    for person, subject in enumerate(wanted.subjects):
        for k in range(wanted.clips_each):
            yield person, subject, k, (wanted.seed, number, person, k)


def in_turn(labels: Sequence[str], wanted: Wanted, person: int, k: int) -> str:
    """Return the label of a clip: labels follow each other through the corpus, so every subject has several."""
    return labels[(person * wanted.clips_each + k) % len(labels)]


def micro(
    rng: np.random.Generator,
    fps: int,
    emotion: str,
    *,
    written: str = "",
    lead: float = 0.0,
    tail: float = 0.0,
    first_frame: int = 1,
) -> tuple[int, PlannedEvent]:
    """Plan a micro-expression of 0.26 to 0.48 s.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    fps : int
        Frames per second.
    emotion, written : str
        As for `mezoo.demo.expressions.express`.
    lead, tail : float
        Seconds at rest before the onset and after the offset.
    first_frame : int
        The corpus's number of the first frame.

    Returns
    -------
    int
        Number of frames of the clip.
    PlannedEvent
        Coded as it is.
    """
    onset = round(lead * fps) + 1
    offset = onset + round(rng.uniform(0.26, 0.48) * fps) - 1
    event = express(rng, emotion, "micro", onset=onset, offset=offset, written=written)
    coded = tuple(frame + first_frame - 1 for frame in (event.onset, event.apex, event.offset))
    return offset + round(tail * fps), replace(event, coded=coded)


def plant(
    videos: list[PlannedVideo], changes: Sequence[tuple[str, Callable[[PlannedVideo], PlannedVideo]]]
) -> None:
    """Apply each change to one video, far from each other, and name the trap in its event.

    A corpus with fewer videos than changes gets the first ones only.
    """
    for k, (trap, change) in enumerate(changes[: len(videos)]):
        place = int((k + 0.5) * len(videos) / len(changes[: len(videos)]))
        changed = change(videos[place])
        event, *others = changed.events
        videos[place] = replace(changed, events=(replace(event, trap=trap), *others))


def recoded(video: PlannedVideo, *, onset: Any = None, apex: Any = None, offset: Any = None) -> PlannedVideo:
    """Return the video with other coded frames of its first event; None leaves one as it is."""
    event, *others = video.events
    new = zip((onset, apex, offset), event.coded, strict=True)
    coded = tuple(old if value is None else value for value, old in new)
    return replace(video, events=(replace(event, coded=coded), *others))


def noted(video: PlannedVideo, au_text: str) -> PlannedVideo:
    """Return the video with this text about the AUs of its first event."""
    event, *others = video.events
    return replace(video, events=(replace(event, au_text=au_text), *others))


def unchanged(video: PlannedVideo) -> PlannedVideo:
    """Return the video: its trap lies in the coding file or beside the frames."""
    return video
