"""Training-free methods as spotters: a rule with a threshold; at most lengths come from the training subjects."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.spotter import FitJob, Spotter, choose, half_lengths
from mezoo.learning.spotting_recipe import MdmdRecipe, PeaksRecipe
from mezoo.learning.videos import FeatureVideo, LabelledVideo
from mezoo.models import mdmd
from mezoo.models.apex_search import spot_windows
from mezoo.models.frame_difference import difference, spot_differences
from mezoo.models.mdmo_peaks import motion, spot_peaks
from mezoo.models.proposals import Proposals


class PeakMethod(NamedTuple):
    """A method whose only length is half that of an expression, `k`: its intervals and the curve behind them."""

    spot: Callable[..., Proposals]
    curve: Callable[[NDArray[np.float32], int], NDArray[np.float64]]
    curve_name: str


def _difference(mdmo: NDArray[np.float32], k: int) -> NDArray[np.float64]:
    return difference(mdmo, k=k)


PEAK_METHODS = {
    "mdmo_peaks": PeakMethod(spot_peaks, lambda mdmo, k: motion(mdmo, window=k), "motion"),
    "frame_difference": PeakMethod(spot_differences, _difference, "feature difference"),
    "divide_and_conquer": PeakMethod(spot_windows, _difference, "feature difference"),
}


class Rule(ABC):
    """How one recipe spots a video at a threshold."""

    @abstractmethod
    def spot(self, video: FeatureVideo, threshold: float) -> dict[str, Proposals]:
        """Find intervals per type; positions are rows of the feature array."""

    @abstractmethod
    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Give the curve of each type to which the threshold is applied."""

    def facts(self) -> dict[str, Any]:
        """Give what was taken from the training subjects, by the name under which the artifact keeps it."""
        return {}


class PeakRule(Rule):
    """One of `PEAK_METHODS` with the half lengths of the training subjects."""

    def __init__(self, recipe: PeaksRecipe, half_lengths: Mapping[str, int]) -> None:
        self._method, self._half = PEAK_METHODS[recipe.model], dict(half_lengths)

    def spot(self, video: FeatureVideo, threshold: float) -> dict[str, Proposals]:
        """Intervals around the peaks of the method's curve."""
        return {kind: self._method.spot(video.features, k=self._half[kind], p=threshold) for kind in TYPES}

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Give the method's curve per type, in pixels."""
        return {
            f"{kind} {self._method.curve_name}": self._method.curve(video.features, self._half[kind]).astype(
                np.float32
            )
            for kind in TYPES
        }

    def facts(self) -> dict[str, Any]:
        """Half the mean length of either type, in rows."""
        return {"half_lengths": self._half}


class MdmdRule(Rule):
    """MDMD; its lengths are seconds of the recipe, turned into rows of the video at hand."""

    def __init__(self, recipe: MdmdRecipe) -> None:
        self._recipe = recipe

    def _span(self, kind: str, fps: float) -> mdmd.Span:
        k = max(2, round(getattr(self._recipe.k_seconds, kind) * fps))
        shortest, longest = (max(1, round(seconds * fps)) for seconds in self._recipe.micro_seconds)
        if kind == "micro":
            return mdmd.Span(k, shortest, longest)
        return mdmd.Span(k, longest + 1, np.iinfo(np.int64).max)

    def spot(self, video: FeatureVideo, threshold: float) -> dict[str, Proposals]:
        """Find runs of rows above the threshold."""
        return {
            kind: mdmd.spot_mdmd(video.features, span=self._span(kind, video.fps), p=threshold)
            for kind in TYPES
        }

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Give the relative difference per type in pixels, 0 where it is not defined."""
        curves = {}
        for kind in TYPES:
            k = mdmd.shortened(self._span(kind, video.fps).k, len(video.features))
            values = mdmd.curve(video.features, k=k)
            curves[f"{kind} MDMD"] = np.where(np.isfinite(values), values, 0).astype(np.float32)
        return curves


def fit_rule(
    writer: ArtifactWriter,
    videos: Sequence[LabelledVideo],
    recipe: MdmdRecipe | PeaksRecipe,
    job: FitJob,
) -> None:
    """Store what the rule takes from the training subjects, and the threshold that is best on them."""
    if isinstance(recipe, MdmdRecipe):
        rule: Rule = MdmdRule(recipe)
    else:
        rule = PeakRule(recipe, half_lengths(videos))
    threshold, f1 = choose(videos, recipe.thresholds, rule.spot)
    for name, value in rule.facts().items():
        writer.attrs[name] = json.dumps(value)
    writer.attrs["inner"] = json.dumps({"threshold": threshold, "f1": f1})


class RuleSpotter(Spotter):
    """Frozen rule; its looks are the thresholds of the recipe."""

    def __init__(self, artifact: Artifact, recipe: MdmdRecipe | PeaksRecipe) -> None:
        if isinstance(recipe, MdmdRecipe):
            self._rule: Rule = MdmdRule(recipe)
        else:
            self._rule = PeakRule(recipe, json.loads(artifact.attrs["half_lengths"]))
        self._inner = json.loads(artifact.attrs["inner"])["threshold"]
        self._thresholds = [*recipe.thresholds]
        if recipe.threshold not in self._thresholds:
            self._thresholds.append(recipe.threshold)
        self.looks = list(range(len(self._thresholds)))
        self.last = self._thresholds.index(recipe.threshold)
        self.has_inner = True
        self.fps = float(artifact.attrs["fps"])

    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Apply the rule with the threshold of this look."""
        return self._rule.spot(video, self._thresholds[look])

    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """Apply the rule with the threshold that is best on the training subjects."""
        return self._rule.spot(video, self._inner)

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Give the curves that the thresholds cut, per type."""
        return self._rule.curves(video)
