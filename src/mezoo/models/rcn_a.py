"""RCN-A: one recurrent convolutional layer over the flow, with an attention map that has no parameters of its own.

Xia, Peng, Khor, Feng, Zhao, "Revealing the invisible with model and data shrinking for composite-database
micro-expression recognition", IEEE TIP 29, 2020. Numbers follow the benchmark MEB (tvaranka/meb @ f731b0a), whose file
comes from the authors' release: one layer, 64 maps, attention of the third kind. The parameters have its names.

Deviation: a map that is constant, where the published code divides 0 by 0, counts as no attention at all (zeros).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.models.layers.recurrent_convolution import RecurrentConvolution
from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

#: Side of the maps that the last layer reads.
POOLED = 5


@register(
    "rcn_a",
    task="recognition",
    inputs={"apex_flow-60": (3, 60, 60)},
    output=(3,),
    paper="Xia et al., Revealing the invisible with model and data shrinking, IEEE TIP 29, 2020",
    stated_parameters=51_139,
    small={"width": 16},
)
class RCNA(Recogniser):
    """The network; 51,139 parameters with three classes.

    Parameters
    ----------
    n_classes : int
    width : int
        Maps of every convolution.
    dropout : float
        Share of the numbers that a training step leaves out after each pooling.
    """

    def __init__(self, *, n_classes: int = 3, width: int = 64, dropout: float = 0.5) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, width, 5), nn.BatchNorm2d(width), nn.ReLU())
        self.rcls = nn.ModuleList([RecurrentConvolution(width, shared=True, bias=True)])
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(width * POOLED**2, n_classes)

    def stem(self, flow: Tensor) -> Tensor:
        """Map flow (B, 3, 60, 60) to (B, width, 28, 28)."""
        return self.dropout(F.max_pool2d(self.conv1(flow), 2))

    def recur(self, maps: Tensor) -> Tensor:
        """Map the output of `stem` to (B, width, 14, 14)."""
        for layer in self.rcls:
            maps = self.dropout(F.max_pool2d(layer(maps), 2))
        return maps

    def attention(self, maps: Tensor) -> Tensor:
        """Tell where the last layer finds what it looks for in the output of `stem`.

        Each class weighs the maps with its own row of the last layer; the mean over the maps is stretched to 0 ... 1
        and averaged over the classes, so the last layer also learns through the map.

        Returns
        -------
        Tensor, float32, shape (B, 1, 5, 5)
            From 0 to 1.
        """
        small = F.adaptive_avg_pool2d(maps, POOLED)  # (B, width, 5, 5)
        weight = self.fc.weight.view(-1, *small.shape[1:])  # (n_classes, width, 5, 5)
        found = torch.einsum("bwij,cwij->bcij", small, weight) / small.shape[1]
        found = found - found.amin((2, 3), keepdim=True)
        largest = found.amax((2, 3), keepdim=True)
        return (found / largest.where(largest > 0, 1)).mean(1, keepdim=True)

    def features(self, flow: Tensor) -> Tensor:  # type: ignore[override]
        """Give the numbers (B, 25 width) that the last layer reads."""
        maps = self.stem(flow)
        pooled = F.adaptive_avg_pool2d(self.recur(maps), POOLED)
        return (pooled * self.attention(maps)).flatten(1)

    def forward(self, flow: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        flow : Tensor, float32, shape (B, 3, 60, 60)
            (dx, dy, strain) from onset to apex.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.fc(self.features(flow))
