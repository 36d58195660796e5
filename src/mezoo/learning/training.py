"""Train AUW-GCN or ABPN with Lightning: every epoch kept, resumed after a kill, the same numbers either way.

Optimisation follows Yin et al., ICME 2023, and its official code, which took it over from ABPN: AdamW with
decay on weights only, exponential learning rate, shuffled clips.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Sampler, TensorDataset

from mezoo.learning.loop import run_epochs
from mezoo.learning.randomness import generator
from mezoo.learning.spotting_recipe import SpottingNetworkRecipe
from mezoo.learning.weights import EpochStore
from mezoo.models.abpn import ABPN
from mezoo.models.auwgcn_layout import CONTEXT
from mezoo.models.auwgcn_losses import LOSSES, loss_terms, total_loss
from mezoo.models.auwgcn_targets import Targets


class EpochSampler(Sampler[int]):
    """Shuffle so that the order depends on the seed and the epoch only."""

    def __init__(self, n_items: int, *, seed: int) -> None:
        self._n_items, self._seed, self._epoch = n_items, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order; Lightning calls this at the start of each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._n_items

    def __iter__(self) -> Iterator[int]:
        return iter(generator(self._seed, self._epoch).permutation(self._n_items).tolist())


class SpottingModule(pl.LightningModule):
    """The network with its loss and optimiser.

    Parameters
    ----------
    network : nn.Module
        (B, T, 12, 2) -> (B, 10, T).
    recipe : SpottingNetworkRecipe
    macro_weight : float
        Weight of the macro terms.
    """

    def __init__(self, network: nn.Module, recipe: SpottingNetworkRecipe, *, macro_weight: float) -> None:
        super().__init__()
        self.network, self.recipe, self.macro_weight = network, recipe, macro_weight
        self.epoch_losses: list[Tensor] = []

    def training_step(self, batch: list[Tensor], batch_index: int) -> Tensor:
        """Loss of one batch of clips; the context frames have no targets."""
        features, start_end, apex, action = batch
        logits = self.network(features)[..., CONTEXT:-CONTEXT]
        terms = loss_terms(logits, start_end=start_end, apex=apex, action=action)
        loss = total_loss(terms, macro_weight=self.macro_weight)
        self.epoch_losses.append(torch.stack([loss, *(terms[name] for name in LOSSES[1:])]).detach())
        return loss

    def on_train_batch_end(self, outputs: object, batch: object, batch_index: int) -> None:
        """Change what the optimiser of ABPN does not know (see `mezoo.models.abpn`)."""
        if isinstance(self.network, ABPN):
            self.network.step_roi_weights(
                learning_rate=self.recipe.learning_rate, decay=self.recipe.weight_decay
            )

    def configure_optimizers(self):
        """AdamW without decay on biases and batch normalisation; learning rate decays per epoch."""
        decayed = {
            f"{name}.weight"
            for name, module in self.named_modules()
            if not isinstance(module, nn.BatchNorm1d) and hasattr(module, "weight")
        }
        named = list(self.named_parameters())
        groups = [
            {
                "params": [value for name, value in named if name in decayed],
                "weight_decay": self.recipe.weight_decay,
            },
            {"params": [value for name, value in named if name not in decayed], "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=self.recipe.learning_rate)
        decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, self.recipe.learning_rate_decay)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": decay, "interval": "epoch"}}


def train(
    network: nn.Module,
    features: NDArray[np.float32],
    targets: Targets,
    recipe: SpottingNetworkRecipe,
    *,
    macro_weight: float,
    seed: int,
    folder: Path,
    accelerator: str,
) -> EpochStore:
    """Train a network; go on where an earlier call in the same folder was stopped.

    Parameters
    ----------
    network : nn.Module
        Freshly initialised.
    features : ndarray, float32, shape (n, 270, 12, 2)
        Normalised clips with context.
    targets : Targets
        Of the same clips.
    recipe : SpottingNetworkRecipe
    macro_weight : float
    seed : int
        Order of the clips.
    folder : Path
        Work folder; holds the rows and the state to resume from.
    accelerator : {"auto", "cpu", "gpu"}

    Returns
    -------
    EpochStore
        ``weights`` (epochs, P) and ``losses`` (epochs, 7; `LOSSES`).
    """
    dataset = TensorDataset(torch.from_numpy(features), *(torch.from_numpy(part) for part in targets))
    loader = DataLoader(
        dataset,
        sampler=EpochSampler(len(dataset), seed=seed),
        batch_size=_batch_size(len(dataset), recipe.batch_size),
    )
    return run_epochs(
        SpottingModule(network, recipe, macro_weight=macro_weight),
        loader,
        epochs=recipe.epochs,
        look_epochs=range(recipe.epochs),
        n_losses=len(LOSSES),
        seed=seed,
        folder=folder,
        accelerator=accelerator,
    )


def _batch_size(n_clips: int, batch_size: int) -> int:
    """Avoid a last batch of one clip: it would make the statistics of that step meaningless."""
    return batch_size + 1 if n_clips % batch_size == 1 else batch_size
