"""STRCN-G: recurrent convolutional layers over the flow from onset to apex, at a large size.

Xia, Hong, Gao, Feng, Zhao, "Spatiotemporal recurrent convolutional networks for recognizing spontaneous
micro-expressions", IEEE TMM 22(3), 2020, with geometric connection. Numbers follow the authors' MatConvNet program
(xiazhaoqiang/STRCN-MicroExpressionRec): no biases, three steps with weights of their own, each reading the input of the
layer again.

There the first convolution starts at a hundredth of its usual weights and learns 10^4 times more slowly, which is the
same as dividing the flow by 100; `parameter_groups` tells the optimiser.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from mezoo.models.layers.focal_loss import focal_loss
from mezoo.models.layers.recurrent_convolution import RecurrentConvolution
from mezoo.models.recogniser import Batch, Recogniser
from mezoo.models.registry import register

Loss = Literal["focal", "cross_entropy"]

#: MatConvNet's rate of the running statistics, and the factor by which the first convolution shrinks its input.
MOMENTUM, INPUT_SCALE = 0.3, 100.0
#: Side of each pooling after the first convolution and after each recurrent layer.
POOLING = (4, 4, 2, 2)


def recurrent_stack(n_channels: int, width: int, pooling: tuple[int | tuple[int, int], ...]) -> nn.Sequential:
    """One convolution and a recurrent layer for each further pooling: (B, n_channels, H, W) -> (B, width, h, w).

    Parameters
    ----------
    n_channels, width : int
        Maps before and after.
    pooling : tuple of int or (int, int)
        Sides of the pooling after each part.
    """
    first, *others = pooling
    parts: list[nn.Module] = [
        nn.Conv2d(n_channels, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width, momentum=MOMENTUM),
        nn.ReLU(),
        nn.MaxPool2d(first),
    ]
    for side in others:
        layer = RecurrentConvolution(width, shared=False, bias=False, momentum=MOMENTUM)
        parts += [layer, nn.MaxPool2d(side)]
    return nn.Sequential(*parts)


@register(
    "strcn_g",
    task="recognition",
    inputs={"apex_flow_rect-300-245": (3, 300, 245)},
    output=(4,),
    paper="Xia et al., Spatiotemporal recurrent convolutional networks, IEEE TMM 22(3), 2020",
    stated_parameters=939_268,
    small={"width": 16},
    small_inputs={"apex_flow_rect-80-64": (3, 80, 64)},
)
class STRCNG(Recogniser):
    """The network; 939,268 parameters with four classes, 14,963,716 with the width 512 of the released file.

    Parameters
    ----------
    n_classes : int
    width : int
        Maps of every convolution; the authors list 128, 256 and 512.
    loss : {'focal', 'cross_entropy'}
        Focal is the paper's balanced loss as its released file has it.

    Raises
    ------
    ValueError
        Another loss.
    """

    def __init__(self, *, n_classes: int = 4, width: int = 128, loss: Loss = "focal") -> None:
        super().__init__()
        if loss not in ("focal", "cross_entropy"):
            raise ValueError(f"loss {loss!r}, expected 'focal' or 'cross_entropy'")
        self.focal = loss == "focal"
        self.body = recurrent_stack(2, width, POOLING)
        self.head = nn.Linear(width, n_classes)
        with torch.no_grad():
            self.first_weight.div_(INPUT_SCALE)

    @property
    def first_weight(self) -> nn.Parameter:
        """Weights of the first convolution, its only parameter."""
        return self.body.get_parameter("0.weight")

    def features(self, flow: Tensor) -> Tensor:  # type: ignore[override]
        """Give the means of the last maps (B, width), of flow (B, 2 or 3, H, W)."""
        return self.body(flow[:, :2]).mean((2, 3))

    def forward(self, flow: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        flow : Tensor, float32, shape (B, 2 or 3, H, W)
            (dx, dy) from onset to apex, 300 x 245 in the paper, each side at least 64; a third channel, the strain, is
            not read.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.head(self.features(flow))

    def loss(self, batch: Batch) -> Tensor:
        """Focal loss, or cross entropy."""
        if not self.focal:
            return super().loss(batch)
        return focal_loss(self(*batch.inputs), batch.target, weight=batch.class_weight)

    def parameter_groups(self, *, weight_decay: float) -> list[dict[str, Any]]:
        """Let the first convolution learn 10^4 times more slowly than the others."""
        slow = self.first_weight
        others = [parameter for parameter in self.parameters() if parameter is not slow]
        return [
            {"params": [slow], "weight_decay": weight_decay, "lr_scale": INPUT_SCALE**-2},
            {"params": others, "weight_decay": weight_decay},
        ]
