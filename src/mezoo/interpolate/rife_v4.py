"""The 4.x releases of RIFE: no refinement, any time, and from 4.7 on an encoder of image features.

No paper describes them; the shapes follow the public releases (Practical-RIFE, vs-rife). Releases of equal
shapes compute the same, so a network is built from the shapes of its file. Imports torch.

Deviation: 4.0 and 4.1 start again at half the resolution when flows exceed 32 px. Neighbouring frames of a
face never move that far, and the rule would make a frame depend on the others in its batch: left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mezoo.interpolate.rife_layers import (
    Body,
    FlowBlock,
    Prediction,
    RifeNetwork,
    look,
    time_plane,
    warp_both,
)


@dataclass(frozen=True)
class V4Layout:
    """Shapes of one release.

    Attributes
    ----------
    widths : tuple of int
        Channels of the blocks, coarse to fine.
    body : {'prelu', 'leaky', 'residual'}
    n_out : int
        Output channels of a block: 5 or 6 (one is unused), or 13 with 8 features for the next block.
    shuffle : bool
        The blocks end with a pixel shuffle.
    encoder : {'none', 'short', 'long', 'head'}
        Two layers, four layers in a row, or four named ones.
    encoder_width, n_features : int
        Channels inside of the encoder and of what it gives.
    groups : int
        Groups of the convolutions (2 in 4.14 lite).
    """

    widths: tuple[int, ...]
    body: Body
    n_out: int
    shuffle: bool
    encoder: str = "none"
    encoder_width: int = 0
    n_features: int = 0
    groups: int = 1

    @property
    def replaces_mask(self) -> bool:
        """Whether a block gives the mask itself (4.7 on) rather than its change."""
        return self.encoder != "none"

    @property
    def scales(self) -> tuple[int, ...]:
        """Scale of each block, coarse to fine."""
        if len(self.widths) == 5 and self.widths[-1] == 24:
            return (32, 16, 8, 4, 1)  # 4.25 lite
        return tuple(2**k for k in reversed(range(len(self.widths))))


def v4_layout(state: Mapping[str, Tensor]) -> V4Layout:
    """Read the shapes off a state dict of a 4.x release."""
    n_blocks = sum(f"block{k}.conv0.0.0.weight" in state for k in range(8))
    shuffle = "block0.lastconv.0.weight" in state
    last = "lastconv.0.weight" if shuffle else "lastconv.weight"
    ends = [state[f"block{k}.{last}"].shape for k in range(n_blocks)]
    residual = "block0.convblock.0.beta" in state
    body: Body = "residual" if residual else "prelu" if "block0.conv0.0.1.weight" in state else "leaky"
    groups = ends[0][0] // state["block0.convblock.0.conv.weight"].shape[1] if residual else 1
    encoder, first, final = "none", "", ""
    for name, begin, end in (("head", "cnn0", "cnn3"), ("long", "0", "6"), ("short", "0", "1")):
        if f"encode.{end}.weight" in state:
            encoder, first, final = name, f"encode.{begin}.weight", f"encode.{end}.weight"
            break
    return V4Layout(
        widths=tuple(end[0] for end in ends),
        body=body,
        n_out=ends[0][1] // 4 if shuffle else ends[0][1],
        shuffle=shuffle,
        encoder=encoder,
        encoder_width=state[first].shape[0] if first else 0,
        n_features=state[final].shape[1] if final else 0,
        groups=groups,
    )


class _Head(nn.Module):
    """Encoder of the releases from 4.13 on."""

    def __init__(self, width: int, n_out: int) -> None:
        super().__init__()
        self.cnn0 = nn.Conv2d(3, width, 3, 2, 1)
        self.cnn1 = nn.Conv2d(width, width, 3, 1, 1)
        self.cnn2 = nn.Conv2d(width, width, 3, 1, 1)
        self.cnn3 = nn.ConvTranspose2d(width, n_out, 4, 2, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = image
        for layer in (self.cnn0, self.cnn1, self.cnn2):
            x = F.leaky_relu(layer(x), 0.2)
        return self.cnn3(x)


def _encoder(layout: V4Layout) -> nn.Module | None:
    width, n_out = layout.encoder_width, layout.n_features
    if layout.encoder == "head":
        return _Head(width, n_out)
    if layout.encoder == "short":
        return nn.Sequential(nn.Conv2d(3, width, 3, 2, 1), nn.ConvTranspose2d(width, n_out, 4, 2, 1))
    if layout.encoder == "long":
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, 2, 1), nn.LeakyReLU(0.2)]
        for _ in range(2):
            layers += [nn.Conv2d(width, width, 3, 1, 1), nn.LeakyReLU(0.2)]
        return nn.Sequential(*layers, nn.ConvTranspose2d(width, n_out, 4, 2, 1))
    return None


class RIFEv4(RifeNetwork):
    """A 4.x network of the given shapes; see `V4Layout`."""

    any_time = True

    def __init__(self, layout: V4Layout) -> None:
        super().__init__()
        self.layout = layout
        self.multiple = max(32, 4 * layout.scales[0])
        self.feeds_back = layout.n_out > 6
        images = 6 + 2 * layout.n_features + 1
        for k, width in enumerate(layout.widths):
            block = FlowBlock(
                images if k == 0 else images + 5 + self.feeds_back * (layout.n_out - 5),
                width,
                n_out=layout.n_out,
                body=layout.body,
                shuffle=layout.shuffle,
                groups=layout.groups,
            )
            self.add_module(f"block{k}", block)
        encoder = _encoder(layout)
        if encoder is not None:
            self.encode = encoder

    def forward(
        self, image0: Tensor, image1: Tensor, t: float | Tensor = 0.5, scale: float = 1.0
    ) -> Prediction:
        """Estimate the new frame; see `RifeNetwork`."""
        image0, image1 = image0.clamp(0, 1), image1.clamp(0, 1)
        features = (self.encode(image0), self.encode(image1)) if self.layout.replaces_mask else ()
        time = time_plane(image0, t)
        first = torch.cat([image0, image1, *features, time], dim=1)
        flow, out = self.get_submodule("block0")(first, None, self.layout.scales[0] / scale)
        mask = out[:, :1]
        warped, fused = look(image0, image1, flow, mask)
        flows, merged = [flow], [fused]
        for k, size in enumerate(self.layout.scales[1:], start=1):
            warped_features = warp_both(*features, flow) if features else ()
            fed_back = [out[:, 1:]] if self.feeds_back else []
            x = torch.cat([*warped, *warped_features, time, mask, *fed_back], dim=1)
            change, out = self.get_submodule(f"block{k}")(x, flow, size / scale)
            flow = flow + change
            mask = out[:, :1] if self.layout.replaces_mask else mask + out[:, :1]
            warped, fused = look(image0, image1, flow, mask)
            flows.append(flow)
            merged.append(fused)
        return Prediction(merged[-1], flow, mask, flows, merged)
