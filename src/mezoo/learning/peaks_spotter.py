"""The peak-picking baseline as a spotter: only lengths are taken from the training subjects."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.recipe import PeaksRecipe
from mezoo.learning.spotter import Spotter, choose
from mezoo.learning.videos import FeatureVideo, LabelledVideo
from mezoo.models.mdmo_peaks import half_mean_length, motion, spot_peaks
from mezoo.models.proposals import Proposals

#: Half lengths used when the training subjects have no event of a type, in rows.
_DEFAULT_HALF_LENGTH = {"micro": 6, "macro": 18}


def fit_peaks(writer: ArtifactWriter, videos: Sequence[LabelledVideo], recipe: PeaksRecipe) -> None:
    """Store half the mean length per type, and the threshold that is best on the training subjects."""
    half = {kind: _half_length(videos, kind) for kind in TYPES}
    threshold, f1 = choose(videos, recipe.thresholds, lambda video, p: _spot(video, half=half, threshold=p))
    writer.attrs["half_lengths"] = json.dumps(half)
    writer.attrs["inner"] = json.dumps({"threshold": threshold, "f1": f1})


def _half_length(videos: Sequence[LabelledVideo], kind: str) -> int:
    pairs = [
        (onset, offset)
        for video in videos
        for onset, offset, own in zip(video.onset, video.offset, video.kind, strict=True)
        if own == kind and not np.isnan(offset)
    ]
    return half_mean_length(*np.array(pairs).T) if pairs else _DEFAULT_HALF_LENGTH[kind]


def _spot(video: FeatureVideo, *, half: dict[str, int], threshold: float) -> dict[str, Proposals]:
    return {kind: spot_peaks(video.features, k=half[kind], p=threshold) for kind in TYPES}


class PeaksSpotter(Spotter):
    """Frozen peak picker; its looks are the thresholds of the recipe."""

    def __init__(self, artifact: Artifact) -> None:
        self._recipe = PeaksRecipe(**json.loads(artifact.attrs["recipe"]))
        self._half = json.loads(artifact.attrs["half_lengths"])
        self._inner = json.loads(artifact.attrs["inner"])["threshold"]
        self._thresholds = [*self._recipe.thresholds]
        if self._recipe.threshold not in self._thresholds:
            self._thresholds.append(self._recipe.threshold)
        self.looks = list(range(len(self._thresholds)))
        self.last = self._thresholds.index(self._recipe.threshold)
        self.has_inner = True
        self.fps = float(artifact.attrs["fps"])

    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Pick peaks above the threshold of this look."""
        return _spot(video, half=self._half, threshold=self._thresholds[look])

    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """Pick peaks above the threshold that is best on the training subjects."""
        return _spot(video, half=self._half, threshold=self._inner)

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Smoothed motion per type, px per frame pair."""
        return {
            f"{kind} motion": motion(video.features, window=self._half[kind]).astype(np.float32)
            for kind in TYPES
        }
