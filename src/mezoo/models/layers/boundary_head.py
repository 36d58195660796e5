"""Convolutions over time that turn a row of features into start, apex, end and action of both types.

Of ABPN (Leng et al., ACM MM 2022), taken over unchanged by AUW-GCN (Yin et al., ICME 2023); sizes and the
initialisation follow the official code of either.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from mezoo.models.auwgcn_layout import N_CHANNELS

WIDTH = 64


def temporal_convolutions(n_inputs: int) -> nn.Sequential:
    """Three convolutions (B, n_inputs, T) -> (B, 64, T), each with batch normalisation and ReLU."""
    layers: list[nn.Module] = []
    for inputs, kernel, dilation in ((n_inputs, 1, 1), (WIDTH, 3, 1), (WIDTH, 3, 2)):
        padding = dilation * (kernel // 2)
        layers.append(nn.Conv1d(inputs, WIDTH, kernel, padding=padding, dilation=dilation, bias=False))
        layers += [nn.BatchNorm1d(WIDTH), nn.ReLU()]
    return nn.Sequential(*layers)


def boundary_head() -> nn.Conv1d:
    """Last convolution, (B, 64, T) -> logits (B, 10, T)."""
    return nn.Conv1d(WIDTH, N_CHANNELS, 3, padding=2, dilation=2, bias=False)


def initialise(network: nn.Module) -> None:
    """Draw the weights of all convolutions over time anew (He, normal), in the order of the modules."""
    for module in network.modules():
        if isinstance(module, nn.Conv1d):
            nn.init.kaiming_normal_(module.weight)


def renamed(state: Mapping[str, Tensor], prefixes: Mapping[str, str], *, network: str) -> dict[str, Tensor]:
    """Replace the official prefix of each name of a checkpoint by ours.

    Parameters
    ----------
    state : mapping of str to Tensor
    prefixes : mapping of str to str
        Official -> ours; the first that fits counts, so longer ones come first.
    network : str
        Named in the error.

    Raises
    ------
    ValueError
        When a name belongs to no part of the network.
    """
    result = {}
    for name, value in state.items():
        prefix = next((prefix for prefix in prefixes if name.startswith(prefix)), None)
        if prefix is None:
            raise ValueError(f"{name!r} is no parameter of the official {network}")
        result[prefixes[prefix] + name.removeprefix(prefix)] = value
    return result
