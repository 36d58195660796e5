"""RetinaFace: the network, with the parameter names of the published weights. Imports torch.

Deng, Guo, Ververas, Kotsia, Zafeiriou, "RetinaFace: single-shot multi-level face localisation in the wild", CVPR
2020, in the form of the PyTorch version that AUW-GCN used: a backbone, a pyramid of three maps (1/8, 1/16, 1/32), a
context module per map, and per cell and prior a class, a box and five points. The official code builds its backbone
with torchvision and its ImageNet weights; here it is written out, as the published file holds all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Backbone = Literal["mobilenet", "resnet50"]
#: Priors per cell.
_ANCHORS = 2
#: Up to so many channels the maps pass a leaky ReLU of slope 0.1, above a plain ReLU.
_LEAKY_WIDTH = 64


def _layer(n_in: int, n_out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(n_out)]


def _slope(width: int) -> float:
    return 0.1 if width <= _LEAKY_WIDTH else 0.0


def _active(n_in: int, n_out: int, kernel: int, slope: float) -> nn.Sequential:
    return nn.Sequential(*_layer(n_in, n_out, kernel), nn.LeakyReLU(slope))


class Bottleneck(nn.Module):
    """1x1, 3x3 (which carries the stride) and 1x1 convolution beside an identity or a 1x1 convolution."""

    def __init__(self, n_in: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _layer(n_in, width, 1)
        self.conv2, self.bn2 = _layer(width, width, 3, stride=stride)
        self.conv3, self.bn3 = _layer(width, 4 * width, 1)
        self.downsample: nn.Module | None = None
        if stride != 1 or n_in != 4 * width:
            self.downsample = nn.Sequential(*_layer(n_in, 4 * width, 1, stride=stride))

    def forward(self, maps: Tensor) -> Tensor:
        """(N, n_in, H, W) -> (N, 4 width, H / stride, W / stride)."""
        beside = maps if self.downsample is None else self.downsample(maps)
        inner = F.relu(self.bn1(self.conv1(maps)))
        inner = F.relu(self.bn2(self.conv2(inner)))
        return F.relu(self.bn3(self.conv3(inner)) + beside)


class ResNet50(nn.Module):
    """ResNet-50 (He et al., CVPR 2016) without its classifier; names as in torchvision."""

    channels = (512, 1024, 2048)

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.layer1 = self._stage(64, 64, 3, stride=1)
        self.layer2 = self._stage(256, 128, 4, stride=2)
        self.layer3 = self._stage(512, 256, 6, stride=2)
        self.layer4 = self._stage(1024, 512, 3, stride=2)

    @staticmethod
    def _stage(n_in: int, width: int, n: int, *, stride: int) -> nn.Sequential:
        rest = (Bottleneck(4 * width, width, stride=1) for _ in range(n - 1))
        return nn.Sequential(Bottleneck(n_in, width, stride=stride), *rest)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(N, 3, H, W) -> maps of 1/8, 1/16 and 1/32 of the size, with `channels` channels."""
        stem = F.max_pool2d(F.relu(self.bn1(self.conv1(pictures))), 3, stride=2, padding=1)
        second = self.layer2(self.layer1(stem))
        third = self.layer3(second)
        return [second, third, self.layer4(third)]


class MobileNet(nn.Module):
    """MobileNet v1 (Howard et al., arXiv 1704.04861) of a quarter of the width, without its classifier."""

    channels = (64, 128, 256)

    def __init__(self) -> None:
        super().__init__()
        stem = nn.Sequential(*_layer(3, 8, 3, stride=2), nn.LeakyReLU(0.1))
        self.stage1 = nn.Sequential(stem, *self._separable((8, 16, 32, 32, 64, 64), halved=(1, 3)))
        self.stage2 = nn.Sequential(*self._separable((64, 128, 128, 128, 128, 128, 128), halved=(0,)))
        self.stage3 = nn.Sequential(*self._separable((128, 256, 256), halved=(0,)))

    @staticmethod
    def _separable(widths: tuple[int, ...], *, halved: tuple[int, ...]) -> list[nn.Module]:
        blocks: list[nn.Module] = []
        for k, (n_in, n_out) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
            each = _layer(n_in, n_in, 3, stride=2 if k in halved else 1, groups=n_in)
            blocks.append(nn.Sequential(*each, nn.LeakyReLU(0.1), *_layer(n_in, n_out, 1), nn.LeakyReLU(0.1)))
        return blocks

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(N, 3, H, W) -> maps of 1/8, 1/16 and 1/32 of the size, with `channels` channels."""
        first = self.stage1(pictures)
        second = self.stage2(first)
        return [first, second, self.stage3(second)]


class Pyramid(nn.Module):
    """Three maps brought to one width, coarse ones added to finer ones (Lin et al., CVPR 2017)."""

    def __init__(self, channels: tuple[int, int, int], width: int) -> None:
        super().__init__()
        slope = _slope(width)
        self.output1, self.output2, self.output3 = (_active(n, width, 1, slope) for n in channels)
        self.merge1, self.merge2 = (_active(width, width, 3, slope) for _ in range(2))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Three maps, the finest first -> the same, merged; what is added to the finest is the merged middle one."""
        fine, middle, coarse = (
            layer(each) for layer, each in zip((self.output1, self.output2, self.output3), maps, strict=True)
        )
        middle = self.merge2(middle + F.interpolate(coarse, size=middle.shape[2:], mode="nearest"))
        fine = self.merge1(fine + F.interpolate(middle, size=fine.shape[2:], mode="nearest"))
        return [fine, middle, coarse]


