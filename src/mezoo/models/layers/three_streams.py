"""Three shallow streams, one per channel of a flow image: what SOFTNet, MTSN and STSTNet's heirs share.

Liong, See, Wong, "Shallow optical flow three-stream CNN for macro- and micro-expression spotting from long
videos", ICIP 2021: horizontal flow, vertical flow and strain see 3, 5 and 8 filters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

FILTERS = (3, 5, 8)


class ThreeStreams(nn.Module):
    """Convolution 5x5 and largest of 3x3 per stream, joined, largest of 2x2; 416 weights.

    Output (B, 16, S // 6, S // 6) for images (B, 3, S, S).
    """

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(1, n, 5, padding=2) for n in FILTERS)

    def forward(self, images: Tensor) -> Tensor:
        """Filter each channel by its own stream."""
        streams = [
            nn.functional.max_pool2d(convolution(images[:, k : k + 1]).relu(), 3)
            for k, convolution in enumerate(self.convolutions)
        ]
        return nn.functional.max_pool2d(torch.cat(streams, dim=1), 2)
