"""Pieces that all RIFE networks share: warp, resize, and the block that refines flow and mask.

Huang, Zhang, Heng, Shi, Zhou, "Real-time intermediate flow estimation for video frame interpolation", ECCV
2022, arXiv 2011.06294, and the releases that followed. Names of parameters are those of the official files.
Flow is in pixels, channels (x, y) from the new frame to the earlier image, then (x, y) to the later one.
Imports torch, so only `mezoo.interpolate.rife*` may import it, and only when a network is needed.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Body = Literal["prelu", "leaky", "residual"]


class Prediction(NamedTuple):
    """What a network says about one batch of image pairs.

    Attributes
    ----------
    image : Tensor, float32, shape (B, 3, H, W)
        The new frame, [0, 1].
    flow : Tensor, float32, shape (B, 4, H, W)
        Final flow, px. The first release has 2 channels at half the size.
    mask : Tensor, float32, shape (B, 1, H, W)
        Share of the earlier image, as a logit.
    flows, merged : list of Tensor
        Flow and fused image after each block, where the network makes them.
    """

    image: Tensor
    flow: Tensor
    mask: Tensor
    flows: list[Tensor]
    merged: list[Tensor]


class RifeNetwork(nn.Module):
    """What all variants offer.

    Attributes
    ----------
    any_time : bool
        Whether the time is an input; else only t = 0.5 is known.
    multiple : int
        Both sides of the images have to be multiples of this, at scale 1.
    """

    any_time: bool
    multiple: int

    def forward(
        self, image0: Tensor, image1: Tensor, t: float | Tensor = 0.5, scale: float = 1.0
    ) -> Prediction:
        """Estimate a new frame between two images.

        Parameters
        ----------
        image0, image1 : Tensor, float32, shape (B, 3, H, W)
            [0, 1], BGR, sides multiples of `multiple`, of `multiple` / scale for a smaller scale.
        t : float or Tensor of shape (B,)
            Time in (0, 1); ignored by a network that knows only the middle.
        scale : float
            Below 1 the flow is estimated at a lower resolution.
        """
        raise NotImplementedError


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """Look up `image` (B, C, H, W) at x + flow(x), flow (B, 2, H, W) in px; outside is the nearest pixel.

    The look-up is done in float32 also when the images are not: half precision cannot number the pixels.
    """
    height, width = image.shape[-2:]
    x = torch.linspace(-1, 1, width, device=image.device).expand(height, width)
    y = torch.linspace(-1, 1, height, device=image.device)[:, None].expand(height, width)
    flow = flow.float()
    places = torch.stack(
        [x + flow[:, 0] * (2 / max(width - 1, 1)), y + flow[:, 1] * (2 / max(height - 1, 1))], dim=-1
    )
    out = F.grid_sample(image.float(), places, mode="bilinear", padding_mode="border", align_corners=True)
    return out.to(image.dtype)


def warp_both(image0: Tensor, image1: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """Warp both images (or their features) to the new time by the two halves of `flow`."""
    return warp(image0, flow[:, :2]), warp(image1, flow[:, 2:4])


def look(image0: Tensor, image1: Tensor, flow: Tensor, mask: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """Return both images warped to the new time, and blended."""
    warped = warp_both(image0, image1, flow)
    return warped, fuse(*warped, mask)


def fuse(warped0: Tensor, warped1: Tensor, mask: Tensor) -> Tensor:
    """Blend the warped images; `mask` is the logit of the first one's share."""
    share = torch.sigmoid(mask)
    return share * warped0 + (1 - share) * warped1


def resize(x: Tensor, factor: float) -> Tensor:
    """Scale height and width, bilinear."""
    if factor == 1:
        return x
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def time_plane(image: Tensor, t: float | Tensor) -> Tensor:
    """One channel that holds the time everywhere; `t` is a number or one per image, shape (B,)."""
    times = torch.as_tensor(t, dtype=image.dtype, device=image.device).reshape(-1, 1, 1, 1)
    return times.expand(len(image), 1, *image.shape[-2:])


def conv(n_in: int, n_out: int, *, stride: int = 1, leaky: bool = False) -> nn.Sequential:
    """Convolution 3x3 and PReLU, or a leaky ReLU that has no parameter."""
    activation = nn.LeakyReLU(0.2) if leaky else nn.PReLU(n_out)
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride, 1), activation)


class ResConv(nn.Module):
    """Residual convolution of the releases from 4.5 on: LeakyReLU(conv(x) beta + x)."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, 1, 1, groups=groups)
        self.beta = nn.Parameter(torch.ones(1, width, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        return F.leaky_relu(self.conv(x) * self.beta + x, 0.2)


class FlowBlock(nn.Module):
    """Look at a coarse copy of its input and say how flow, mask and features change.

    Parameters
    ----------
    n_in, width : int
        Channels of the input (flow included) and inside.
    n_out : int
        4 of flow, 1 of the mask, the rest features.
    body : {'prelu', 'leaky', 'residual'}
        Eight convolutions: with PReLU and a skip around all (paper, 4.0, 4.1), with leaky ReLU and no skip
        (4.2-4.4), or residual ones (4.5 on).
    shuffle : bool
        End with a pixel shuffle (4.5 on), which doubles the size once more.
    groups : int
        Groups of the residual convolutions.
    first_stride : int
        1 in the large variant of the paper, which works at twice the size.
    """

    def __init__(
        self,
        n_in: int,
        width: int,
        *,
        n_out: int = 5,
        body: Body = "prelu",
        shuffle: bool = False,
        groups: int = 1,
        first_stride: int = 2,
    ) -> None:
        super().__init__()
        leaky = body != "prelu"
        self.conv0 = nn.Sequential(
            conv(n_in, width // 2, stride=first_stride, leaky=leaky),
            conv(width // 2, width, stride=2, leaky=leaky),
        )
        self.convblock = nn.Sequential(
            *(
                ResConv(width, groups) if body == "residual" else conv(width, width, leaky=leaky)
                for _ in range(8)
            )
        )
        last = nn.ConvTranspose2d(width, n_out * (4 if shuffle else 1), 4, 2, 1)
        self.lastconv: nn.Module = nn.Sequential(last, nn.PixelShuffle(2)) if shuffle else last
        self.skip = body == "prelu"
        self.enlarge = 1 if shuffle or first_stride == 1 else 2

    def forward(self, x: Tensor, flow: Tensor | None, scale: float) -> tuple[Tensor, Tensor]:
        """Return the change of the flow (B, 4, H, W) in px, and mask and features (B, n_out - 4, H, W)."""
        x = resize(x, 1 / scale)
        if flow is not None:
            x = torch.cat([x, resize(flow, 1 / scale) / scale], dim=1)
        y = self.conv0(x)
        y = self.convblock(y) + y if self.skip else self.convblock(y)
        factor = self.enlarge * scale
        out = resize(self.lastconv(y), factor)
        return out[:, :4] * factor, out[:, 4:]
