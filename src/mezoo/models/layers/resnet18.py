"""ResNet-18 for small grey pictures: the backbone of AKMNet, with the parameter names of torchvision.

He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, as changed by Peng et al.,
AKMNet (arXiv 2009.09179, Table II): one input channel, a stem of 5 x 5 instead of 7 x 7, no classifier.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: A map is so many times smaller than the picture, along each side.
STRIDE = 32
_STEM = 5


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside an identity, or beside a 1 x 1 convolution where the shape changes."""

    def __init__(self, in_channels: int, channels: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample: nn.Module | None = None
        if stride != 1 or in_channels != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, maps: Tensor) -> Tensor:
        """(N, in, H, W) -> (N, out, H / stride, W / stride)."""
        beside = maps if self.downsample is None else self.downsample(maps)
        inner = F.relu(self.bn1(self.conv1(maps)))
        return F.relu(self.bn2(self.conv2(inner)) + beside)


class ResNet18(nn.Module):
    """Maps of grey pictures, before any pooling over space.

    Parameters
    ----------
    width : int
        Channels of the stem; the paper's is 64. The maps have eight times as many.
    """

    def __init__(self, *, width: int = 64) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, _STEM, stride=2, padding=_STEM // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = _layer(width, width, stride=1)
        self.layer2 = _layer(width, 2 * width, stride=2)
        self.layer3 = _layer(2 * width, 4 * width, stride=2)
        self.layer4 = _layer(4 * width, 8 * width, stride=2)
        self.out_channels = 8 * width
        for module in self.modules():
            if isinstance(module, nn.Conv2d):  # AKMNet's code; batch norm starts at 1 and 0 by default
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 1, H, W) -> (N, 8 width, H / 32, W / 32)."""
        maps = F.relu(self.bn1(self.conv1(pictures)))  # (N, width, H/2, W/2)
        maps = F.max_pool2d(maps, 3, stride=2, padding=1)  # (N, width, H/4, W/4)
        return self.layer4(self.layer3(self.layer2(self.layer1(maps))))


def _layer(in_channels: int, channels: int, *, stride: int) -> nn.Sequential:
    return nn.Sequential(
        BasicBlock(in_channels, channels, stride=stride), BasicBlock(channels, channels, stride=1)
    )


def from_imagenet(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn the ImageNet weights of torchvision's ResNet-18 into weights of `ResNet18`.

    The stem keeps the centre 5 x 5 of each 7 x 7 kernel, summed over red, green and blue: on a grey picture, which
    has the same value in all three, that is what the kernel computes but for its border. How the authors of AKMNet
    did it is not stated.

    Parameters
    ----------
    state : mapping of str to Tensor
        As in ``resnet18-*.pth``: conv1.weight (64, 3, 7, 7), the layers, and a classifier ``fc``, which is left out.

    Returns
    -------
    dict of str to Tensor
        For ``ResNet18().load_state_dict``.
    """
    weights = {name: value for name, value in state.items() if not name.startswith("fc.")}
    stem = state["conv1.weight"]
    border = (stem.shape[-1] - _STEM) // 2
    centre = stem[..., border : border + _STEM, border : border + _STEM]
    return {**weights, "conv1.weight": torch.sum(centre, dim=1, keepdim=True)}
