"""Train a network that scores single frames with Lightning: samples of one fold in, all looks out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch import Tensor

from mezoo.learning.frame_samples import Samples, as_inputs
from mezoo.learning.loop import make_optimiser, run_epochs
from mezoo.learning.randomness import generator
from mezoo.learning.spotting_recipe import FrameScorerRecipe
from mezoo.learning.weights import EpochStore
from mezoo.models.frame_scorer import FrameScorer


class FrameBatches:
    """The batches of each epoch, in an order that depends on the seed and the epoch only.

    Parameters
    ----------
    samples : Samples
    batch_size : int
    seed : int
    """

    def __init__(self, samples: Samples, *, batch_size: int, seed: int) -> None:
        self._parts = [torch.from_numpy(part) for part in (*samples.images, samples.target)]
        self._batch_size, self._seed, self._epoch = batch_size, seed, 0
        self.sampler = self  # Lightning tells the sampler of a loader the epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the samples."""
        self._epoch = epoch

    def __len__(self) -> int:
        return -(-len(self._parts[0]) // self._batch_size)

    def __iter__(self) -> Iterator[list[Tensor]]:
        order = torch.from_numpy(generator(self._seed, self._epoch).permutation(len(self._parts[0])))
        for rows in order.split(self._batch_size):
            yield [part[rows] for part in self._parts]


class FrameModule(pl.LightningModule):
    """The network with the optimiser of its recipe.

    Parameters
    ----------
    network : FrameScorer
    recipe : FrameScorerRecipe
    """

    def __init__(self, network: FrameScorer, recipe: FrameScorerRecipe) -> None:
        super().__init__()
        self.network, self.recipe = network, recipe
        self.epoch_losses: list[Tensor] = []

    def training_step(self, batch: list[Tensor], batch_index: int) -> Tensor:
        """Loss of one batch, as the network defines it."""
        *images, target = batch
        loss = self.network.loss(as_inputs(images), target)
        self.epoch_losses.append(loss.detach().reshape(1))
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Optimiser with one learning rate throughout."""
        settings = self.recipe.optimiser
        return make_optimiser(
            settings, [{"params": [*self.network.parameters()], "weight_decay": settings.weight_decay}]
        )


def train_frames(
    network: FrameScorer,
    samples: Samples,
    recipe: FrameScorerRecipe,
    *,
    seed: int,
    folder: Path,
    accelerator: str,
) -> EpochStore:
    """Train a network; go on where an earlier call in the same folder was stopped.

    Parameters
    ----------
    network : FrameScorer
        Freshly initialised.
    samples : Samples
    recipe : FrameScorerRecipe
    seed : int
        Order of the samples, dropout.
    folder : Path
        Work folder.
    accelerator : {"auto", "cpu", "gpu"}

    Returns
    -------
    EpochStore
        ``weights`` (looks, P) and ``losses`` (epochs, 1).
    """
    return run_epochs(
        FrameModule(network, recipe),
        FrameBatches(samples, batch_size=recipe.batch_size, seed=seed),
        epochs=recipe.epochs,
        look_epochs=recipe.look_epochs,
        n_losses=1,
        seed=seed,
        folder=folder,
        accelerator=accelerator,
    )
