"""ResNet10 with pre-activation, with or without micro-attention: the backbone of the apex-frame networks.

Simon, Rodner, Denzler, "ImageNet pre-trained models with batch normalization", arXiv 1612.01452 (their ResNet10), for
one grey channel as in Peng et al., "From macro to micro expression recognition", FG 2018, and ATNet, ACII 2019.
Attention: Wang, Peng, Bi, Chen, "Micro-attention for micro-expression recognition", Neurocomputing 410 (2020) 354-362.

Layers, sizes and order are those of the released Caffe nets. Batch normalisation keeps PyTorch's running mean
(momentum 0.1); Caffe's default looks back a thousand steps, of the 2500 that a fold is trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.errors import ConfigError

LastNorm = Literal["after", "before"]
#: Channels of the four blocks, which also name them in the released nets.
BLOCKS = (64, 128, 256, 512)


class MicroAttention(nn.Module):
    """Map of one residual block: three layers side by side, mixed by a 1x1 convolution, averaged over the channels.

    Parameters
    ----------
    channels : int
        C of the block.

    Attributes
    ----------
    mix : Conv2d
        3C -> C, no bias.
    mean : Conv2d
        C -> 1 with all weights 1 / C, not trained: gradients pass through it, none enters it.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3 * channels, channels, 1, bias=False)
        self.mean = nn.Conv2d(channels, 1, 1, bias=False)
        self.mean.requires_grad_(False)

    def forward(self, shortcut: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """Return the map (B, 1, H, W) before the sigmoid, from three layers (B, C, H, W)."""
        return self.mean(self.mix(torch.cat([shortcut, first, second], dim=1)))


class Block(nn.Module):
    """Residual block of two 3x3 convolutions; all but the first one activate their input and halve it.

    Parameters
    ----------
    n_in, n_out : int
        Channels. The shortcut is the input itself when they are equal (first block), else a 1x1 convolution of the
        activated input.
    attention : bool
        Whether the sum is multiplied by 1 + sigmoid(map).
    """

    def __init__(self, n_in: int, n_out: int, *, attention: bool) -> None:
        super().__init__()
        self.changes = n_in != n_out
        stride = 2 if self.changes else 1
        if self.changes:
            self.bn1 = nn.BatchNorm2d(n_in)
            self.expand = nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False)
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.attention = MicroAttention(n_out) if attention else None

    def forward(self, x: Tensor, norm: nn.Module | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the output (B, n_out, H, W) and the map (B, 1, H, W) before the sigmoid, None without attention.

        `norm` with a ReLU acts on the sum, before attention.
        """
        entry = F.relu(self.bn1(x)) if self.changes else x
        shortcut = self.expand(entry) if self.changes else x
        first = F.relu(self.bn2(self.conv1(entry)))
        second = self.conv2(first)
        total = shortcut + second
        if norm is not None:
            total = F.relu(norm(total))
        if self.attention is None:
            return total, None
        attention = self.attention(shortcut, first, second)
        return total * (1 + attention.sigmoid()), attention


class ResNet10(nn.Module):
    """Backbone: a grey image becomes one vector.

    Parameters
    ----------
    width : int
        Channels of the first block; 64 as published, the others have 2, 4 and 8 times as many.
    attention : bool
        Micro-attention in every block.
    l2_feature : bool
        Scale the vector to unit length (ATNet).
    last_bn : {"after", "before"}
        Where the last batch normalisation and ReLU act: on the output of the last block, or on its sum before
        attention (MicroAttention as released with ATNet).
    """

    def __init__(
        self,
        *,
        width: int = 64,
        attention: bool = False,
        l2_feature: bool = False,
        last_bn: LastNorm = "after",
    ) -> None:
        super().__init__()
        if last_bn not in get_args(LastNorm):
            raise ConfigError(f"last_bn {last_bn!r}", "after or before", "Correct the options of the recipe")
        self.l2_feature, self.last_bn_before = l2_feature, last_bn == "before"
        self.n_features = 8 * width
        self.data_bn = nn.BatchNorm2d(1)
        self.conv1 = nn.Conv2d(1, width, 7, stride=2, padding=3)
        self.conv1_bn = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)  # Caffe rounds up: 112 -> 56
        sizes = (width, width, 2 * width, 4 * width, 8 * width)
        for name, n_in, n_out in zip(BLOCKS, sizes, sizes[1:], strict=False):
            self.add_module(f"block_{name}", Block(n_in, n_out, attention=attention))
        self.last_bn = nn.BatchNorm2d(self.n_features)
        self._initialise()

    def _initialise(self) -> None:
        """He's weights, by fan-out in the first convolution and fan-in elsewhere, as the released nets say."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out" if name == "conv1" else "fan_in", nonlinearity="relu"
                )
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for module in self.modules():
            if isinstance(module, MicroAttention):
                nn.init.constant_(module.mean.weight, 1 / module.mean.in_channels)

    def stem(self, image: Tensor) -> Tensor:
        """First convolution and pooling: (B, 1, H, W) -> (B, width, H/4, W/4)."""
        return self.pool(F.relu(self.conv1_bn(self.conv1(self.data_bn(image)))))

    def blocks(self, image: Tensor) -> list[tuple[Tensor, Tensor | None]]:
        """Output and map of each block in turn, as `Block` gives them."""
        x, found = self.stem(image), []
        for name in BLOCKS:
            norm = self.last_bn if self.last_bn_before and name == BLOCKS[-1] else None
            x, attention = self.get_submodule(f"block_{name}")(x, norm)
            found.append((x, attention))
        return found

    def pooled(self, image: Tensor) -> Tensor:
        """Vector (B, 8 width) of the last block, averaged over the picture, before any scaling."""
        x = self.blocks(image)[-1][0]
        if not self.last_bn_before:
            x = F.relu(self.last_bn(x))
        return x.mean(dim=(2, 3))

    def forward(self, image: Tensor) -> Tensor:
        """Vector (B, 8 width) of grey images (B, 1, H, W), 0 to 255."""
        vector = self.pooled(image)
        return F.normalize(vector) if self.l2_feature else vector


