"""Spotting without any training: peaks of the motion of 12 face regions, with lengths given in seconds.

The method is that of the recipe ``mdmo_peaks`` (after SOFTNet, Liong et al., ICIP 2021), with two deviations. There
half the mean length of an expression comes from the training subjects; here it is the length that the recipe takes
for subjects without events, as a time. And the threshold lies between mean and maximum by ratio, not by difference:
motions of a face differ by factors, and the recipe's threshold follows the one largest movement of a video closely.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.learning.spotter import Spotter
from mezoo.learning.videos import FeatureVideo
from mezoo.models.mdmo_peaks import motion
from mezoo.models.peak_picking import peaks_from
from mezoo.models.proposals import Proposals

#: Half the length of an expression in seconds: 6 and 18 frames of 30 per second.
HALF_LENGTHS = {"micro": 0.2, "macro": 0.6}
#: Height of the threshold between mean (0) and maximum (1) of the motion, as in the recipe ``mdmo_peaks``, on a
#: logarithmic scale.
THRESHOLD = 0.55


class UntrainedPeaks(Spotter):
    """Peak picker for videos of a given frame rate.

    Parameters
    ----------
    fps : float
        Feature rows per second.
    """

    looks, last, has_inner = [0], 0, False

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self._half = {kind: max(1, round(seconds * fps)) for kind, seconds in HALF_LENGTHS.items()}

    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Pick the peaks of both types."""
        return {
            kind: peaks_from(curve, k=self._half[kind], level=_level(curve))
            for kind, curve in self._motions(video).items()
        }

    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """As `spot`: there is nothing to choose."""
        return self.spot(video, self.last)

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Smoothed motion per type, px per frame pair."""
        return {f"{kind} motion": curve.astype(np.float32) for kind, curve in self._motions(video).items()}

    def levels(self, video: FeatureVideo) -> dict[str, float]:
        """Threshold per type, in the unit of the curves."""
        return {kind: _level(curve) for kind, curve in self._motions(video).items()}

    def _motions(self, video: FeatureVideo) -> dict[str, NDArray[np.float64]]:
        rows = _levelled(video)
        return {kind: motion(rows, window=half) for kind, half in self._half.items()}


def _level(curve: NDArray[np.float64]) -> float:
    """Threshold on a curve: mean * (maximum / mean) ** THRESHOLD; 0 of a face that does not move."""
    return float(curve.mean() ** (1 - THRESHOLD) * curve.max() ** THRESHOLD) if len(curve) else 0.0


def _levelled(video: FeatureVideo) -> NDArray[np.float32]:
    """Features whose invalid rows have the mean motion of the others: neither a peak nor a lower threshold."""
    rows = video.features.copy()
    if video.valid.any():
        rows[~video.valid] = 0
        rows[~video.valid, :, 0] = np.linalg.norm(rows[video.valid], axis=-1).mean()
    return rows
