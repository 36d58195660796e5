"""AUW-GCN: one graph convolution over 12 face ROIs, then convolutions over time, for spotting in long videos.

Yin, Wu, Xu, Liu, Zhao, Chen, "AU-aware graph convolutional network for macro- and micro-expression
spotting", ICME 2023, arXiv 2303.09114. Numbers follow the official code: one graph layer (a second one and
its dropout are switched off there) and a 1x1 convolution that the paper's figure does not draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mezoo.models.auwgcn_layout import CHANNELS, N_CHANNELS, N_ROIS
from mezoo.models.layers.boundary_head import boundary_head, initialise, renamed, temporal_convolutions
from mezoo.models.registry import register

HIDDEN = 16

# Official parameter name -> ours; longer prefixes first.
_OFFICIAL_NAMES = {
    "graph_embedding.0.gc1.adj": "graph.adjacency",
    "graph_embedding.0.gc1.": "graph.",
    "graph_embedding.0.bn1.": "graph_norm.",
    "_sequential.": "temporal.",
    "_classification.": "head.",
}


class GraphConvolution(nn.Module):
    """Linear map of node features followed by mixing over nodes: ``A (X W) + b`` (Kipf and Welling 2017).

    Parameters
    ----------
    in_features, out_features : int
        Features per node before and after.
    adjacency : Tensor, float32, shape (N, N)
        Row i holds the weights with which node i gathers from all nodes.
    learn_adjacency : bool
        Train the adjacency from this start instead of keeping it fixed.
    """

    adjacency: Tensor

    def __init__(
        self, in_features: int, out_features: int, *, adjacency: Tensor, learn_adjacency: bool = False
    ) -> None:
        super().__init__()
        bound = 1 / math.sqrt(out_features)
        self.weight = nn.Parameter(torch.empty(in_features, out_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))
        if learn_adjacency:
            self.adjacency = nn.Parameter(adjacency)
        else:
            self.register_buffer("adjacency", adjacency)

    def forward(self, nodes: Tensor) -> Tensor:
        """Map (..., N, in_features) to (..., N, out_features)."""
        return self.adjacency @ (nodes @ self.weight) + self.bias


@register(
    "auwgcn",
    task="spotting",
    inputs={"mdmo": ("T", N_ROIS, 2)},
    output=(N_CHANNELS, "T"),
    paper="Yin et al., AU-aware graph convolutional network, ICME 2023, arXiv 2303.09114",
)
class AUWGCN(nn.Module):
    """The network; 39,248 trainable parameters, receptive field of 11 frames.

    Parameters
    ----------
    adjacency : array or None, float32, shape (12, 12)
        Graph over the ROIs (see `mezoo.models.au_graph`); None is the identity: no exchange between ROIs.
    learn_adjacency : bool
        Train the graph, starting from `adjacency` (144 parameters more).

    Raises
    ------
    ValueError
        When `adjacency` is not 12 x 12.
    """

    def __init__(self, *, adjacency: NDArray | None = None, learn_adjacency: bool = False) -> None:
        super().__init__()
        graph = np.eye(N_ROIS) if adjacency is None else np.asarray(adjacency)
        if graph.shape != (N_ROIS, N_ROIS):
            raise ValueError(f"adjacency has shape {graph.shape}, expected {(N_ROIS, N_ROIS)}")
        self.graph = GraphConvolution(
            2, HIDDEN, adjacency=torch.tensor(graph, dtype=torch.float32), learn_adjacency=learn_adjacency
        )
        self.graph_norm = nn.BatchNorm1d(HIDDEN)
        self.temporal = temporal_convolutions(N_ROIS * HIDDEN)
        self.head = boundary_head()
        initialise(self)

    def embed(self, features: Tensor) -> Tensor:
        """Node embedding of every frame: (B, T, 12, 2) -> (B * T, 12, 16)."""
        nodes = self.graph(features.flatten(0, 1))  # (B*T, 12, 16)
        return torch.relu(self.graph_norm(nodes.mT).mT)  # normalised per feature over frames and nodes

    def forward(self, features: Tensor) -> Tensor:
        """Score every frame.

        Parameters
        ----------
        features : Tensor, float32, shape (B, T, 12, 2)
            Normalised MDMO features (dx, dy), any T.

        Returns
        -------
        Tensor, float32, shape (B, 10, T)
            Logits; channels as in `mezoo.models.auwgcn_layout.CHANNELS`.

        Raises
        ------
        ValueError
            When the axes are not (B, T, 12, 2).
        """
        if features.ndim != 4 or features.shape[2:] != (N_ROIS, 2):
            raise ValueError(f"features have shape {tuple(features.shape)}, expected (B, T, {N_ROIS}, 2)")
        batch, frames = features.shape[:2]
        nodes = self.embed(features).reshape(batch, frames, N_ROIS * HIDDEN)  # channel = node * 16 + feature
        return self.head(self.temporal(nodes.mT))  # (B, 10, T)


def probabilities(logits: Tensor) -> Tensor:
    """Turn logits (B, 10, T) into probabilities: softmax over each start/end head, sigmoid elsewhere."""
    result = torch.sigmoid(logits)
    for channels in CHANNELS.values():
        result[:, channels.start_end] = torch.softmax(logits[:, channels.start_end], dim=1)
    return result


def from_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the parameters of an official checkpoint, so that `AUWGCN.load_state_dict` accepts them.

    Raises
    ------
    ValueError
        When a name belongs to no part of the network.
    """
    return renamed(state, _OFFICIAL_NAMES, network="AUW-GCN")
