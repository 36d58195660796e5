"""The loop of every training: epochs that can be interrupted at any moment, with the same numbers either way.

Two runs with one seed give the same weights on the CPU, also when one of them was killed and resumed, because
the order of the clips and every random number of an epoch depend on the seed and the epoch alone.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from mezoo.atomic import publish
from mezoo.learning.recognition_recipe import Optimiser
from mezoo.learning.weights import EpochStore, flatten, size_of, spec_of
from mezoo.training_state import whole_state

#: The state to resume from is written at most so often: small networks finish many epochs in that time.
_SECONDS_BETWEEN_STATES = 0.5


class Trained(Protocol):
    """What a Lightning module offers to the loop."""

    network: nn.Module
    epoch_losses: list[Tensor]  # of the steps of the running epoch, a row each


def make_optimiser(settings: Optimiser, parameters: Any) -> torch.optim.Optimizer:
    """Make the optimiser of a recipe over parameters, or groups of them."""
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}[settings.name]
    extra = {"momentum": settings.momentum} if settings.name == "sgd" else {}
    return kind(parameters, lr=settings.learning_rate, **extra)


class KeepLooks(pl.Callback):
    """After each epoch its losses become a row, and at a look its weights too; then the state is replaced.

    A kill between the rows and the state repeats epochs, which gives the same rows again.
    """

    def __init__(self, store: EpochStore, looks: Mapping[int, int], resume: Path, *, seed: int) -> None:
        self._store, self._looks, self._resume, self._seed = store, looks, resume, seed
        self._log, self._saved = logging.getLogger("mezoo"), float("-inf")

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Make dropout and the like depend on the epoch only, so that a resumed training repeats them."""
        torch.manual_seed(
            int(np.random.SeedSequence([self._seed, trainer.current_epoch]).generate_state(1)[0])
        )

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Store what the epoch gave."""
        trained = cast(Trained, module)
        losses = torch.stack(trained.epoch_losses).mean(0).cpu().numpy()
        trained.epoch_losses.clear()
        epoch, last = trainer.current_epoch, trainer.current_epoch + 1 == trainer.max_epochs
        self._store.write(epoch, losses=losses)
        if epoch in self._looks:
            self._store.write(self._looks[epoch], weights=flatten(trained.network.state_dict()))
        if last or time.monotonic() - self._saved > _SECONDS_BETWEEN_STATES:
            temporary = self._resume.with_suffix(".part")
            trainer.save_checkpoint(temporary)
            publish(temporary, self._resume)
            self._saved = time.monotonic()
        if last or epoch % max(1, (trainer.max_epochs or 10) // 10) == 0:
            self._log.info("epoch %d of %d: loss %.4f", epoch + 1, trainer.max_epochs, losses[0])


def run_epochs(
    module: pl.LightningModule,
    loader: Iterable[Any],
    *,
    epochs: int,
    look_epochs: Sequence[int],
    n_losses: int,
    seed: int,
    folder: Path,
    accelerator: str,
) -> EpochStore:
    """Train; go on where an earlier call in the same folder was stopped.

    Parameters
    ----------
    module : LightningModule
        A `Trained`.
    loader : iterable of batches
        Gets ``set_epoch`` of its ``sampler`` called by Lightning where it has one.
    epochs : int
    look_epochs : sequence of int
        Epochs (from 0) whose weights are kept.
    n_losses : int
        Numbers in a row of the module's `epoch_losses`.
    seed : int
    folder : Path
        Work folder; holds the rows and the state to resume from.
    accelerator : {"auto", "cpu", "gpu"}

    Returns
    -------
    EpochStore
        ``losses`` (epochs, n_losses) and ``weights`` (looks, P).
    """
    looks = {epoch: row for row, epoch in enumerate(look_epochs)}
    size = size_of(spec_of(cast(Trained, module).network.state_dict()))
    store = EpochStore(folder, {"weights": (len(looks), size), "losses": (epochs, n_losses)})
    resume = folder / "resume.ckpt"
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    trainer = pl.Trainer(
        max_epochs=epochs,
        accelerator=accelerator,
        devices=1,
        callbacks=[KeepLooks(store, looks, resume, seed=seed)],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        deterministic=True,
        num_sanity_val_steps=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning's advice on workers and logging intervals
        known = resume.is_file() and whole_state(resume, weights_only=False) is not None
        if known:
            logging.getLogger("mezoo").info("resuming from the last state")
        trainer.fit(module, loader, ckpt_path=str(resume) if known else None, weights_only=False)
    return store
