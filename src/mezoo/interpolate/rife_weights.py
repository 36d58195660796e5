"""Find out which RIFE a file of weights belongs to, build that network and load it. Imports torch.

Official files are state dicts whose keys begin with ``module.``. The official loaders drop every key without
that prefix and load what fits. Here all keys and shapes have to match (see `mezoo.checkpoint`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mezoo.artifact import digest
from mezoo.checkpoint import fill, read_checkpoint
from mezoo.errors import ConfigError
from mezoo.interpolate.rife_layers import RifeNetwork
from mezoo.interpolate.rife_net import RIFE
from mezoo.interpolate.rife_v1 import RIFEv1
from mezoo.interpolate.rife_v3 import RIFEv3
from mezoo.interpolate.rife_v4 import RIFEv4, v4_layout

State = dict[str, Tensor]
#: Parts that only training used.
_TRAINING = ("block_tea.", "teacher.", "caltime.")
#: Files of the first release, and the names of their networks.
_V1_FILES = {"flownet": "flownet.pkl", "contextnet": "contextnet.pkl", "unet": "unet.pkl"}
_ADVICE = "Give the file of an official release, or one that train_rife wrote"


def load_rife(path: str | Path, *, large: bool = False) -> tuple[RifeNetwork, dict[str, Any]]:
    """Load a network, ready for use.

    Parameters
    ----------
    path : Path
        ``flownet.pkl`` or the folder that holds it (for the first release with ``contextnet.pkl`` and
        ``unet.pkl``), or a file of `mezoo.interpolate.rife_train`.
    large : bool
        The file belongs to the large variant of the paper, whose shapes are those of RIFE.

    Returns
    -------
    RifeNetwork
        In evaluation mode.
    dict
        ``variant`` and ``weights``: digest by file name.

    Raises
    ------
    ConfigError
        The file is absent, no state dict, or belongs to no known network.
    """
    path = Path(path)
    main = path / _V1_FILES["flownet"] if path.is_dir() else path
    state = _read(main)
    files = [main]
    if "block0.res0.fc1.weight" in state:
        files = [main.with_name(name) for name in _V1_FILES.values()]
        parts = {part: _read(file) for part, file in zip(_V1_FILES, files, strict=True)}
        state = {f"{part}.{key}": value for part, values in parts.items() for key, value in values.items()}
    with torch.device("meta"):
        variant, network = _build(state, main, large)
    fill(network, state, what=variant, advice=_ADVICE, file=main)
    return network, {"variant": variant, "weights": {file.name: digest(file) for file in files}}


def _read(path: Path) -> State:
    state = read_checkpoint(path, what="RIFE", advice=_ADVICE)
    return {key: value for key, value in state.items() if not key.startswith(_TRAINING)}


def _build(state: State, file: Path, large: bool) -> tuple[str, RifeNetwork]:
    """Tell the variant by its keys and shapes, in an order in which each test excludes the later ones."""
    if large and "contextnet.conv1.conv1.0.weight" not in state:
        raise ConfigError("large = true", "weights of the paper's network", "Leave it out", file=file)
    if "flownet.block0.res0.fc1.weight" in state:
        return "v1", RIFEv1()
    if "block0.convblock0.0.0.weight" in state:
        return "v3", RIFEv3(state["block0.convblock0.0.0.weight"].shape[0])
    first, refined = state.get("block0.conv0.0.0.weight"), state.get("contextnet.conv1.conv1.0.weight")
    if first is not None and refined is not None and "block2.lastconv.weight" in state:
        any_time = first.shape[1] == 7
        widths = tuple(state[f"block{k}.lastconv.weight"].shape[0] for k in range(3))
        network = RIFE(any_time=any_time, widths=widths, base=refined.shape[0], large=large)
        return ("RIFE-Large" if large else "RIFEm" if any_time else "RIFE"), network
    if first is not None and {"block3.conv0.0.0.weight", "block0.convblock.0.0.weight"} & state.keys():
        layout = v4_layout(state)
        return f"v4 {layout}", RIFEv4(layout)
    raise ConfigError(
        f"weights of no known RIFE (first key {next(iter(state), 'absent')!r})",
        "RIFE, RIFEm, RIFE-Large, or a release 1.x, 3.x or 4.x",
        _ADVICE,
        file=file,
    )
