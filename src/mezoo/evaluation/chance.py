"""What chance scores in spotting: random intervals like those of the training subjects.

A selection rule that looks at the test data many times lifts even a random guesser. Putting the guesser
through the same rule with the same number of looks shows what the rule alone is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mezoo.evaluation.spotting import TYPES, Counts, count


@dataclass(frozen=True, eq=False)
class IntervalGuesser:
    """Guesses intervals of one type.

    Attributes
    ----------
    lengths : ndarray, int, shape (n,)
        Lengths to draw from, in frames, both ends included.
    rate : float
        Expected number of intervals per frame.
    """

    lengths: NDArray[np.int64]
    rate: float

    @classmethod
    def fit(cls, intervals: ArrayLike, *, n_frames: int) -> IntervalGuesser:
        """Take lengths and rate from the training subjects.

        Parameters
        ----------
        intervals : array_like, int, shape (n, 2)
            Annotated [onset, offset], both included.
        n_frames : int
            Frames of all training videos together, those without expressions included.

        Raises
        ------
        ValueError
            When there is no frame or an interval ends before it begins.
        """
        spans = np.asarray(intervals, np.int64).reshape(-1, 2)
        lengths = spans[:, 1] - spans[:, 0] + 1
        if n_frames < 1 or (lengths < 1).any():
            raise ValueError(
                f"{n_frames} frames, shortest interval {lengths.min(initial=1)}; expected at least 1"
            )
        return cls(lengths, len(lengths) / n_frames)

    def guess(self, n_frames: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Guess the intervals of a video: a Poisson number, each anywhere in the video, shape (n, 2)."""
        lengths = self.lengths[self.lengths <= n_frames]
        if not len(lengths):
            return np.zeros((0, 2), np.int64)
        drawn = rng.choice(lengths, size=rng.poisson(self.rate * n_frames))
        onset = rng.integers(0, n_frames - drawn + 1)
        return np.stack([onset, onset + drawn - 1], axis=1)


def chance_counts(
    videos: Sequence[tuple[int, Mapping[str, ArrayLike]]],
    guessers: Mapping[str, IntervalGuesser],
    *,
    looks: int,
    seed: int,
) -> Counts:
    """Count the hits of random guesses on one subject, several times over.

    Parameters
    ----------
    videos : sequence of (n_frames, intervals)
        Length of each video of the subject and its annotated intervals by type, as 0-based positions; a type
        without annotation may be left out.
    guessers : mapping of type to IntervalGuesser
        Fitted on the other subjects.
    looks : int
        Independent guesses, as many as the selection rule has looks.
    seed : int
        Seed of all guesses.

    Returns
    -------
    ndarray, int64, shape (looks, 2, 3)
        Axes look, type (micro, macro), (n_gt, n_pred, tp); what `mezoo.evaluation.spotting.best_look` takes.
    """
    rng = np.random.default_rng(seed)
    counts = np.zeros((looks, len(TYPES), 3), np.int64)
    for look in range(looks):
        for n_frames, truth in videos:
            for i, kind in enumerate(TYPES):
                counts[look, i] += count(truth.get(kind, ()), guessers[kind].guess(n_frames, rng))
    return counts
