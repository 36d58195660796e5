"""The source of chance of every training, so that an epoch that is repeated after a kill gives the same numbers."""

from __future__ import annotations

import numpy as np


def generator(seed: int, epoch: int) -> np.random.Generator:
    """Source of chance of one epoch; it depends on the seed and the epoch alone."""
    return np.random.default_rng([seed, epoch])
