"""What every recognition network offers to training and prediction, whatever paper it follows.

A network is a plain `nn.Module`: arrays of a batch in, one logit per class out. Where a paper adds a term to the
loss, needs action units, or builds part of the network from the training subjects (a graph of action
units), it overrides one method here, and nothing else in the package knows about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Action units are stored as a row of so many 0 and 1; the column is the number of the unit in FACS.
N_AUS = 64


@dataclass
class Batch:
    """The clips of one training step.

    Attributes
    ----------
    inputs : tuple
        Arguments of ``forward``: a float32 Tensor (B, ...) each, or a list of B Tensors (T_i, ...) for an input
        whose clips differ in length.
    target : Tensor, int64, shape (B,)
        Class of each clip.
    aus : Tensor, float32, shape (B, N_AUS)
        1 where the action unit of that number is coded.
    class_weight : Tensor, float32, shape (C,), optional
        Weight of each class in the loss.
    """

    inputs: tuple[Tensor | list[Tensor], ...]
    target: Tensor
    aus: Tensor
    class_weight: Tensor | None = None


class Recogniser(nn.Module):
    """Base of the recognition networks.

    Subclasses take ``n_classes`` and options that all have defaults, and define ``forward(*inputs)``, which gives
    logits (B, n_classes).
    """

    @classmethod
    def from_fold(cls, *, aus: Sequence[Sequence[int]], **options: Any) -> Self:
        """Build the network for one fold.

        Parameters
        ----------
        aus : sequence of sequences of int
            Action units of each training clip; a network that builds a graph of them overrides this method. What it
            makes of them must be in its state dict, so that a frozen model needs no training labels.
        **options
            Arguments of the constructor.
        """
        return cls(**options)

    def fit_constants(self, *inputs: Tensor | list[Tensor]) -> None:
        """Compute what the network keeps of the training clips besides its weights; nothing unless the paper does.

        Called once before training, with the inputs of all training clips at once, normalised, as ``forward`` takes
        them: a Tensor (N, ...) each, or a list of N Tensors. What a network makes of them must be buffers, so that
        a frozen model needs no training clips.
        """

    def loss(self, batch: Batch) -> Tensor:
        """Loss of one training step, a scalar: cross entropy of the logits unless the paper adds to it."""
        return F.cross_entropy(self(*batch.inputs), batch.target, weight=batch.class_weight)

    def features(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Vector (B, F) that the last layer reads, for a support vector machine in its place."""
        raise TypeError(f"{type(self).__name__} offers no features")

    def parameter_groups(self, *, weight_decay: float) -> list[dict[str, Any]]:
        """Give groups of parameters for the optimiser: one for all, unless the paper treats some differently.

        A group may hold ``lr_scale``, a factor of the learning rate.
        """
        trained = [parameter for parameter in self.parameters() if parameter.requires_grad]
        return [{"params": trained, "weight_decay": weight_decay}]

    @torch.no_grad()
    def probabilities(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Probability (B, n_classes) of each class in evaluation mode."""
        self.eval()
        return self(*inputs).softmax(dim=1)
