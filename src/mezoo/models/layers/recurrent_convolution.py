"""Recurrent convolutional layer: a convolution that reads its own output again, unrolled over a few steps.

Liang, Hu, "Recurrent convolutional neural network for object recognition", CVPR 2015, in the form of Xia et al.
(STRCN, IEEE TMM 22(3), 2020; RCN, IEEE TIP 29, 2020): the first step is a 1x1 convolution of the input, and each later
step a 3x3 convolution of the input plus the output so far.
"""

from __future__ import annotations

from torch import Tensor, nn


class RecurrentConvolution(nn.Module):
    """y1 = f(x), then y = r(x + y) `steps` times; f and r are convolution, batch normalisation and ReLU.

    Parameters
    ----------
    width : int
        Maps before and after.
    steps : int
        Steps after the first.
    shared : bool
        One r for all steps, whose running statistics then move once per step (RCN), or one of each (STRCN).
    bias : bool
        Of the convolutions.
    momentum : float
        Share of the new batch in the running statistics.
    """

    def __init__(
        self, width: int, *, steps: int = 2, shared: bool, bias: bool, momentum: float = 0.1
    ) -> None:
        super().__init__()

        def unit(kernel: int) -> nn.Sequential:
            return nn.Sequential(
                nn.Conv2d(width, width, kernel, padding=kernel // 2, bias=bias),
                nn.BatchNorm2d(width, momentum=momentum),
                nn.ReLU(),
            )

        self.steps = steps
        self.ffconv = unit(1)
        self.rrconv: nn.Module = unit(3) if shared else nn.ModuleList(unit(3) for _ in range(steps))

    def forward(self, maps: Tensor) -> Tensor:
        """Map (B, width, H, W) to the same shape."""
        again = self.rrconv if isinstance(self.rrconv, nn.ModuleList) else [self.rrconv] * self.steps
        state = self.ffconv(maps)
        for unit in again:
            state = unit(maps + state)
        return state
