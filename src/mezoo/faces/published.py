"""Read the published weights of RetinaFace and SAN. Imports torch.

The official loaders fill what fits, or cut seven letters off every key. Here all keys and shapes have to match (see
`mezoo.checkpoint`).
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from torch import Tensor

from mezoo.checkpoint import Network, fill, read_checkpoint


class _TrainingSettings:
    """Stands for the class of SAN's training settings, which its published file names and nothing here needs."""


#: What the published files hold besides tensors.
_HARMLESS: list[Any] = [Namespace, (_TrainingSettings, "models.model_utils.ModelConfig")]
_ADVICE = "Give the published file of {}, as its authors ship it"


def read_weights(path: Path, name: str) -> dict[str, Tensor]:
    """Read the state dict of a published file; `name` is that of the network, for errors (see `read_checkpoint`)."""
    return read_checkpoint(path, what=name, advice=_ADVICE.format(name), harmless=_HARMLESS)


def filled(network: Network, state: dict[str, Tensor], path: Path) -> Network:
    """Fill a network, made on the device ``meta``, for use (see `mezoo.checkpoint.fill`)."""
    name = type(network).__name__
    return fill(network, state, what=name, advice=_ADVICE.format(name), file=path)
