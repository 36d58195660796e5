"""Graph convolution over nodes whose links are given with every call.

Kipf and Welling, ICLR 2017, without a bias, as FGRMER's official code has it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class GraphLayer(nn.Module):
    """``A (X W)``: features of every node mapped, then gathered along the links.

    Parameters
    ----------
    in_features, out_features : int
        Features per node before and after. W starts uniform within 1 / sqrt(out_features).
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(out_features)
        self.weight = nn.Parameter(torch.empty(in_features, out_features).uniform_(-bound, bound))

    def forward(self, nodes: Tensor, links: Tensor) -> Tensor:
        """Map (..., N, in_features) to (..., N, out_features); row i of `links` (N, N) is what node i gathers."""
        return links @ (nodes @ self.weight)
