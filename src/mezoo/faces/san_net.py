"""SAN: the landmark network, with the parameter names of the published weights. Imports torch.

Dong, Yan, Ouyang, Yang, "Style aggregated network for facial landmark detection", CVPR 2018. Two generators draw
the face in an aggregated style; the maps of the picture and of that drawing go through three stages of convolutions
(pose machines: Wei et al., CVPR 2016) to one heat map per landmark. The generators' normalisation takes its numbers
from the picture itself, so nothing in the network differs between training and use.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

#: A heat map per landmark, and one of the background.
_MAPS = 69
#: Widths of the convolutions of VGG-16 up to conv4_3; 0 is a maximum over 2 x 2.
_VGG = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512)
#: Blocks of a generator in which the size stays.
_BLOCKS = 6


class SanMaps(NamedTuple):
    """Everything the network computes on the way.

    Attributes
    ----------
    aggregated : Tensor, shape (N, 3, H, W)
        The face in the aggregated style.
    first, first_aggregated, second, third : Tensor, shape (N, 69, H / 8, W / 8)
        Heat maps of stage 1 for the picture and for the drawing, of stage 2 and of stage 3, which is the result.
    """

    aggregated: Tensor
    first: Tensor
    first_aggregated: Tensor
    second: Tensor
    third: Tensor


def _styled(convolution: nn.Module) -> list[nn.Module]:
    return [convolution, nn.InstanceNorm2d(convolution.out_channels), nn.ReLU()]  # type: ignore[arg-type]


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with mirrored borders, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            *_styled(nn.Conv2d(width, width, 3)),
            nn.ReflectionPad2d(1),
            *_styled(nn.Conv2d(width, width, 3))[:2],
        )

    def forward(self, maps: Tensor) -> Tensor:
        """(N, width, H, W) -> the same shape."""
        return maps + self.conv_block(maps)


class Generator(nn.Module):
    """Draw a face in another style: down to a quarter of the size, residual blocks, up again (Zhu et al., 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.ReflectionPad2d(3),
            *_styled(nn.Conv2d(3, 64, 7)),
            *_styled(nn.Conv2d(64, 128, 3, 2, 1)),
            *_styled(nn.Conv2d(128, 256, 3, 2, 1)),
            *(ResidualBlock(256) for _ in range(_BLOCKS)),
            *_styled(nn.ConvTranspose2d(256, 128, 3, 2, 1, output_padding=1)),
            *_styled(nn.ConvTranspose2d(128, 64, 3, 2, 1, output_padding=1)),
            nn.ReflectionPad2d(3),
            nn.Conv2d(64, 3, 7),
            nn.Tanh(),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] -> the same; sides are multiples of 4."""
        return self.model(pictures)


def _convolutions(n_in: int, *layers: tuple[int, int]) -> nn.Sequential:
    """Convolutions given as (channels, kernel), each followed by a ReLU."""
    parts: list[nn.Module] = []
    for n_out, kernel in layers:
        parts += [nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2), nn.ReLU()]
        n_in = n_out
    return nn.Sequential(*parts)


def _stage(n_in: int, *layers: tuple[int, int]) -> nn.Sequential:
    """Convolutions, and a linear one to the heat maps."""
    return nn.Sequential(*_convolutions(n_in, *layers), nn.Conv2d(layers[-1][0], _MAPS, 1))


def _vgg() -> nn.Sequential:
    parts: list[nn.Module] = []
    n_in = 3
    for width in _VGG:
        parts += [nn.Conv2d(n_in, width, 3, padding=1), nn.ReLU()] if width else [nn.MaxPool2d(2)]
        n_in = width or n_in
    return nn.Sequential(*parts)


class SAN(nn.Module):
    """The whole network, 34,430,485 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.netG_A, self.netG_B = Generator(), Generator()  # noqa: N815  published names
        self.features = _vgg()
        self.CPM_feature = _convolutions(512, (256, 3), (128, 3))
        self.stage1 = _stage(128, *[(128, 3)] * 4, (512, 1))
        later = [*[(128, 7)] * 3, *[(128, 3)] * 4, (128, 1)]
        self.stage2 = _stage(2 * 128 + 2 * _MAPS, *later)
        self.stage3 = _stage(2 * 128 + _MAPS, *later)

    def forward(self, faces: Tensor) -> SanMaps:
        """Draw the heat maps of faces.

        Parameters
        ----------
        faces : Tensor, float32, shape (N, 3, H, W)
            Red, green, blue in [-1, 1]; sides are multiples of 8.

        Returns
        -------
        SanMaps
        """
        aggregated = (self.netG_A(faces) + self.netG_B(faces)) / 2
        own, drawn = (self.CPM_feature(self.features(each)) for each in (faces, aggregated))
        first, first_aggregated = self.stage1(own), self.stage1(drawn)
        second = self.stage2(torch.cat([own, drawn, first, first_aggregated], dim=1))
        third = self.stage3(torch.cat([own, drawn, second], dim=1))
        return SanMaps(aggregated, first, first_aggregated, second, third)