def _official_modules() -> dict[str, str]:
    """Layer of the released nets -> our module, in a network whose ``backbone`` is a `ResNet10`."""
    names = {name: name for name in ("data_bn", "conv1", "conv1_bn", "last_bn")}
    for block in BLOCKS:
        names |= {
            f"layer_{block}_1_{part}": f"block_{block}.{part}" for part in ("bn1", "conv1", "bn2", "conv2")
        }
        names[f"layer_{block}_1_conv_expand"] = f"block_{block}.expand"
        names[f"mask_Concat_{block}_1x1"] = f"block_{block}.attention.mix"
        names[f"mask_Concat_{block}_1x1_one"] = f"block_{block}.attention.mean"
    heads = dict.fromkeys(("classifier-Expressions", "classifier-Micro_expression"), "classifier")
    return {official: f"backbone.{ours}" for official, ours in names.items()} | heads


OFFICIAL_MODULES = _official_modules()


def load_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename tensors of the released nets to ours.

    Parameters
    ----------
    state : mapping of str to Tensor
        Layer and tensor, e.g. ``layer_64_1_conv1.weight``; a BatchNorm layer and the Scale layer after it are one
        module (running_mean, running_var, weight, bias). Names that are none of the released nets stay.

    Returns
    -------
    dict of str to Tensor
        State of a network whose ``backbone`` is a `ResNet10`. Caffe counts no batches: the counters are 0.
    """
    renamed: dict[str, Tensor] = {}
    for name, value in state.items():
        layer, _, kind = name.rpartition(".")
        module = OFFICIAL_MODULES.get(layer)
        renamed[f"{module}.{kind}" if module else name] = value
        if module and kind == "running_var":
            renamed[f"{module}.num_batches_tracked"] = torch.zeros((), dtype=torch.int64)
    return renamed
