"""A recipe's network: built for one fold, or rebuilt from a frozen model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from mezoo.inputs import request
from mezoo.inputs.pack import ClipId
from mezoo.learning.batches import PreparedClips, Scaler
from mezoo.learning.clips import ClipSet, Inputs
from mezoo.learning.recognition_recipe import NetworkRecipe
from mezoo.learning.weights import Spec, unflatten
from mezoo.models import create
from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import constructor

#: Clips that go through the network at once when nothing is trained.
_AT_ONCE = 16


def ragged_inputs(recipe: NetworkRecipe) -> list[bool]:
    """Whether the clips of each input differ in length."""
    return [request(name).ragged for name in recipe.inputs]


def build(
    recipe: NetworkRecipe, clips: ClipSet, prepared: PreparedClips, pretrained: Path | None
) -> Recogniser:
    """Build the network of a fold from its training clips, and load the weights it starts from."""
    kind = cast(type[Recogniser], constructor(recipe.model))
    network = kind.from_fold(aus=clips.aus, n_classes=len(clips.classes), **recipe.options)
    if pretrained is not None:
        from mezoo.learning.pretrained import load_pretrained

        load_pretrained(network, pretrained)
    if kind.fit_constants is not Recogniser.fit_constants:  # all clips at once may be much
        network.fit_constants(*prepared.batch(np.arange(len(prepared))))
    return network


class FrozenNetwork:
    """A network with the weights of any of its looks.

    Parameters
    ----------
    recipe : NetworkRecipe
    n_classes : int
    scaler : Scaler
        Of its training.
    spec : Spec
        Shapes of its weights.
    """

    def __init__(self, recipe: NetworkRecipe, n_classes: int, scaler: Scaler, spec: Spec) -> None:
        self._network = cast(Recogniser, create(recipe.model, n_classes=n_classes, **recipe.options))
        self._network.eval()
        self._scaler, self._spec, self._ragged = scaler, spec, ragged_inputs(recipe)

    def load(self, row: NDArray[np.float32]) -> None:
        """Take the weights of one look."""
        self._network.load_state_dict(unflatten(row, self._spec))
        self._network.eval()

    def prepare(self, inputs: Inputs, clips: Sequence[ClipId]) -> PreparedClips:
        """Normalise clips for this network."""
        return PreparedClips(inputs, clips, self._scaler, self._ragged)

    @torch.inference_mode()
    def probabilities(self, clips: PreparedClips) -> NDArray[np.float32]:
        """Probability (n, classes) of each clip."""
        return self._over(clips, lambda *inputs: self._network(*inputs).softmax(dim=1))

    @torch.inference_mode()
    def features(self, clips: PreparedClips) -> NDArray[np.float32]:
        """Vector (n, F) of each clip that the last layer reads."""
        return self._over(clips, self._network.features)

    def _over(self, clips: PreparedClips, function) -> NDArray[np.float32]:
        rows = np.arange(len(clips))
        parts = [
            function(*clips.batch(rows[k : k + _AT_ONCE])).numpy() for k in range(0, len(rows), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
