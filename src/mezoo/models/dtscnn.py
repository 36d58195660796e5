"""DTSCNN: a shallow 3-D network on the flow of a clip of 64 frame pairs, another on 128, and both side by side.

Peng, Wang, Chen, Liu, Fu, "Dual temporal scale convolutional neural network for micro-expression recognition",
Frontiers in Psychology 8:1745, 2017. There is no official code. What is known of the paper: two streams of four
convolutions each followed by pooling, 3-D kernels, flow as input, a support vector machine on the features. The
layers of the 64-pair stream are those of a later network that says it follows the paper; its time axis ends at
exactly one step. Our readings: the first layer of the 128-pair stream, with which it does too, and the layers
behind the convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.errors import ConfigError
from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

#: Time steps behind the first convolution, whatever the length of the clip.
_STEPS = 16
#: The maps of a stream are so many times smaller than its fields, along each side.
_STRIDE = 32
_PAPER = "Peng et al., DTSCNN, Frontiers in Psychology 8:1745, 2017"
_SMALL = {"size": 32, "width": 4, "hidden": 32}


class Stream(nn.Module):
    """Four convolutions, each followed by pooling, that bring a clip to one time step.

    Parameters
    ----------
    n_frames : int
        Frame pairs of the clip, a multiple of 32. The kernel of the first layer spans an eighth of them and moves by
        half of that, so that every length gives 16 steps: 8 and 4 for 64 frame pairs, 16 and 8 for 128.
    in_channels : int
        Channels of the flow.
    width : int
        Channels of the first layer; each further layer has twice as many.

    Raises
    ------
    ConfigError
        Another length.
    """

    def __init__(self, *, n_frames: int, in_channels: int = 3, width: int = 16) -> None:
        super().__init__()
        if n_frames < 2 * _STEPS or n_frames % (2 * _STEPS):
            raise ConfigError(
                f"a stream of {n_frames} frame pairs", f"a multiple of {2 * _STEPS}", "Correct n_frames"
            )
        step = n_frames // _STEPS
        self.conv1 = nn.Conv3d(in_channels, width, (2 * step, 3, 3), (step, 2, 2), (step // 2, 1, 1))
        self.conv2 = nn.Conv3d(width, 2 * width, 3, padding=1)
        self.conv3 = nn.Conv3d(2 * width, 4 * width, 3, padding=1)
        self.conv4 = nn.Conv3d(4 * width, 8 * width, (4, 3, 3), padding=(0, 1, 1))
        self.out_channels = 8 * width

    def forward(self, clip: Tensor) -> Tensor:
        """(B, in, n_frames, S, S) -> (B, 8 width, S / 32, S / 32)."""
        maps = F.max_pool3d(F.relu(self.conv1(clip)), (1, 2, 2))  # (B, width, 16, S/4, S/4)
        maps = F.max_pool3d(F.relu(self.conv2(maps)), 2)  # (B, 2 width, 8, S/8, S/8)
        maps = F.max_pool3d(F.relu(self.conv3(maps)), 2)  # (B, 4 width, 4, S/16, S/16)
        maps = F.max_pool3d(F.relu(self.conv4(maps)), (1, 2, 2))  # (B, 8 width, 1, S/32, S/32)
        return maps.squeeze(2)


@register(
    "dtscnn",
    task="recognition",
    inputs={"flow_clip-64-128": (3, 64, 128, 128), "flow_clip-128-128": (3, 128, 128, 128)},
    output=(4,),
    paper=_PAPER,
    small={"n_frames": (32, 64), **_SMALL},
    small_inputs={"flow_clip-32-32": (3, 32, 32, 32), "flow_clip-64-32": (3, 64, 32, 32)},
)
class DTSCNN(Recogniser):
    """Class of an expression from the flow of clips of one or more lengths.

    Each stream ends in a layer of `hidden` units; their vectors side by side make the features, read by a softmax layer
    while training and, in the paper, by a support vector machine afterwards. Two streams are trained together.

    Parameters
    ----------
    n_classes : int
    n_frames : sequence of int
        Frame pairs of the clip of each stream.
    in_channels : int
        Channels of the flow: dx, dy and magnitude, or fewer.
    size : int
        Side of the fields in px, a multiple of 32.
    width, hidden : int
        Channels of the first convolution, and units behind the last.
    dropout : float
        Before the last layer.
    """

    def __init__(
        self,
        *,
        n_classes: int = 4,
        n_frames: Sequence[int] = (64, 128),
        in_channels: int = 3,
        size: int = 128,
        width: int = 16,
        hidden: int = 1024,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            Stream(n_frames=n, in_channels=in_channels, width=width) for n in n_frames
        )
        n_places = (size // _STRIDE) ** 2
        self.hidden = nn.ModuleList(nn.Linear(n_places * 8 * width, hidden) for _ in n_frames)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(len(n_frames) * hidden, n_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv3d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.constant_(module.get_parameter("bias"), 0)

    def _hidden(self, clips: Sequence[Tensor]) -> Tensor:
        """Units (B, streams x hidden) before the last layer."""
        vectors = [
            F.relu(layer(stream(clip).flatten(1)))
            for clip, stream, layer in zip(clips, self.streams, self.hidden, strict=True)
        ]
        return torch.cat(vectors, dim=1)

    def forward(self, *clips: Tensor) -> Tensor:
        """Logits (B, n_classes) of one clip (B, in_channels, n_frames, size, size) per stream."""
        return self.head(self.dropout(self._hidden(clips)))

    def features(self, *inputs: Any) -> Tensor:
        """Vectors (B, streams x hidden) of length 1 for the support vector machine, of the clips of `forward`."""
        return F.normalize(self._hidden(inputs))


@register(
    "dtscnn64",
    task="recognition",
    inputs={"flow_clip-64-128": (3, 64, 128, 128)},
    output=(4,),
    paper=_PAPER,
    small={"n_frames": (32,), **_SMALL},
    small_inputs={"flow_clip-32-32": (3, 32, 32, 32)},
)
class DTSCNN64(DTSCNN):
    """The stream of 64 frame pairs alone; arguments as for `DTSCNN`."""

    def __init__(self, *, n_frames: Sequence[int] = (64,), **options: Any) -> None:
        super().__init__(n_frames=n_frames, **options)


@register(
    "dtscnn128",
    task="recognition",
    inputs={"flow_clip-128-128": (3, 128, 128, 128)},
    output=(4,),
    paper=_PAPER,
    small={"n_frames": (64,), **_SMALL},
    small_inputs={"flow_clip-64-32": (3, 64, 32, 32)},
)
class DTSCNN128(DTSCNN):
    """The stream of 128 frame pairs alone; arguments as for `DTSCNN`."""

    def __init__(self, *, n_frames: Sequence[int] = (128,), **options: Any) -> None:
        super().__init__(n_frames=n_frames, **options)
