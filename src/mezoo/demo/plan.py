"""What a demo corpus holds, without drawing anything: videos, expressions and the annotation faults planted in them.

Everything follows from (layout, number of subjects, seed, size), so the workflow can list the videos before they
exist.  Durations follow the published definitions (micro at most 0.5 s), AU combinations those of the FACS
investigators' guide as the corpora use them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mezoo.demo.names import CASME_SQ_SUBJECTS, SAMM_LV_SUBJECTS, STIMULI, inducements, stimuli
from mezoo.errors import ConfigError

# Subjects, videos per subject and length factor of each size.
SIZES = {"tiny": (3, 1, 0.45), "small": (8, 1, 1.0), "medium": (12, 2, 1.25), "large": (20, 3, 1.5)}

# Emotion -> AU combinations with which the corpora label it.
COMBINATIONS = {
    "happiness": ("6+12", "12", "6+12+25", "L12", "R12"),
    "disgust": ("4+9", "4+10", "4+7+9", "9", "10"),
    "surprise": ("1+2", "1+2+5", "1+2+25", "1+2+5+26"),
    "sadness": ("1+4", "15", "1+4+15", "15+17"),
    "anger": ("4", "4+7", "4+7+17"),
    "repression": ("14", "17", "14+17"),
    "others": ("4", "12+14", "20+25", "L14", "R14", "1+2", "R2"),
}
# Reach of each AU relative to the strongest of its expression: lids and nose travel less than mouth and brows.
STRENGTHS = {1: 1.0, 2: 0.9, 4: 0.9, 5: 0.4, 6: 0.6, 7: 0.4, 9: 0.7, 10: 0.7}
STRENGTHS |= {12: 1.0, 14: 0.6, 15: 0.8, 17: 0.8, 20: 0.8, 25: 0.7, 26: 0.9}
# Neighbours add up or cancel: factor that brings the largest displacement of their sum back to the peak.
_TOGETHER = {frozenset({1, 4}): 1.25, frozenset({4, 9}): 0.9, frozenset({12, 14}): 0.68}
_EMOTIONS = ("happiness", "disgust", "surprise", "others", "anger", "sadness", "repression")

MARGIN = 0.5  # s without expression at both ends of a video
GAP = 0.7  # least s between two expressions


@dataclass(frozen=True)
class Layout:
    """Recording conditions of one corpus: frame size in px, frames per second, seconds per video."""

    shape: tuple[int, int]
    face_width: float
    fps: int
    seconds: float
    colour: bool


LAYOUTS = {
    "casme_sq": Layout((256, 320), 150.0, 30, 20.0, True),
    "samm_lv": Layout((300, 280), 155.0, 200, 16.0, False),
}


@dataclass(frozen=True)
class PlannedEvent:
    """One expression; frame numbers are 1-based and true, `coded` is what the workbook says.

    `aus` maps AU names (``12``, ``L12``) to the displacement in pixels, at the apex and for a face 160 px wide, of the
    landmark the AU is known by.  `trap` names the planted annotation fault, if any.
    """

    onset: int
    apex: int
    offset: int
    kind: str
    emotion: str
    aus: dict[str, float]
    coded: tuple[float, float, float]
    trap: str = ""


@dataclass(frozen=True)
class PlannedVideo:
    """One video: `person` numbers the face, `folder` is the native path below the corpus root."""

    video: str
    subject: str
    person: int
    folder: str
    n_frames: int
    fps: int
    number_width: int
    seed: tuple[int, ...]
    events: tuple[PlannedEvent, ...]


@dataclass(frozen=True)
class CorpusPlan:
    """All videos of a corpus; `misplaced` is (video, folder of its identical copy under another subject) or None."""

    layout: str
    n_subjects: int
    seed: int
    size: str
    videos: tuple[PlannedVideo, ...]
    misplaced: tuple[str, str] | None


def list_videos(
    layout: str, *, n_subjects: int | None = None, seed: int = 0, size: str = "small"
) -> list[tuple[str, str]]:
    """List (video, subject) of a demo corpus as its catalog will, in the same order.

    Parameters
    ----------
    layout : {'casme_sq', 'samm_lv'}
        Corpus whose layout is imitated.
    n_subjects : int, optional
        Number of subjects; the size's own number by default.
    seed : int
        Seed of everything.
    size : {'tiny', 'small', 'medium', 'large'}
        Number of subjects, videos per subject and length of the videos.
    """
    plan = plan_corpus(layout, n_subjects=n_subjects, seed=seed, size=size)
    return [(video.video, video.subject) for video in plan.videos]


def plan_corpus(
    layout: str, *, n_subjects: int | None = None, seed: int = 0, size: str = "small"
) -> CorpusPlan:
    """Plan a demo corpus (parameters as for `list_videos`).

    Raises
    ------
    ConfigError
        Unknown layout or size, or a number of subjects the corpus has no names for.
    """
    if layout not in LAYOUTS:
        raise ConfigError(f"demo layout '{layout}'", f"one of {', '.join(LAYOUTS)}", "Choose one of these")
    if size not in SIZES:
        raise ConfigError(f"demo size '{size}'", f"one of {', '.join(SIZES)}", "Choose one of these")
    subjects, videos_each, length = SIZES[size]
    n_subjects = subjects if n_subjects is None else n_subjects
    names = CASME_SQ_SUBJECTS if layout == "casme_sq" else SAMM_LV_SUBJECTS
    if not 1 <= n_subjects <= len(names):
        raise ConfigError(
            f"{n_subjects} demo subjects", f"1 to {len(names)} for {layout}", "Change n_subjects"
        )
    # The corpus itself holds the film 0502 of s23 in the folder of s19.
    owner, host = ("s23", "s19") if n_subjects > 6 else (names[n_subjects - 1], names[max(n_subjects - 2, 0)])
    videos = []
    for person, subject in enumerate(names[:n_subjects]):
        if layout == "casme_sq":
            codes = stimuli(person, videos_each, owner_of_copy=subject == owner != host)
        else:
            codes = inducements(person, videos_each)
        for k, code in enumerate(codes):
            quiet = person == 0 and k == len(codes) - 1
            videos.append(_plan_video(layout, subject, person, code, seed, length, quiet))
    videos = _plant(layout, sorted(videos, key=lambda video: video.video), seed)
    misplaced = None
    if layout == "casme_sq" and owner != host:
        video = next(v for v in videos if v.video == f"{owner}_0502")
        misplaced = (video.video, f"rawpic/{host}/{video.folder.rsplit('/', 1)[1]}")
    return CorpusPlan(layout, n_subjects, seed, size, tuple(videos), misplaced)


def _plan_video(
    layout: str, subject: str, person: int, code: str, seed: int, length: float, quiet: bool
) -> PlannedVideo:
    """Plan one video; a quiet one holds no expression."""
    conditions = LAYOUTS[layout]
    seeds = (seed, list(LAYOUTS).index(layout), person, int(code))
    rng = np.random.default_rng(seeds)
    seconds = conditions.seconds * length * rng.uniform(0.95, 1.05)
    mood = STIMULI[code][1] if layout == "casme_sq" else ""
    events = () if quiet else _plan_events(rng, seconds, conditions.fps, mood)
    if layout == "casme_sq":
        folder, width = f"rawpic/{subject}/{subject[1:]}_{code}{STIMULI[code][0]}", 3
    else:
        # Padding differs between videos of the corpus: readers must not assume it.
        folder, width = f"SAMM_longvideos/{subject}_{code}", 5 if person == 1 else 4
    n_frames = int(seconds * conditions.fps)
    return PlannedVideo(
        f"{subject}_{code}", subject, person, folder, n_frames, conditions.fps, width, seeds, tuple(events)
    )


def _plan_events(rng: np.random.Generator, seconds: float, fps: int, mood: str) -> list[PlannedEvent]:
    """Place six to eight expressions in 20 s, two in five of them micro, never closer than `GAP`."""
    count = int(1.8 + 0.28 * seconds + rng.integers(0, 2))
    micro = np.arange(count) < round(0.4 * count)
    rng.shuffle(micro)
    # Median 1.3 s; one macro-expression in nine outlasts 1.9 s, the reach of a spotter limited to 58 frames.
    macro_length = np.clip(rng.lognormal(np.log(1.3), 0.32, count), 0.7, 3.0)
    duration = np.where(micro, rng.uniform(0.22, 0.48, count), macro_length)
    while len(duration) and duration.sum() + GAP * (len(duration) - 1) + 2 * MARGIN > seconds:
        duration = duration[:-1]
    count = len(duration)
    slack = seconds - 2 * MARGIN - duration.sum() - GAP * (count - 1)
    pauses = rng.dirichlet(np.full(count + 1, 2.0)) * slack
    starts = MARGIN + np.cumsum(pauses[:-1]) + np.concatenate([[0], np.cumsum(duration[:-1] + GAP)])
    return [
        _plan_event(rng, start, length, "micro" if small else "macro", fps, mood)
        for start, length, small in zip(starts, duration, micro, strict=False)
    ]


def _plan_event(
    rng: np.random.Generator, start: float, length: float, kind: str, fps: int, mood: str
) -> PlannedEvent:
    onset = int(np.ceil(start * fps)) + 1
    offset = onset + int(length * fps) - 1
    rise = rng.uniform(0.40, 0.55) if kind == "micro" else rng.uniform(0.35, 0.50)
    apex = onset + round(rise * (offset - onset))
    weights = np.array([5.0 if _suits(mood, emotion) else 1.0 for emotion in _EMOTIONS])
    emotion = str(rng.choice(_EMOTIONS, p=weights / weights.sum()))
    names = str(rng.choice(COMBINATIONS[emotion])).split("+")
    peak = rng.uniform(0.45, 1.3) if kind == "micro" else rng.uniform(3.7, 6.6)
    aus = _amplitudes(names, peak, rng)
    return PlannedEvent(onset, apex, offset, kind, emotion, aus, (onset, apex, offset))


def _amplitudes(names: list[str], peak: float, rng: np.random.Generator) -> dict[str, float]:
    """Share a peak displacement out among AUs so that the sum of their fields stays near the peak."""
    units = [int(name.lstrip("LR")) for name in names]
    strength = np.array([STRENGTHS[unit] for unit in units])
    if {1, 4} <= set(units):
        # They pull the inner brow up and down: in sadness AU4 only slants it.
        strength[units.index(4)] = 0.25
    peak *= next((factor for pair, factor in _TOGETHER.items() if pair <= set(units)), 1.0)
    strength = strength * rng.uniform(0.85, 1.0, len(names))
    return {name: round(float(peak * s / strength.max()), 3) for name, s in zip(names, strength, strict=True)}


def _suits(mood: str, emotion: str) -> bool:
    return {"happ": "happiness", "disg": "disgust", "ange": "anger"}.get(mood[:4]) == emotion


def _plant(layout: str, videos: list[PlannedVideo], seed: int) -> list[PlannedVideo]:
    """Plant the annotation faults the real workbooks are known for."""
    macros = [
        (v, e)
        for v, video in enumerate(videos)
        for e, event in enumerate(video.events)
        if event.kind == "macro"
    ]
    events = [list(video.events) for video in videos]

    def at(share: float) -> tuple[int, int]:
        return macros[int(share * len(macros))]

    if layout == "casme_sq":
        for share, trap in (
            (0.1, "no offset"),
            (0.35, "no apex"),
            (0.6, "apex after offset"),
            (0.85, "no offset"),
        ):
            v, e = at(share)
            event = events[v][e]
            apex = {"no apex": 0, "apex after offset": event.offset + 3}.get(trap, event.apex)
            offset = 0 if trap == "no offset" else event.offset
            events[v][e] = replace(event, coded=(event.onset, apex, offset), trap=trap)
    else:
        rng = np.random.default_rng([seed, 4])
        for v, e in macros:
            if rng.random() < 0.28:
                shift = rng.choice([-0.4, -0.2, 0.2, 0.4], 3)
                onset, apex, offset = np.round(np.add(events[v][e].coded, shift), 1).tolist()
                events[v][e] = replace(events[v][e], coded=(onset, apex, offset), trap="fractional frames")
        v, e = at(0.7)
        events[v][e] = replace(
            events[v][e], coded=(events[v][e].onset, -1, events[v][e].offset), trap="no apex"
        )
        for v in [v for v, e in macros if e == 0][:1]:
            events[v][0] = _already_running(events[v][0])
    return [replace(video, events=tuple(found)) for video, found in zip(videos, events, strict=True)]


def _already_running(event: PlannedEvent) -> PlannedEvent:
    """Move the first expression to the start of the recording: 40 % of its rise is over, its onset is coded 0."""
    shift = event.onset + round(0.4 * (event.apex - event.onset))
    onset, apex, offset = event.onset - shift, event.apex - shift, event.offset - shift
    return replace(
        event, onset=onset, apex=apex, offset=offset, coded=(0, apex, offset), trap="onset before start"
    )
