"""Expressions of a long synthetic video, and faults of its annotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.expressions import express_one_of
from mezoo.demo.layout import PlannedEvent, PlannedVideo

EMOTIONS = ("happiness", "disgust", "surprise", "others", "anger", "sadness", "repression")
MARGIN = 0.5  # s without expression at both ends of a video
GAP = 0.7  # least s between two expressions


def plan_events(
    rng: np.random.Generator, seconds: float, fps: int, *, mood: str = "", emotions: Sequence[str] = EMOTIONS
) -> tuple[PlannedEvent, ...]:
    """Place six to eight expressions in 20 s, two in five of them micro, never closer than `GAP`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    seconds : float
        Length of the video.
    fps : int
        Frames per second.
    mood : str
        Emotion the film shown is meant to raise: five times as likely as each other one.
    emotions : sequence of str
        Those of `mezoo.demo.expressions.COMBINATIONS` that occur.
    """
    count = int(1.8 + 0.28 * seconds + rng.integers(0, 2))
    micro = np.arange(count) < round(0.4 * count)
    rng.shuffle(micro)
    # Median 1.3 s; one macro-expression in nine outlasts 1.9 s, the reach of a spotter limited to 58 frames.
    macro_length = np.clip(rng.lognormal(np.log(1.3), 0.32, count), 0.7, 3.0)
    duration = np.where(micro, rng.uniform(0.22, 0.48, count), macro_length)
    while len(duration) and duration.sum() + GAP * (len(duration) - 1) + 2 * MARGIN > seconds:
        duration = duration[:-1]
    weights = [5.0 if emotion == mood else 1.0 for emotion in emotions]
    planned = []
    for start, length, small in zip(_starts(rng, seconds, duration), duration, micro, strict=False):
        onset = int(np.ceil(start * fps)) + 1
        kind = "micro" if small else "macro"
        offset = onset + int(length * fps) - 1
        planned.append(express_one_of(rng, emotions, weights, kind, onset=onset, offset=offset))
    return tuple(planned)


def _starts(rng: np.random.Generator, seconds: float, duration: np.ndarray) -> np.ndarray:
    """Share the time left out among the pauses; return when each expression starts, s."""
    count = len(duration)
    slack = seconds - 2 * MARGIN - duration.sum() - GAP * (count - 1)
    pauses = rng.dirichlet(np.full(count + 1, 2.0)) * slack
    return MARGIN + np.cumsum(pauses[:-1]) + np.concatenate([[0], np.cumsum(duration[:-1] + GAP)])


def places(videos: Sequence[PlannedVideo], kind: str) -> list[tuple[int, int]]:
    """Return (video, event) indices of all expressions of a kind."""
    return [
        (v, e) for v, video in enumerate(videos) for e, event in enumerate(video.events) if event.kind == kind
    ]


def with_event(videos: list[PlannedVideo], place: tuple[int, int], event: PlannedEvent) -> None:
    """Put an event in the place of another, in the list."""
    v, e = place
    events = (*videos[v].events[:e], event, *videos[v].events[e + 1 :])
    videos[v] = replace(videos[v], events=events)
