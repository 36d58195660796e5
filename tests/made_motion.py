"""Made features of a face, with movements at known times."""

from __future__ import annotations

import numpy as np

from mezoo.learning.videos import FeatureVideo

BROWS, NOSE, MOUTH = slice(0, 6), slice(6, 8), slice(8, 12)


def feature_video(features, fps, valid=None):
    """A video of these features, (T, 12, 2), all of them valid unless told otherwise."""
    n = len(features)
    valid = np.ones(n, bool) if valid is None else valid
    return FeatureVideo(
        "own", "s", "v", features.astype(np.float32), valid, np.arange(n, dtype=np.int32), fps
    )


def bump(n, fps, centre, width, height, regions=slice(None), *, back=False):
    """Motion of some regions, a Gaussian around a time in seconds, in px per second; it may turn back at its centre."""
    time = np.arange(n) / fps
    rows = np.zeros((n, 12, 2))
    rows[:, regions, 0] = (0.01 + height * np.exp(-(((time - centre) / width) ** 2)))[:, None] / fps
    if back:
        rows[time > centre] *= -1
    return rows


def noise(n, size, seed=0):
    """What flow sees on a face that is still: as large in all regions, in px per pair."""
    return np.random.default_rng(seed).normal(0, size, (n, 12, 2))
