"""Read the published weights of RetinaFace and SAN. Imports torch.

The official loaders fill what fits, or cut seven letters off every key. Here all keys and shapes have to match. Files
are read with ``weights_only``: no code in them is run.
"""

from __future__ import annotations

import pickle
from argparse import Namespace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from mezoo.errors import ConfigError

Network = TypeVar("Network", bound=nn.Module)


class _TrainingSettings:
    """Stands for the class of SAN's training settings, which its published file names and nothing here needs."""


#: What the published files hold besides tensors.
_HARMLESS: list[Any] = [Namespace, (_TrainingSettings, "models.model_utils.ModelConfig")]


def read_weights(path: Path, name: str) -> dict[str, Tensor]:
    """Read a state dict, bare or under ``state_dict``, with or without ``module.`` before its keys.

    Parameters
    ----------
    path : Path
    name : str
        Of the network, for errors.

    Returns
    -------
    dict of str to Tensor

    Raises
    ------
    ConfigError
        The file is absent or holds anything else.
    """
    advice = f"Give the published file of {name}, as its authors ship it"
    if not path.is_file():
        raise ConfigError(f"no file of {name} weights here", "a file", advice, file=path)
    try:
        with torch.serialization.safe_globals(_HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError):
        content = None
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ConfigError("a file that holds no weights", "a state dict of torch", advice, file=path)
    return {str(key).removeprefix("module."): value for key, value in state.items()}


def filled(network: Network, state: dict[str, Tensor], path: Path) -> Network:
    """Fill a network, made on the device ``meta``, for use.

    Raises
    ------
    ConfigError
        A key or shape does not match. Counts of batches may be absent, as in files of torch before 0.4.1.
    """
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:
        name = type(network).__name__
        raise ConfigError(
            f"weights of {name} that do not match ({str(error).splitlines()[1].strip()[:200]})",
            "all of its keys and shapes",
            f"Give the published file of {name}, as its authors ship it",
            file=path,
        ) from None
    return network.float().eval().requires_grad_(False)
