"""MER-GCN: 3-D convolutions find action units, a graph relates them, and the expression is read off the graph.

Lo, Xie, Shuai, Cheng, "MER-GCN: micro-expression recognition based on relation modeling with graph convolutional
networks", MIPR 2020, arXiv 2004.08915. **Our reading**: there is no published code. Stated in the abstract are 3-D
convolutional features of action units, graph layers over nodes that are action units, and training from end to end. All
else is ours: sizes, the action units, the graph (`mergcn_graph`), the gate of each node by the probability of its unit,
and the loss, cross entropy of the expression plus binary cross entropy of the action units. Numbers of this network
are not numbers of the paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.models.fgrmer_graph import AUS
from mezoo.models.layers.graph import GraphLayer
from mezoo.models.mergcn_graph import THRESHOLD, binary_adjacency
from mezoo.models.recogniser import Batch, Recogniser
from mezoo.models.registry import register

#: The face keeps so many rows and columns of places, because an action unit has its place.
GRID = 4


@register(
    "mergcn",
    task="recognition",
    inputs={"clip_frames-16-112": (1, 16, 112, 112)},
    output=(3,),
    paper="Lo et al., MER-GCN, MIPR 2020, arXiv 2004.08915 (our reading)",
    small={"width": 4, "node_features": 8},
    small_inputs={"clip_frames-8-48": (1, 8, 48, 48)},
)
class MERGCN(Recogniser):
    """The network; 884,540 trainable parameters with 3 classes.

    Parameters
    ----------
    n_classes : int
    aus : iterable of sequences of int
        Action units of each training clip, of which the graph is counted; none gives a graph without links, to be
        filled from a state dict.
    threshold : float
        See `mergcn_graph.binary_adjacency`.
    au_weight : float
        Weight of the action units in the loss.
    dropout : float
        Before the last layer.
    width : int
        Channels after the first convolution; each of the three others doubles them.
    node_features : int
        Features of each node of the graph.
    """

    links: Tensor

    def __init__(
        self,
        *,
        n_classes: int = 3,
        aus: Iterable[Sequence[int]] = (),
        threshold: float = THRESHOLD,
        au_weight: float = 1.0,
        dropout: float = 0.5,
        width: int = 16,
        node_features: int = 32,
    ) -> None:
        super().__init__()
        self._au_weight = au_weight
        widths = [width * 2**k for k in range(4)]
        blocks = [_block(1, width, stride=(1, 2, 2))]
        blocks += [_block(before, after, stride=(2, 2, 2)) for before, after in pairwise(widths)]
        self.backbone = nn.Sequential(*blocks, nn.AdaptiveAvgPool3d((1, GRID, GRID)), nn.Flatten())
        self.nodes = nn.Linear(widths[-1] * GRID**2, len(AUS) * node_features)
        self.au_weights = nn.Parameter(torch.empty(len(AUS), node_features))
        nn.init.kaiming_uniform_(self.au_weights, nonlinearity="linear")
        self.au_bias = nn.Parameter(torch.zeros(len(AUS)))
        self.register_buffer("links", torch.from_numpy(binary_adjacency(aus, threshold=threshold)))
        self.graph = nn.ModuleList([GraphLayer(node_features, node_features) for _ in range(2)])
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(len(AUS) * node_features, n_classes)

    @classmethod
    def from_fold(cls, *, aus: Sequence[Sequence[int]], **options: Any) -> Self:
        """Build the network with the graph of the training clips; `links` of its state dict holds it."""
        return cls(aus=aus, **options)

    def units(self, clips: Tensor | list[Tensor]) -> tuple[Tensor, Tensor]:
        """Find action units.

        Parameters
        ----------
        clips : Tensor, float32, shape (B, 1, T, H, W)

        Returns
        -------
        nodes : Tensor, float32, shape (B, 9, F)
            Features of each action unit.
        logits : Tensor, float32, shape (B, 9)
            Whether it is shown.

        Raises
        ------
        ValueError
            Other axes.
        """
        if isinstance(clips, list) or clips.ndim != 5 or clips.shape[1] != 1:
            raise ValueError("clips are no Tensor (B, 1, T, H, W)")
        nodes = self.nodes(self.backbone(clips)).unflatten(1, self.au_weights.shape).relu()
        return nodes, (nodes * self.au_weights).sum(dim=-1) + self.au_bias

    def related(self, nodes: Tensor, logits: Tensor) -> Tensor:
        """Let action units exchange along the graph, each as far as it is shown: (B, 9 F)."""
        nodes = nodes * logits.sigmoid()[..., None]
        for layer in self.graph:
            nodes = F.leaky_relu(layer(nodes, self.links), 0.2)
        return nodes.flatten(1)

    def features(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Give the nodes after the graph in a row, which the last layer reads: (B, 9 F)."""
        (clips,) = inputs
        return self.related(*self.units(clips))

    def forward(self, clips: Tensor) -> Tensor:
        """Recognise.

        Parameters
        ----------
        clips : Tensor, float32, shape (B, 1, T, H, W)
            Grey frames in [0, 1].

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.

        Raises
        ------
        ValueError
            Other axes.
        """
        return self.head(self.drop(self.features(clips)))

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy of the expression plus the weighted binary cross entropy of the action units.

        Clips without any coded action unit, of all that there are, tell nothing about them (SMIC codes none) and count
        for the expression only.
        """
        (clips,) = batch.inputs
        nodes, unit_logits = self.units(clips)
        logits = self.head(self.drop(self.related(nodes, unit_logits)))
        loss = F.cross_entropy(logits, batch.target, weight=batch.class_weight)
        coded = batch.aus.any(dim=1)
        if coded.any():
            shown = batch.aus[coded][:, list(AUS)]
            loss = loss + self._au_weight * F.binary_cross_entropy_with_logits(unit_logits[coded], shown)
        return loss


def _block(before: int, after: int, *, stride: tuple[int, int, int]) -> nn.Sequential:
    convolution = nn.Conv3d(before, after, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm3d(after), nn.ReLU())
