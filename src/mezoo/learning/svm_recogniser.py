"""A support vector machine on vectors as a recogniser; its looks are the costs it may be given."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.inputs.pack import ClipId
from mezoo.learning.clips import ClipSet, Inputs
from mezoo.learning.recogniser_fit import best_look, validation_mask
from mezoo.learning.recognition_recipe import SvmRecipe
from mezoo.learning.svm import SVMModel, fit_svm


def write_machine(writer: ArtifactWriter, look: int, model: SVMModel) -> None:
    """Write the arrays of the machine of one look."""
    for name, array in model.to_arrays().items():
        writer.write(f"svm/{look}/{name}", np.atleast_1d(array), axes="see mezoo.learning.svm")


def read_machine(artifact: Artifact, look: int) -> SVMModel:
    """Read what `write_machine` wrote."""
    place = f"svm/{look}/"
    names = [name for name in artifact.names() if name.startswith(place)]
    return SVMModel.from_arrays({name.removeprefix(place): artifact[name][:] for name in names})


def vectors(inputs: Inputs, clips: list[ClipId]) -> NDArray[np.float32]:
    """Flatten and join the inputs of each clip, shape (n, F)."""
    rows = [np.concatenate([np.ravel(array) for array in inputs.arrays(clip)]) for clip in clips]
    return np.stack(rows).astype(np.float32) if rows else np.zeros((0, 1), np.float32)


def fit_svm_recogniser(writer: ArtifactWriter, clips: ClipSet, recipe: SvmRecipe, *, seed: int) -> None:
    """Fit with every cost, and once more without the validation subjects to choose ``inner``."""
    for row, model in enumerate(_fit_all(clips, recipe)):
        write_machine(writer, row, model)
    mask, inner = validation_mask(clips, share=recipe.inner_share, seed=seed), None
    if mask is not None:
        held = clips.select(mask)
        found = [
            model.probabilities(vectors(held.inputs, held.clips))
            for model in _fit_all(clips.select(~mask), recipe)
        ]
        row, value = best_look(np.stack(found), held.target, held.classes)
        inner = {"look": row, "uf1": value, "subjects": sorted(set(held.persons))}
    writer.attrs["inner"] = json.dumps(inner)


def _fit_all(clips: ClipSet, recipe: SvmRecipe) -> list[SVMModel]:
    x, settings = vectors(clips.inputs, clips.clips), recipe.svm.model_dump(exclude={"C", "candidates"})
    target = clips.target
    return [fit_svm(x, target, len(clips.classes), C=cost, **settings) for cost in recipe.looks_of_c]


class SvmRecogniser:
    """Frozen machines of one fold; attributes as of `network_recogniser.NetworkRecogniser`."""

    def __init__(self, artifact: Artifact, recipe: SvmRecipe) -> None:
        costs = recipe.looks_of_c
        self.looks, self.last = list(range(len(costs))), costs.index(recipe.svm.C)
        inner = json.loads(artifact.attrs["inner"])
        self.inner = -1 if inner is None else int(inner["look"])
        self._models = [read_machine(artifact, row) for row in self.looks]

    def probabilities(self, inputs: Inputs) -> NDArray[np.float32]:
        """Scores of each class for all clips under every cost, (looks, n, classes); they are not calibrated."""
        x = vectors(inputs, inputs.clips)
        return np.stack([model.probabilities(x) for model in self._models]).astype(np.float32)
