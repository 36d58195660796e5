"""The loop of epochs: a state is gone on from, and a torn one is told and begun anew."""

from __future__ import annotations

import logging
from typing import cast

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from mezoo.learning.loop import run_epochs


class Line(pl.LightningModule):
    """Fits y = 2 x."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = nn.Linear(1, 1)
        self.epoch_losses: list[torch.Tensor] = []

    def training_step(self, batch, batch_index):
        loss = (self.network(batch) - 2 * batch).square().mean()
        self.epoch_losses.append(loss.detach().reshape(1))
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.network.parameters(), lr=0.1)


def trained(folder, epochs=6):
    folder.mkdir(exist_ok=True)
    batches = DataLoader(cast(Dataset, torch.linspace(-1, 1, 8)[:, None]), batch_size=8)
    return run_epochs(
        Line(),
        batches,
        epochs=epochs,
        look_epochs=[epochs - 1],
        n_losses=1,
        seed=0,
        folder=folder,
        accelerator="cpu",
    )


@pytest.mark.parametrize("content", [b"", b"torn", None])
def test_a_torn_state_is_begun_anew(tmp_path, caplog, content):
    whole = trained(tmp_path / "whole").read("losses")
    trained(tmp_path / "torn", epochs=3)
    state = tmp_path / "torn/resume.ckpt"
    state.write_bytes(content if content is not None else state.read_bytes()[:-200])
    with caplog.at_level(logging.INFO, "mezoo"):
        again = trained(tmp_path / "torn").read("losses")
    assert "begins anew" in caplog.text and "resuming" not in caplog.text
    assert np.array_equal(again, whole)


def test_a_whole_state_is_gone_on_from(tmp_path, caplog):
    trained(tmp_path)
    with caplog.at_level(logging.INFO, "mezoo"):
        trained(tmp_path)
    assert "resuming" in caplog.text
