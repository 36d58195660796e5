"""The first release of RIFE ("HD", v1), the one that SLSTT interpolates with: three networks, the middle only.

Numbers follow the copy bundled with the official code of SLSTT (Zhang et al., IEEE TAC 2022). One flow F at
half the size stands for both directions (+F to the earlier image, -F to the later); context features and a
fusion network add mask and residual. Imports torch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mezoo.interpolate.rife_layers import Prediction, RifeNetwork, fuse, resize, warp

_WIDTHS, _SCALES = (192, 128, 96, 48), (8, 4, 2, 1)


class _Res(nn.Module):
    """Residual block whose channels are weighted by what they hold on average (squeeze and excitation)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.relu1 = nn.PReLU(1)
        self.relu2 = nn.PReLU(n_out)
        self.fc1 = nn.Conv2d(n_out, 16, 1, bias=False)
        self.fc2 = nn.Conv2d(16, n_out, 1, bias=False)
        self.shortcut(n_in, n_out)

    def shortcut(self, n_in: int, n_out: int) -> None:
        """Make the two convolutions; the flow network keeps the size and normalises."""
        self.conv0: nn.Module = nn.Identity()
        self.conv1 = _normalised(n_in, n_out, 5)
        self.conv2 = nn.Sequential(nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False), nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(self.conv1(x))
        weight = self.fc2(self.relu1(self.fc1(y.mean(dim=(2, 3), keepdim=True))))
        return self.relu2(y * torch.sigmoid(weight) + self.conv0(x))


class _Down(_Res):
    """The same block at half the size, without normalisation, in the context and fusion networks."""

    def shortcut(self, n_in: int, n_out: int) -> None:
        self.conv0 = nn.Conv2d(n_in, n_out, 3, 2, 1, bias=False)
        self.conv1 = nn.Sequential(nn.Conv2d(n_in, n_out, 3, 2, 1), nn.PReLU(n_out))
        self.conv2 = nn.Sequential(nn.Conv2d(n_out, n_out, 3, 1, 1))


def _normalised(n_in: int, n_out: int, side: int, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(n_in, n_out, side, stride, side // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(n_out), nn.PReLU(n_out))


class _FlowBlock(nn.Module):
    def __init__(self, n_in: int, width: int) -> None:
        super().__init__()
        self.conv0 = _normalised(n_in, width, 5, 2)
        for k in range(6):
            self.add_module(f"res{k}", _Res(width, width))
        self.conv1 = nn.Conv2d(width, 8, 3, 1, 1)

    def forward(self, x: Tensor, scale: float) -> Tensor:
        x = self.conv0(resize(x, 1 / scale))
        for k in range(6):
            x = self.get_submodule(f"res{k}")(x)
        # Unlike in the later releases, the flow is in px of the full size at every scale.
        return resize(nn.functional.pixel_shuffle(self.conv1(x), 2), scale)


class _FlowNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for k, width in enumerate(_WIDTHS):
            self.add_module(f"block{k}", _FlowBlock(6 if k == 0 else 8, width))

    def forward(self, image0: Tensor, image1: Tensor, scale: float) -> list[Tensor]:
        """Flow after each block, (B, 2, H/2, W/2)."""
        small0, small1 = resize(image0, 0.5), resize(image1, 0.5)
        flows: list[Tensor] = []
        x = [small0, small1]
        for k, size in enumerate(_SCALES):
            change = self.get_submodule(f"block{k}")(torch.cat(x, dim=1), size / scale)
            flow = flows[-1] + change if flows else change
            flows.append(flow)
            x = [warp(small0, flow), warp(small1, -flow), flow]
        return flows


class _Context(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv0 = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), nn.PReLU(32))
        self.conv1, self.conv2 = _Down(32, 32), _Down(32, 64)
        self.conv3, self.conv4 = _Down(64, 128), _Down(128, 256)

    def forward(self, image: Tensor, flow: Tensor) -> list[Tensor]:
        x, features = self.conv0(image), []
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            x, flow = layer(x), resize(flow, 0.5) * 0.5
            features.append(warp(x, flow))
        return features


class _Fusion(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv0 = nn.Sequential(nn.Conv2d(8, 32, 3, 2, 1), nn.PReLU(32))
        self.down0, self.down1 = _Down(32, 64), _Down(128, 128)
        self.down2, self.down3 = _Down(256, 256), _Down(512, 512)
        self.up0, self.up1 = _enlarge(1024, 256), _enlarge(512, 128)
        self.up2, self.up3 = _enlarge(256, 64), _enlarge(128, 32)
        self.conv = nn.Conv2d(32, 16, 3, 1, 1)

    def forward(self, x: Tensor, context0: list[Tensor], context1: list[Tensor]) -> Tensor:
        both = [torch.cat(pair, dim=1) for pair in zip(context0, context1, strict=True)]
        s0 = self.down0(self.conv0(x))
        s1 = self.down1(torch.cat([s0, both[0]], dim=1))
        s2 = self.down2(torch.cat([s1, both[1]], dim=1))
        s3 = self.down3(torch.cat([s2, both[2]], dim=1))
        x = self.up0(torch.cat([s3, both[3]], dim=1))
        x = self.up1(torch.cat([x, s2], dim=1))
        x = self.up2(torch.cat([x, s1], dim=1))
        x = self.up3(torch.cat([x, s0], dim=1))
        return nn.functional.pixel_shuffle(self.conv(x), 2)


def _enlarge(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.ConvTranspose2d(n_in, n_out, 4, 2, 1), nn.PReLU(n_out))


class RIFEv1(RifeNetwork):
    """The three networks together; 30.0 million parameters. `Prediction.flow` is F, 2 channels at half size."""

    any_time = False
    multiple = 32

    def __init__(self) -> None:
        super().__init__()
        self.flownet, self.contextnet, self.unet = _FlowNet(), _Context(), _Fusion()

    def forward(
        self, image0: Tensor, image1: Tensor, t: float | Tensor = 0.5, scale: float = 1.0
    ) -> Prediction:
        """Estimate the frame in the middle; see `RifeNetwork`."""
        flows = self.flownet(image0, image1, scale)
        flow = flows[-1]
        contexts = self.contextnet(image0, flow), self.contextnet(image1, -flow)
        full = resize(flow, 2) * 2
        warped = warp(image0, full), warp(image1, -full)
        out = self.unet(torch.cat([*warped, full], dim=1), *contexts)
        mask = out[:, 3:]
        merged = fuse(*warped, mask)
        image = (merged + 2 * torch.sigmoid(out[:, :3]) - 1).clamp(0, 1)
        return Prediction(image, flow, mask, flows, [merged])
