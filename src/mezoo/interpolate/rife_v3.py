"""The 3.x releases of RIFE ("HDv3"): three equal blocks, each run forth and back, no refinement, the middle only.

Numbers follow a public copy of the release. Imports torch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mezoo.interpolate.rife_layers import Prediction, RifeNetwork, conv, look, resize

_WIDTH, _SCALES = 90, (4, 2, 1)


class _Block(nn.Module):
    def __init__(self, n_in: int, width: int) -> None:
        super().__init__()
        self.conv0 = nn.Sequential(conv(n_in, width // 2, stride=2), conv(width // 2, width, stride=2))
        for k in range(4):
            self.add_module(f"convblock{k}", nn.Sequential(conv(width, width), conv(width, width)))
        self.conv1, self.conv2 = _end(width, 4), _end(width, 1)

    def forward(
        self, images: tuple[Tensor, Tensor], mask: Tensor, flow: Tensor, scale: float
    ) -> tuple[Tensor, Tensor]:
        x = resize(torch.cat([*images, mask], dim=1), 1 / scale)
        x = self.conv0(torch.cat([x, resize(flow, 1 / scale) / scale], dim=1))
        for k in range(4):
            x = self.get_submodule(f"convblock{k}")(x) + x
        return resize(self.conv1(x), scale) * scale, resize(self.conv2(x), scale)


def _end(width: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(width, width // 2, 4, 2, 1),
        nn.PReLU(width // 2),
        nn.ConvTranspose2d(width // 2, n_out, 4, 2, 1),
    )


class RIFEv3(RifeNetwork):
    """The network. Swapping the images swaps the flows and turns the mask over, exactly."""

    any_time = False
    multiple = 32

    def __init__(self, width: int = _WIDTH) -> None:
        super().__init__()
        self.block0, self.block1, self.block2 = (_Block(11, width) for _ in range(3))

    def forward(
        self, image0: Tensor, image1: Tensor, t: float | Tensor = 0.5, scale: float = 1.0
    ) -> Prediction:
        """Estimate the frame in the middle; see `RifeNetwork`."""
        warped = image0, image1
        flow, mask = torch.zeros_like(image0[:, [0] * 4]), torch.zeros_like(image0[:, :1])
        flows, merged = [], []
        for block, size in zip((self.block0, self.block1, self.block2), _SCALES, strict=True):
            forth, mask_forth = block(warped, mask, flow, size / scale)
            back, mask_back = block((warped[1], warped[0]), -mask, _swap(flow), size / scale)
            flow = flow + (forth + _swap(back)) / 2
            mask = mask + (mask_forth - mask_back) / 2
            warped, fused = look(image0, image1, flow, mask)
            flows.append(flow)
            merged.append(fused)
        return Prediction(merged[-1], flow, mask, flows, merged)


def _swap(flow: Tensor) -> Tensor:
    return torch.cat([flow[:, 2:], flow[:, :2]], dim=1)
