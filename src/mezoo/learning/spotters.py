"""The table of spotters: which file trains the model that a recipe names, and which class it becomes.

Only the file of the model at hand is imported: training-free methods need no torch.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from typing import NamedTuple, cast

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.learning.recipe import for_spotting, parse_recipe
from mezoo.learning.spotter import FitJob, Spotter
from mezoo.learning.spotting_recipe import SpottingRecipe
from mezoo.learning.videos import LabelledVideo


class _Home(NamedTuple):
    module: str  # of this package
    fit: str  # (writer, videos, recipe, job) -> None
    spotter: str  # class built from (artifact, recipe)


_NETWORK = _Home("network_spotter", "fit_network", "NetworkSpotter")
_FRAMES = _Home("frame_spotter", "fit_frames", "FrameSpotter")
_RULE = _Home("rule_spotter", "fit_rule", "RuleSpotter")

#: Value of ``model`` in a recipe -> where the method lives.
SPOTTERS = {
    "auwgcn": _NETWORK,
    "abpn": _NETWORK,
    "softnet": _FRAMES,
    "mean": _FRAMES,
    "mtsn": _FRAMES,
    "smeconvnet": _FRAMES,
    "mdmo_peaks": _RULE,
    "frame_difference": _RULE,
    "divide_and_conquer": _RULE,
    "mdmd": _RULE,
}


def fit_spotter(
    writer: ArtifactWriter, videos: Sequence[LabelledVideo], recipe: SpottingRecipe, job: FitJob
) -> None:
    """Train the model of a recipe and write what its `Spotter` needs."""
    home = SPOTTERS[recipe.model]
    getattr(_module(home), home.fit)(writer, videos, recipe, job)


def load_spotter(artifact: Artifact) -> Spotter:
    """Rebuild the spotter that an artifact of the stage ``fit`` holds."""
    recipe = for_spotting(parse_recipe(json.loads(artifact.attrs["recipe"])))
    home = SPOTTERS[recipe.model]
    return cast(Spotter, getattr(_module(home), home.spotter)(artifact, recipe))


def _module(home: _Home):
    return importlib.import_module(f"mezoo.learning.{home.module}")
