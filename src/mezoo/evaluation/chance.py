"""What chance scores in spotting: random intervals like those of the training subjects.

A selection rule that looks at the test data many times lifts even a random guesser. Putting the guesser
through the same rule with the same number of looks shows what the rule alone is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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

    def guess(self, n_frames: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Guess the intervals of a video: a Poisson number, each anywhere in the video, shape (n, 2)."""
        lengths = self.lengths[self.lengths <= n_frames]
        if not len(lengths):
            return np.zeros((0, 2), np.int64)
        drawn = rng.choice(lengths, size=rng.poisson(self.rate * n_frames))
        onset = rng.integers(0, n_frames - drawn + 1)
        return np.stack([onset, onset + drawn - 1], axis=1)