class Context(nn.Module):
    """Three receptive fields side by side (SSH: Najibi et al., ICCV 2017); the names spell x in two ways."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half, quarter, slope = width // 2, width // 4, _slope(width)
        self.conv3X3 = nn.Sequential(*_layer(width, half, 3))  # noqa: N815  published names
        self.conv5X5_1 = _active(width, quarter, 3, slope)
        self.conv5X5_2 = nn.Sequential(*_layer(quarter, quarter, 3))
        self.conv7X7_2 = _active(quarter, quarter, 3, slope)
        self.conv7x7_3 = nn.Sequential(*_layer(quarter, quarter, 3))

    def forward(self, maps: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        shared = self.conv5X5_1(maps)
        wide = self.conv7x7_3(self.conv7X7_2(shared))
        return F.relu(torch.cat([self.conv3X3(maps), self.conv5X5_2(shared), wide], dim=1))


class Head(nn.Module):
    """A linear read-out of every prior of every cell."""

    def __init__(self, width: int, values: int) -> None:
        super().__init__()
        self.conv1x1 = nn.Conv2d(width, _ANCHORS * values, 1)
        self._values = values

    def forward(self, maps: Tensor) -> Tensor:
        """(N, width, H, W) -> (N, H W priors, values): row by row, the priors of a cell next to each other."""
        return self.conv1x1(maps).permute(0, 2, 3, 1).reshape(len(maps), -1, self._values)


class RetinaFace(nn.Module):
    """The whole network.

    Parameters
    ----------
    backbone : {"mobilenet", "resnet50"}
        426,608 parameters and maps of 64 channels, or 27,293,600 and 256.
    """

    def __init__(self, backbone: Backbone = "resnet50") -> None:
        super().__init__()
        self.body = ResNet50() if backbone == "resnet50" else MobileNet()
        width = 256 if backbone == "resnet50" else 64
        self.fpn = Pyramid(self.body.channels, width)
        self.ssh1, self.ssh2, self.ssh3 = (Context(width) for _ in range(3))
        self.ClassHead, self.BboxHead, self.LandmarkHead = (
            nn.ModuleList(Head(width, values) for _ in range(3)) for values in (2, 4, 10)
        )

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read pictures, as one batch of one size.

        Parameters
        ----------
        pictures : Tensor, float32, shape (N, 3, H, W)
            Blue, green, red from 0 to 255, minus (104, 117, 123).

        Returns
        -------
        boxes : Tensor, shape (N, P, 4)
            Offsets of the P priors (`mezoo.faces.retinaface_boxes`), the finest map first.
        logits : Tensor, shape (N, P, 2)
            Of no face and face.
        points : Tensor, shape (N, P, 10)
            Offsets of (x, y) of five points.
        """
        pyramid = self.fpn(self.body(pictures))
        maps = [
            context(each) for context, each in zip((self.ssh1, self.ssh2, self.ssh3), pyramid, strict=True)
        ]
        boxes, logits, points = (
            torch.cat([head(each) for head, each in zip(heads, maps, strict=True)], dim=1)
            for heads in (self.BboxHead, self.ClassHead, self.LandmarkHead)
        )
        return boxes, logits, points


def backbone_of(state: Mapping[str, Tensor]) -> Backbone:
    """Tell by its names which network a state dict belongs to."""
    return "mobilenet" if any(name.startswith("body.stage1.") for name in state) else "resnet50"
