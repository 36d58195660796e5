"""A network as a recogniser: trained on a fold, frozen with all its looks, and applied."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.learning.batches import Scaler
from mezoo.learning.clips import ClipSet, Inputs
from mezoo.learning.inner_choice import best_look, validation_mask
from mezoo.learning.recogniser_network import FrozenNetwork
from mezoo.learning.recognition_recipe import NetworkRecipe
from mezoo.learning.svm import SVMModel, fit_svm
from mezoo.learning.svm_choice import choose_C
from mezoo.learning.svm_recogniser import read_machine, write_machine


def fit_network(
    writer: ArtifactWriter,
    clips: ClipSet,
    recipe: NetworkRecipe,
    *,
    seed: int,
    folder: Path,
    accelerator: str,
    pretrained: Path | None,
) -> None:
    """Train on all given clips, and once more without the validation subjects to choose ``inner``.

    Parameters
    ----------
    writer : ArtifactWriter
        Gets the weights of every look and the fold's constants.
    clips : ClipSet
        Training clips of the fold.
    recipe : NetworkRecipe
    seed : int
    folder : Path
        Work folder that survives a kill.
    accelerator : {"auto", "cpu", "gpu"}
    pretrained : Path, optional
        Weights of the backbone to start from.
    """
    from mezoo.learning.recogniser_training import (
        TrainedNetwork,
        train_network,
    )  # Lightning is slow to import

    def train(part: ClipSet, name: str) -> TrainedNetwork:
        return train_network(
            part, recipe, seed=seed, folder=folder / name, accelerator=accelerator, pretrained=pretrained
        )

    main = train(clips, "main")
    weights = main.store.read("weights")
    writer.write("weights", weights, axes="(look, parameter)")
    writer.write("losses", main.store.read("losses"), axes="(epoch, (total))")
    for k, (mean, factor) in enumerate(zip(main.scaler.mean, main.scaler.factor, strict=True)):
        writer.write(f"scale/{k}/mean", mean, axes="per channel")
        writer.write(f"scale/{k}/factor", factor, axes="per channel")
    writer.attrs["spec"] = json.dumps(main.spec)
    frozen = FrozenNetwork(recipe, len(clips.classes), main.scaler, main.spec)
    if recipe.svm is not None:
        for row, model in enumerate(_svms(frozen, weights, clips, recipe)):
            write_machine(writer, row, model)
    inner = None
    mask = validation_mask(clips, share=recipe.inner_share, seed=seed)
    if mask is not None:
        rest = train(clips.select(~mask), "inner")
        inner = _choose(
            clips.select(~mask),
            clips.select(mask),
            recipe,
            rest.scaler,
            rest.spec,
            rest.store.read("weights"),
        )
    writer.attrs["inner"] = json.dumps(inner)


def _choose(
    trained: ClipSet, held: ClipSet, recipe: NetworkRecipe, scaler: Scaler, spec, weights
) -> dict[str, object]:
    """Find the look that is best on subjects left out of a second training."""
    frozen = FrozenNetwork(recipe, len(held.classes), scaler, spec)
    svms = list(_svms(frozen, weights, trained, recipe)) if recipe.svm is not None else None
    probabilities = _of_looks(frozen, weights, held.inputs, held.clips, svms)
    row, value = best_look(probabilities, held.target, held.classes)
    logging.getLogger("mezoo").info("inner: epoch %d, UF1 %.3f", recipe.look_epochs[row] + 1, value)
    return {"look": recipe.look_epochs[row], "uf1": value, "subjects": sorted(set(held.persons))}


def _svms(frozen: FrozenNetwork, weights: NDArray[np.float32], clips: ClipSet, recipe: NetworkRecipe):
    """Fit the support vector machine that takes the place of the last layer, for each look.

    Its cost is chosen on inner folds of these clips, which share no subject.
    """
    assert recipe.svm is not None
    prepared = frozen.prepare(clips.inputs, clips.clips)
    settings = recipe.svm.model_dump(exclude={"C", "candidates"})
    n_classes = len(clips.classes)
    for row in weights:
        frozen.load(row)
        x = frozen.features(prepared)
        cost = choose_C(
            x, clips.target, clips.persons, recipe.svm.candidates, n_classes=n_classes, **settings
        )
        yield fit_svm(x, clips.target, n_classes, C=cost, **settings)


def _of_looks(frozen, weights, inputs: Inputs, clips, svms: list[SVMModel] | None) -> NDArray[np.float32]:
    """Probabilities (looks, n, classes) of some clips."""
    prepared = frozen.prepare(inputs, clips)
    found = []
    for k, row in enumerate(weights):
        frozen.load(row)
        found.append(
            svms[k].probabilities(frozen.features(prepared)) if svms else frozen.probabilities(prepared)
        )
    return np.stack(found).astype(np.float32)


class NetworkRecogniser:
    """A frozen network, read from the artifact that `recogniser_fit.fit_recogniser` wrote.

    Attributes
    ----------
    looks : list of int
        Epochs among which the oracle chooses.
    last, inner : int
        The look that is fixed beforehand; the one that validation subjects chose, -1 when there were none.
    """

    def __init__(self, artifact: Artifact, recipe: NetworkRecipe) -> None:
        n_inputs = len(recipe.inputs)
        scaler = Scaler(
            *([artifact[f"scale/{k}/{name}"][()] for k in range(n_inputs)] for name in ("mean", "factor"))
        )
        n_classes = len(json.loads(artifact.attrs["classes"]))
        self._frozen = FrozenNetwork(recipe, n_classes, scaler, json.loads(artifact.attrs["spec"]))
        self._weights = artifact["weights"][:]
        self.looks = recipe.look_epochs
        self.last = self.looks[-1]
        inner = json.loads(artifact.attrs["inner"])
        self.inner = -1 if inner is None else int(inner["look"])
        self._svms: list[SVMModel] | None = None
        if recipe.svm is not None:
            self._svms = [read_machine(artifact, row) for row in range(len(self.looks))]

    def probabilities(self, inputs: Inputs) -> NDArray[np.float32]:
        """Probability of each class for all clips of `inputs` under every look, (looks, n, classes)."""
        return _of_looks(self._frozen, self._weights, inputs, inputs.clips, self._svms)
