"""Train a recognition network with Lightning on the clips of one fold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch import Tensor

from mezoo.learning.augmentations import augmentation
from mezoo.learning.batches import PreparedClips, Scaler, TrainingBatches
from mezoo.learning.clips import ClipSet
from mezoo.learning.loop import make_optimiser, run_epochs
from mezoo.learning.recogniser_network import build, ragged_inputs
from mezoo.learning.recognition_recipe import NetworkRecipe
from mezoo.learning.weights import EpochStore, Spec, spec_of
from mezoo.models.recogniser import Batch, Recogniser


class RecognitionModule(pl.LightningModule):
    """The network with the optimiser of its recipe.

    Parameters
    ----------
    network : Recogniser
    recipe : NetworkRecipe
    """

    def __init__(self, network: Recogniser, recipe: NetworkRecipe) -> None:
        super().__init__()
        self.network, self.recipe = network, recipe
        self.epoch_losses: list[Tensor] = []

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Loss of one batch, as the network defines it."""
        loss = self.network.loss(batch)
        self.epoch_losses.append(loss.detach().reshape(1))
        return loss

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Move a batch; clips that differ in length are moved one by one."""
        return Batch(
            tuple(
                [one.to(device) for one in part] if isinstance(part, list) else part.to(device)
                for part in batch.inputs
            ),
            batch.target.to(device),
            batch.aus.to(device),
            None if batch.class_weight is None else batch.class_weight.to(device),
        )

    def configure_optimizers(self):
        """Optimiser over the network's groups of parameters; the learning rate follows the schedule per epoch."""
        settings, recipe = self.recipe.optimiser, self.recipe
        groups = [
            {**group, "lr": settings.learning_rate * group.get("lr_scale", 1.0)}
            for group in self.network.parameter_groups(weight_decay=settings.weight_decay)
        ]
        for group in groups:
            group.pop("lr_scale", None)
        optimizer = make_optimiser(settings, groups)
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda epoch: recipe.schedule.at(epoch, recipe.epochs, settings.learning_rate)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": rate, "interval": "epoch"}}


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """One finished training and what it needs to be applied.

    Attributes
    ----------
    scaler : Scaler
    spec : Spec
        Shapes of the weights.
    store : EpochStore
        ``weights`` (looks, P) and ``losses`` (epochs, 1).
    """

    scaler: Scaler
    spec: Spec
    store: EpochStore


def train_network(
    clips: ClipSet,
    recipe: NetworkRecipe,
    *,
    seed: int,
    folder: Path,
    accelerator: str,
    pretrained: Path | None,
) -> TrainedNetwork:
    """Train on all given clips; go on where an earlier call in the same folder was stopped.

    Parameters
    ----------
    clips : ClipSet
        Training clips of the fold.
    recipe : NetworkRecipe
    seed : int
        Initialisation, order of the clips, and every other random number.
    folder : Path
        Work folder.
    accelerator : {"auto", "cpu", "gpu"}
    pretrained : Path, optional
        Weights of the backbone to start from.
    """
    ragged = ragged_inputs(recipe)
    scaler = Scaler.fit(clips, recipe.normalise, ragged)
    prepared = PreparedClips(clips.inputs, clips.clips, scaler, ragged)
    torch.manual_seed(seed)
    network = build(recipe, clips, prepared, pretrained)
    spec = spec_of(network.state_dict())
    batches = TrainingBatches(
        clips,
        prepared,
        batch_size=recipe.batch_size,
        balance=recipe.balance,
        augment=augmentation(recipe.augment),
        seed=seed,
    )
    store = run_epochs(
        RecognitionModule(network, recipe),
        batches,
        epochs=recipe.epochs,
        look_epochs=recipe.look_epochs,
        n_losses=1,
        seed=seed,
        folder=folder,
        accelerator=accelerator,
    )
    return TrainedNetwork(scaler, spec, store)
