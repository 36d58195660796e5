"""What every spotter offers after training, and the choice of a look on validation subjects.

A *look* is one frozen variant of a trained spotter that a selection rule may choose: an epoch of a
network, or a threshold of a training-free method. ``last`` takes a fixed look, ``inner`` the best one
on validation subjects, ``oracle`` the best one on the held-out subject.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.evaluation.chance import IntervalGuesser
from mezoo.evaluation.spotting import TYPES, count, f1
from mezoo.learning.truth import truth_intervals
from mezoo.learning.videos import FeatureVideo, LabelledVideo, subjects
from mezoo.models.mdmo_peaks import half_mean_length
from mezoo.models.proposals import Proposals

Candidate = TypeVar("Candidate")
#: Half lengths used when the training subjects have no event of a type, in rows.
_DEFAULT_HALF_LENGTH = {"micro": 6, "macro": 18}


@dataclass(frozen=True)
class FitJob:
    """Where and how one spotter is trained.

    Attributes
    ----------
    layout : str
        Whose per-corpus values of the recipe hold.
    seed : int
        Initialisation, order of clips, choice of the validation subjects.
    folder : Path
        Work folder that survives a kill.
    accelerator : {"auto", "cpu", "gpu"}
    """

    layout: str
    seed: int
    folder: Path
    accelerator: str


class Spotter(ABC):
    """A frozen spotter, read from the artifact that `mezoo.learning.fit` wrote.

    Attributes
    ----------
    looks : list of int
        Looks among which the oracle chooses.
    last : int
        The look that is fixed beforehand.
    has_inner : bool
        Whether there were validation subjects enough to choose a look.
    fps : float
        Frame rate of the features it was trained on.
    """

    looks: list[int]
    last: int
    has_inner: bool
    fps: float

    @abstractmethod
    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Find intervals per type in one video; positions are rows of its feature array."""

    @abstractmethod
    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """Find intervals with the look that validation subjects chose."""

    @abstractmethod
    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Curves over time, per name, that explain the intervals of the look `last`."""


def choose(
    videos: Sequence[LabelledVideo],
    candidates: Iterable[Candidate],
    spot: Callable[[FeatureVideo, Candidate], dict[str, Proposals]],
) -> tuple[Candidate, float]:
    """Return the candidate with the best pooled F1 on `videos`, and that F1; ties go to the later one."""
    truths = [truth_intervals(video.events) for video in videos]
    best: tuple[Candidate, float] | None = None
    for candidate in candidates:
        total = np.zeros(3, np.int64)
        for video, truth in zip(videos, truths, strict=True):
            found = spot(video.data, candidate)
            total += sum(count(truth[kind], frames(video.data, found[kind])) for kind in TYPES)
        score = float(np.nan_to_num(f1(total)))
        if best is None or score >= best[1]:
            best = candidate, score
    assert best is not None, "no candidate to choose from"
    return best


def validation_subjects(videos: Sequence[LabelledVideo], *, share: float, seed: int) -> list[str]:
    """Draw the inner validation subjects of a fold; none when fewer than three subjects train."""
    persons = subjects(videos)
    if len(persons) < 3:
        return []
    n = max(1, round(share * len(persons)))
    return sorted(np.random.default_rng(seed).permutation(persons)[:n].tolist())


def half_lengths(videos: Sequence[LabelledVideo]) -> dict[str, int]:
    """Half the mean length of the training expressions of either type, in rows."""
    found = {}
    for kind in TYPES:
        pairs = [
            (onset, offset)
            for video in videos
            for onset, offset, own in zip(video.onset, video.offset, video.kind, strict=True)
            if own == kind and not np.isnan(offset)
        ]
        found[kind] = half_mean_length(*np.array(pairs).T) if pairs else _DEFAULT_HALF_LENGTH[kind]
    return found


def frames(video: FeatureVideo, found: Proposals) -> NDArray[np.int64]:
    """Intervals as the corpus's frame numbers, shape (n, 2)."""
    return np.stack([video.frame(found.onset), video.frame(found.offset)], axis=1)


def write_training_facts(writer: ArtifactWriter, videos: Sequence[LabelledVideo]) -> None:
    """Store what is known of the training set: subjects, frame rate, lengths and rate of its events.

    The lengths and rates are all that the random guesser of the ``chance`` row knows.
    """
    rows = sum(len(video.data.index) for video in videos)
    rates = {}
    for kind in TYPES:
        lengths = np.concatenate([_lengths(video, kind) for video in videos] or [np.zeros(0)])
        writer.write(f"lengths/{kind}", lengths.astype(np.int32), axes="(E)", units="feature rows")
        rates[kind] = len(lengths) / max(1, rows)
    writer.attrs["events_per_row"] = json.dumps(rates)
    writer.attrs["subjects"] = json.dumps(subjects(videos))
    writer.attrs["datasets"] = json.dumps(sorted({video.data.dataset for video in videos}))
    writer.attrs["n_videos"] = len(videos)
    writer.attrs["fps"] = float(np.median([video.data.fps for video in videos]))


def _lengths(video: LabelledVideo, kind: str) -> NDArray[np.float64]:
    offset = np.where(np.isnan(video.offset), 2 * video.apex - video.onset, video.offset)
    return (offset - video.onset + 1)[[other == kind for other in video.kind]]


def read_guessers(artifact: Artifact) -> dict[str, IntervalGuesser]:
    """Build the random guesser of each type from what `write_training_facts` stored."""
    rates = json.loads(artifact.attrs["events_per_row"])
    return {
        kind: IntervalGuesser(artifact[f"lengths/{kind}"][:].astype(np.int64), rates[kind]) for kind in TYPES
    }
