"""Weights of a network trained on other data: their file, and how another network takes them over.

Nothing is downloaded. A file is a ``pretrained`` artifact of `mezoo.learning.pretrain`, or a PyTorch state dict under
our names or those of the published net, read with ``weights_only``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.checkpoint import read_checkpoint
from mezoo.errors import ConfigError
from mezoo.stage import check_stage

#: Modules that map to classes; a file of ours names its own.
_HEADS = ("classifier.", "fc.")
_ADVICE = "Give a pretrained artifact, or the state dict alone of a PyTorch network"


def write_pretrained(writer: ArtifactWriter, state: Mapping[str, Tensor], *, head: Sequence[str]) -> None:
    """Write a state dict: a dataset per tensor under its name, and the attribute ``head`` (JSON).

    Counters of batch normalisation are left out: a fine-tuned network counts its own.

    Parameters
    ----------
    writer : ArtifactWriter
    state : mapping of str to Tensor
    head : sequence of str
        Names of the tensors whose size depends on the number of classes.
    """
    for name, value in state.items():
        if value.ndim:
            writer.write(name, value.detach().cpu().numpy(), axes="as PyTorch orders them")
    writer.attrs["head"] = list(head)


def load_pretrained(network: nn.Module, path: str | Path) -> list[str]:
    """Copy what fits from a file of weights: tensors of the same name and shape, but for the classifier.

    A first convolution for red, green and blue becomes one for grey (`grey_first_layer`).

    Parameters
    ----------
    network : nn.Module
        Changed in place. Where it has ``load_official``, names of the published net are understood too.
    path : Path
        ``.h5`` artifact of the stage ``pretrained``, or a PyTorch file: a state dict, bare or under ``state_dict``.

    Returns
    -------
    list of str
        Names of the network's tensors that kept their values, the classifier's among them.

    Raises
    ------
    ConfigError
        The file is absent or unreadable, or nothing in it fits.
    """
    path = Path(path)
    state, head = read_weights(path)
    rename = getattr(network, "load_official", None)
    state = rename(state) if rename else state
    own = network.state_dict()
    taken = {}
    for name, value in own.items():
        given = state.get(name)
        if given is None or name in head or name.startswith(_HEADS) or not value.ndim:
            continue
        if given.ndim == 4 and given.shape[1] == 3 and value.shape[1] == 1:
            given = grey_first_layer(given)
        if given.shape == value.shape:
            taken[name] = given
    if not taken:
        raise ConfigError(
            f"none of {len(state)} tensors fits the network",
            f"tensors such as {next(iter(own))} in its shapes",
            "Give weights of the same backbone, of the same width",
            file=path,
        )
    network.load_state_dict(taken, strict=False)
    return [name for name, value in own.items() if name not in taken and value.ndim]


def grey_first_layer(weight: Tensor) -> Tensor:
    """Turn the first convolution of a colour network into one for grey images.

    The sum over red, green and blue: a grey image in all three channels gives the same. How the authors did it is not
    known; the scale of the grey levels (``data_bn``) has to be learned anew.

    Parameters
    ----------
    weight : Tensor, shape (C, 3, h, w)

    Returns
    -------
    Tensor, shape (C, 1, h, w)
    """
    return weight.sum(dim=1, keepdim=True)


def read_weights(path: str | Path) -> tuple[dict[str, Tensor], list[str]]:
    """Read a file of weights; see `load_pretrained`.

    Returns
    -------
    state : dict of str to Tensor
    head : list of str
        Names of the classifier's tensors; empty where the file does not tell.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(
            "the pretrained weights are absent", "a file", "Correct the path, or train them", file=path
        )
    if path.suffix == ".h5":
        with Artifact(path) as artifact:
            check_stage(
                artifact, "pretrained", expected="pretrained weights", todo="Give the file that was trained"
            )
            state = {name: torch.from_numpy(artifact[name][:]) for name in artifact.names()}
            return state, json.loads(artifact.attrs["head"])
    state = read_checkpoint(path, what="pretrained", advice=_ADVICE)
    return {name: value.float() for name, value in state.items()}, []
