"""What chance scores in recognition: labels drawn with the frequencies of the training classes.

A rule that picks the best of many looks at the test samples lifts even this guesser. Putting its guesses
through `mezoo.evaluation.recognition.best_looks` with as many looks as the network has shows what the rule
alone is worth. The draws of two looks are independent, those of two epochs are not, so this is an upper bound
of that worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class LabelGuesser:
    """Guesses classes, whatever the clip shows.

    Attributes
    ----------
    prior : ndarray, float64, shape (K,)
        Probability of each class; sums to 1.
    """

    prior: NDArray[np.float64]

    @classmethod
    def from_labels(cls, labels: ArrayLike, *, n_classes: int) -> LabelGuesser:
        """Take the frequencies of training labels, int, shape (n,), 0 to K - 1.

        Raises
        ------
        ValueError
            When there is no label.
        """
        counts = np.bincount(np.asarray(labels, np.int64), minlength=n_classes)
        if not counts.sum():
            raise ValueError("no training label to take frequencies from")
        return cls(counts / counts.sum())

    def guess(self, n_clips: int, rng: np.random.Generator, *, looks: int) -> NDArray[np.int16]:
        """Guess the class of each clip, anew for each look; shape (looks, n_clips)."""
        return rng.choice(len(self.prior), size=(looks, n_clips), p=self.prior).astype(np.int16)
