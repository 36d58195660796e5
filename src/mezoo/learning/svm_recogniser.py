"""A support vector machine on vectors as a recogniser; its looks are the costs and inputs it may be given."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.inputs.pack import ClipId
from mezoo.learning.clips import ClipSet, Inputs
from mezoo.learning.inner_choice import best_look, validation_mask
from mezoo.learning.recognition_recipe import SvmRecipe
from mezoo.learning.svm import SVMModel, fit_svm


def write_machine(writer: ArtifactWriter, look: int, model: SVMModel) -> None:
    """Write the arrays of the machine of one look; a warning where its solver was cut short."""
    if not model.converged:
        logging.getLogger("mezoo").warning(
            "look %d: the support vector machine did not settle within its steps. Expected a cost at which it does. "
            "Take a smaller C, or read its scores with care",
            look,
        )
    for name, array in model.to_arrays().items():
        writer.write(f"svm/{look}/{name}", np.atleast_1d(array), axes="see mezoo.learning.svm")


def read_machine(artifact: Artifact, look: int) -> SVMModel:
    """Read what `write_machine` wrote."""
    place = f"svm/{look}/"
    names = [name for name in artifact.names() if name.startswith(place)]
    return SVMModel.from_arrays({name.removeprefix(place): artifact[name][:] for name in names})


def vectors(inputs: Inputs, clips: list[ClipId], chosen: Sequence[int]) -> NDArray[np.float32]:
    """Flatten and join the chosen inputs of each clip, shape (n, F)."""
    arrays = (inputs.arrays(clip) for clip in clips)
    rows = [np.concatenate([np.ravel(own[k]) for k in chosen]) for own in arrays]
    return np.stack(rows).astype(np.float32) if rows else np.zeros((0, 1), np.float32)


def fit_svm_recogniser(writer: ArtifactWriter, clips: ClipSet, recipe: SvmRecipe, *, seed: int) -> None:
    """Fit with every cost, and once more without the validation subjects to choose ``inner``."""
    for row, model in enumerate(_fit_all(clips, recipe)):
        write_machine(writer, row, model)
    mask, inner = validation_mask(clips, share=recipe.inner_share, seed=seed), None
    if mask is not None:
        held = clips.select(mask)
        machines = _fit_all(clips.select(~mask), recipe)
        found = _probabilities(machines, recipe, held.inputs, held.clips)
        row, value = best_look(found, held.target, held.classes)
        inner = {"look": row, "uf1": value, "subjects": sorted(set(held.persons))}
    writer.attrs["inner"] = json.dumps(inner)


def _fit_all(clips: ClipSet, recipe: SvmRecipe) -> list[SVMModel]:
    """Fit a machine for each look."""
    settings = recipe.svm.model_dump(exclude={"C", "candidates"})
    xs = [vectors(clips.inputs, clips.clips, chosen) for chosen in recipe.variants]
    n_classes = len(clips.classes)
    return [
        fit_svm(xs[variant], clips.target, n_classes, C=cost, **settings) for variant, cost in recipe.looks
    ]


def _probabilities(
    machines: Sequence[SVMModel], recipe: SvmRecipe, inputs: Inputs, clips: list[ClipId]
) -> NDArray[np.float32]:
    """Scores (looks, n, classes) of some clips."""
    xs = [vectors(inputs, clips, chosen) for chosen in recipe.variants]
    found = [model.probabilities(xs[k]) for model, (k, _) in zip(machines, recipe.looks, strict=True)]
    return np.stack(found).astype(np.float32)


class SvmRecogniser:
    """Frozen machines of one fold; attributes as of `network_recogniser.NetworkRecogniser`."""

    def __init__(self, artifact: Artifact, recipe: SvmRecipe) -> None:
        self._recipe = recipe
        self.looks, self.last = list(range(len(recipe.looks))), recipe.last
        inner = json.loads(artifact.attrs["inner"])
        self.inner = -1 if inner is None else int(inner["look"])
        self._models = [read_machine(artifact, row) for row in self.looks]

    def probabilities(self, inputs: Inputs) -> NDArray[np.float32]:
        """Scores of each class for all clips under every look, (looks, n, classes); they are not calibrated."""
        return _probabilities(self._models, self._recipe, inputs, inputs.clips)
