"""STSTNet: three shallow streams of one convolution each over the flow from onset to apex.

Liong, Gan, See, Khor, Huang, "Shallow triple stream three-dimensional CNN (STSTNet) for micro-expression
recognition", FG 2019, arXiv 1902.03634. Numbers follow the authors' PyTorch program (christy1206/STSTNet @ 1afb56e):
padding of 2, so that a stream is 30 x 30 before its pooling (the paper draws 28 x 28), a batch normalisation
after each ReLU and dropout in each stream, which the paper does not name. The parameters have its names.

Deviation: that program reads 8-bit pictures. Our flow is in px, far smaller and of a different size in each channel, so
a batch normalisation without parameters stands before the streams; `input_norm` False leaves it out.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

#: Filters of the three streams (paper, table I), and side of the input in px.
FILTERS = (3, 5, 8)
SIZE = 28


@register(
    "ststnet",
    task="recognition",
    inputs={f"apex_flow-{SIZE}": (3, SIZE, SIZE)},
    output=(3,),
    paper="Liong et al., Shallow triple stream three-dimensional CNN, FG 2019, arXiv 1902.03634",
    stated_parameters=1683,
)
class STSTNet(Recogniser):
    """The network; 1,683 parameters with three classes (the paper says 1,670).

    Parameters
    ----------
    n_classes : int
    dropout : float
        Share of the numbers of a stream that a training step leaves out.
    input_norm : bool
        Normalise the three channels over the batch first, without parameters; False as published.
    """

    def __init__(self, *, n_classes: int = 3, dropout: float = 0.5, input_norm: bool = True) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = (nn.Conv2d(3, n, 3, padding=2) for n in FILTERS)
        self.bn1, self.bn2, self.bn3 = (nn.BatchNorm2d(n) for n in FILTERS)
        self.fc = nn.Linear(25 * sum(FILTERS), n_classes)
        self.dropout = nn.Dropout(dropout)
        self.input_norm = nn.BatchNorm2d(3, affine=False) if input_norm else nn.Identity()

    def _stream(self, flow: Tensor, conv: nn.Module, norm: nn.Module) -> Tensor:
        maps = norm(F.relu(conv(flow)))  # (B, n, 30, 30)
        return self.dropout(F.max_pool2d(maps, 3, stride=3, padding=1))  # (B, n, 10, 10)

    def features(self, flow: Tensor) -> Tensor:  # type: ignore[override]
        """Give the 400 numbers that the last layer reads, of flow (B, 3, 28, 28)."""
        flow = self.input_norm(flow)
        streams = [
            self._stream(flow, self.conv1, self.bn1),
            self._stream(flow, self.conv2, self.bn2),
            self._stream(flow, self.conv3, self.bn3),
        ]
        return F.avg_pool2d(torch.cat(streams, dim=1), 2).flatten(1)  # (B, 16, 5, 5) -> (B, 400)

    def forward(self, flow: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        flow : Tensor, float32, shape (B, 3, 28, 28)
            (dx, dy, strain) from onset to apex, divided by constants of the training clips.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.fc(self.features(flow))
