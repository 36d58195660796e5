"""RIFE and RIFEm: the networks of the paper, with the teacher that only training uses.

Huang et al., ECCV 2022, arXiv 2011.06294, section 3, and the official code: three blocks estimate flow and
mask from coarse to fine; context features and a U-Net add what warping cannot give. RIFEm takes the time as a
plane beside the images; RIFE knows the middle only. Imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mezoo.interpolate.rife_layers import (
    FlowBlock,
    Prediction,
    RifeNetwork,
    conv,
    look,
    resize,
    time_plane,
    warp,
)

#: Channels of the three blocks and of the refinement, as published (10.07 million parameters).
WIDTHS, BASE = (240, 150, 90), 16
#: A network of a ninth of that, most of it refinement, for faces on one core.
SMALL_WIDTHS, SMALL_BASE = (48, 32, 24), 8
_SCALES = (4, 2, 1)


class Lesson(NamedTuple):
    """What training reads: the prediction and the teacher's view of it, who also sees the true frame."""

    prediction: Prediction
    teacher_flow: Tensor
    teacher_merged: Tensor


class _Pair(nn.Module):
    """Two convolutions, the first one strided."""

    def __init__(self, n_in: int, n_out: int, stride: int = 2) -> None:
        super().__init__()
        self.conv1 = conv(n_in, n_out, stride=stride)
        self.conv2 = conv(n_out, n_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(self.conv1(x))


class Context(nn.Module):
    """Features of one image at four sizes, each warped to the new time."""

    def __init__(self, base: int, *, large: bool) -> None:
        super().__init__()
        self.conv1 = _Pair(3, base, 1 if large else 2)
        self.conv2 = _Pair(base, 2 * base)
        self.conv3 = _Pair(2 * base, 4 * base)
        self.conv4 = _Pair(4 * base, 8 * base)
        self.large = large

    def forward(self, image: Tensor, flow: Tensor) -> list[Tensor]:
        """(B, 3, H, W) and (B, 2, H, W) -> four maps, each of half the size of the one before."""
        features, x = [], image
        for k, layer in enumerate((self.conv1, self.conv2, self.conv3, self.conv4)):
            x = layer(x)
            if k > 0 or not self.large:
                flow = resize(flow, 0.5) * 0.5
            features.append(warp(x, flow))
        return features


class Refinement(nn.Module):
    """U-Net that corrects the fused image."""

    def __init__(self, base: int, *, large: bool) -> None:
        super().__init__()
        self.down0 = _Pair(17, 2 * base, 1 if large else 2)
        self.down1 = _Pair(4 * base, 4 * base)
        self.down2 = _Pair(8 * base, 8 * base)
        self.down3 = _Pair(16 * base, 16 * base)
        self.up0 = _enlarge(32 * base, 8 * base)
        self.up1 = _enlarge(16 * base, 4 * base)
        self.up2 = _enlarge(8 * base, 2 * base)
        self.up3 = _enlarge(4 * base, base)
        self.conv = nn.Conv2d(base, 3, 3, 2 if large else 1, 1)

    def forward(self, x: Tensor, context0: list[Tensor], context1: list[Tensor]) -> Tensor:
        """Residual in (-1, 1) from images, warped images, mask and flow (17 channels) and the contexts."""
        both = [torch.cat(pair, dim=1) for pair in zip(context0, context1, strict=True)]
        s0 = self.down0(x)
        s1 = self.down1(torch.cat([s0, both[0]], dim=1))
        s2 = self.down2(torch.cat([s1, both[1]], dim=1))
        s3 = self.down3(torch.cat([s2, both[2]], dim=1))
        x = self.up0(torch.cat([s3, both[3]], dim=1))
        x = self.up1(torch.cat([x, s2], dim=1))
        x = self.up2(torch.cat([x, s1], dim=1))
        x = self.up3(torch.cat([x, s0], dim=1))
        return 2 * torch.sigmoid(self.conv(x)) - 1


def _enlarge(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.ConvTranspose2d(n_in, n_out, 4, 2, 1), nn.PReLU(n_out))


class RIFE(RifeNetwork):
    """The network.

    Parameters
    ----------
    any_time : bool
        Take the time as an input (RIFEm); else only t = 0.5 is known (RIFE).
    widths : sequence of int
        Channels of the three blocks.
    base : int
        Channels of the finest level of the refinement.
    large : bool
        Twice the resolution inside (RIFE-Large, "2R"). Its files have the shapes of RIFE's.
    teacher : bool
        Add the block that training needs.
    """

    multiple = 32

    def __init__(
        self,
        *,
        any_time: bool = False,
        widths: Sequence[int] = WIDTHS,
        base: int = BASE,
        large: bool = False,
        teacher: bool = False,
    ) -> None:
        super().__init__()
        self.any_time = any_time
        images, stride = 6 + any_time, 1 if large else 2
        self.block0 = FlowBlock(images, widths[0], first_stride=stride)
        self.block1 = FlowBlock(images + 11, widths[1], first_stride=stride)
        self.block2 = FlowBlock(images + 11, widths[2], first_stride=stride)
        if teacher:
            self.block_tea = FlowBlock(images + 14, widths[2], first_stride=stride)
        self.contextnet = Context(base, large=large)
        self.unet = Refinement(base, large=large)

    def forward(
        self, image0: Tensor, image1: Tensor, t: float | Tensor = 0.5, scale: float = 1.0
    ) -> Prediction:
        """Estimate the new frame; see `RifeNetwork`."""
        return self._forward(image0, image1, t, scale)[0]

    def learn(self, image0: Tensor, image1: Tensor, truth: Tensor, t: float | Tensor = 0.5) -> Lesson:
        """Predict, and let the teacher improve on it with the true frame (B, 3, H, W) in view."""
        prediction, fixed, x = self._forward(image0, image1, t, 1.0)
        change, mask = self.block_tea(
            torch.cat([fixed, *x, prediction.mask, truth], dim=1), prediction.flow, 1
        )
        flow = prediction.flow + change
        return Lesson(prediction, flow, look(image0, image1, flow, prediction.mask + mask)[1])

    def _forward(self, image0, image1, t, scale) -> tuple[Prediction, Tensor, tuple[Tensor, Tensor]]:
        fixed = torch.cat([image0, image1], dim=1)
        if self.any_time:
            fixed = torch.cat([fixed, time_plane(image0, t)], dim=1)
        flow, mask = self.block0(fixed, None, _SCALES[0] / scale)
        warped, fused = look(image0, image1, flow, mask)
        flows, merged = [flow], [fused]
        for block, size in zip((self.block1, self.block2), _SCALES[1:], strict=True):
            change, mask_change = block(torch.cat([fixed, *warped, mask], dim=1), flow, size / scale)
            flow, mask = flow + change, mask + mask_change
            warped, fused = look(image0, image1, flow, mask)
            flows.append(flow)
            merged.append(fused)
        contexts = self.contextnet(image0, flow[:, :2]), self.contextnet(image1, flow[:, 2:4])
        residual = self.unet(torch.cat([image0, image1, *warped, mask, flow], dim=1), *contexts)
        image = (merged[-1] + residual).clamp(0, 1)
        return Prediction(image, flow, mask, flows, merged), fixed, warped
