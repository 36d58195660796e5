"""MagNet: encoder, manipulator and decoder of learning-based motion magnification.

Oh, Jaroensri, Kim, Elgharib, Durand, Freeman, Matusik, "Learning-based video motion magnification", ECCV
2018, arXiv 1804.02684. The encoder splits a frame into a texture V (a quarter of its size) and a shape M
(half of it), the manipulator moves the shape of frame B away from that of frame A, and the decoder draws
the texture of B at the moved shape. No bias and no normalisation anywhere.

Published implementations differ in five places, which `MagNetLayout` names; the layout of the PyTorch port
by Z. Peng is the default. ``residual`` is our own form for a small network that is trained for minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mezoo.errors import ConfigError

#: Sides of an input frame are multiples of this: the texture has a quarter of the size.
SIDE_MULTIPLE = 4


@dataclass(frozen=True)
class MagNetLayout:
    """Everything that decides shapes and meaning of the weights.

    Attributes
    ----------
    width : int
        Channels of texture and shape, even; the decoder has twice as many.
    trunk_blocks, texture_blocks, shape_blocks, decoder_blocks : int
        Residual blocks of each part.
    shape_conv : bool
        A convolution with ReLU opens the shape branch (both PyTorch ports, not the official code).
    texture_conv : bool
        A convolution with ReLU follows the up-sampling of the texture (missing in Peng's port).
    difference_kernel : int
        Side of the first convolution of the manipulator: 3 in the paper, 7 in the official code.
    stride_padding : {"reflect", "same"}
        Border of the two stride-2 convolutions: one reflected pixel all round, or TensorFlow's SAME, which is
        one zero pixel after the last (even sizes).
    gain : {"factor - 1", "factor"}
        What the weights were trained to take as gain for a total factor; Peng's port was trained with the
        factor itself, although a gain of 0 changes nothing there too.
    residual : bool
        Our variant: the manipulator is linear, M' = M_b + gain (M_b - M_a), and the frame is B plus the
        difference of two drawings, with M' and with M_b. Where nothing moves, or for factor 1, it is B.
    """

    width: int = 32
    trunk_blocks: int = 3
    texture_blocks: int = 2
    shape_blocks: int = 2
    decoder_blocks: int = 9
    shape_conv: bool = True
    texture_conv: bool = False
    difference_kernel: int = 3
    stride_padding: Literal["reflect", "same"] = "reflect"
    gain: Literal["factor - 1", "factor"] = "factor - 1"
    residual: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no network can have."""
        blocks = (self.trunk_blocks, self.texture_blocks, self.shape_blocks, self.decoder_blocks)
        if self.width < 2 or self.width % 2 or min(blocks) < 0 or self.difference_kernel % 2 == 0:
            raise ConfigError(
                f"width {self.width}, blocks {blocks}, kernel {self.difference_kernel}",
                "an even width, no negative number of blocks and an odd kernel",
                "Correct the layout of MagNet",
            )

    def gain_of(self, factor: float) -> float:
        """Gain that these weights take for a total magnification factor (1: no change)."""
        return factor - 1 if self.gain == "factor - 1" else factor


#: Layouts of the published weights and the sizes of ours.
LAYOUTS: dict[str, MagNetLayout] = {
    "official": MagNetLayout(shape_conv=False, texture_conv=True, difference_kernel=7, stride_padding="same"),
    "peng": MagNetLayout(gain="factor"),
    "kim": MagNetLayout(texture_conv=True, difference_kernel=7),
    "small": MagNetLayout(16, 2, 1, 1, 3),
    "small_residual": MagNetLayout(16, 2, 1, 1, 3, residual=True),
}


def _pad_reflect(x: Tensor, margin: int) -> Tensor:
    return F.pad(x, (margin, margin, margin, margin), mode="reflect")


class Convolution(nn.Module):
    """Convolution without bias; border reflected, or zeros after the end for stride 2 (`stride_padding`)."""

    def __init__(self, n_in: int, n_out: int, kernel: int, *, stride: int = 1, same: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in, kernel, kernel))
        nn.init.kaiming_normal_(self.weight)
        self._stride, self._same = stride, same

    def forward(self, x: Tensor) -> Tensor:
        """(B, n_in, H, W) -> (B, n_out, H / stride, W / stride)."""
        margin = self.weight.shape[-1] // 2
        padded = F.pad(x, (0, margin, 0, margin)) if self._same else _pad_reflect(x, margin)
        return F.conv2d(padded, self.weight, stride=self._stride)


class ResidualBlock(nn.Module):
    """Two convolutions with a ReLU between them, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = Convolution(width, width, 3)
        self.second = Convolution(width, width, 3)
        with torch.no_grad():
            self.second.weight.mul_(0.1)  # nearly the identity at first: deep stacks keep their scale

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W) -> the same shape."""
        return x + self.second(torch.relu(self.first(x)))


def _blocks(width: int, n: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(width) for _ in range(n)))


class Encoder(nn.Module):
    """A frame -> its texture and its shape."""

    def __init__(self, layout: MagNetLayout) -> None:
        super().__init__()
        width, same = layout.width, layout.stride_padding == "same"
        self.stem = Convolution(3, width // 2, 7)
        self.down = Convolution(width // 2, width, 3, stride=2, same=same)
        self.trunk = _blocks(width, layout.trunk_blocks)
        self.texture_down = Convolution(width, width, 3, stride=2, same=same)
        self.texture = _blocks(width, layout.texture_blocks)
        self.shape_conv = Convolution(width, width, 3) if layout.shape_conv else None
        self.shape = _blocks(width, layout.shape_blocks)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W) in [-1, 1] -> texture (B, width, H / 4, W / 4), shape (B, width, H / 2, W / 2)."""
        trunk = self.trunk(torch.relu(self.down(torch.relu(self.stem(frames)))))
        texture = self.texture(torch.relu(self.texture_down(trunk)))
        shape = trunk if self.shape_conv is None else torch.relu(self.shape_conv(trunk))
        return texture, self.shape(shape)


class Manipulator(nn.Module):
    """Move a shape by the gained difference of two: M' = M_b + h(gain * g(difference))."""

    def __init__(self, layout: MagNetLayout) -> None:
        super().__init__()
        self.difference = Convolution(layout.width, layout.width, layout.difference_kernel)
        self.after = Convolution(layout.width, layout.width, 3)
        self.block = ResidualBlock(layout.width)

    def forward(self, shape_b: Tensor, difference: Tensor, gain: Tensor) -> Tensor:
        """All (B, width, H / 2, W / 2); gain (B, 1, 1, 1)."""
        return shape_b + self.block(self.after(gain * torch.relu(self.difference(difference))))


class LinearManipulator(nn.Module):
    """The manipulator of our residual form: M' = M_b + gain * difference, without weights."""

    def forward(self, shape_b: Tensor, difference: Tensor, gain: Tensor) -> Tensor:
        """All (B, width, H / 2, W / 2); gain (B, 1, 1, 1)."""
        return shape_b + gain * difference


class Decoder(nn.Module):
    """Texture and shape -> a frame."""

    def __init__(self, layout: MagNetLayout) -> None:
        super().__init__()
        width = layout.width
        self.texture_conv = Convolution(width, width, 3) if layout.texture_conv else None
        self.blocks = _blocks(2 * width, layout.decoder_blocks)
        self.merge = Convolution(2 * width, width, 3)
        self.output = Convolution(width, 3, 7)
        # with a plain ReLU here, the residual form learns within minutes to keep silent, and cannot unlearn it
        self._slope = 0.2 if layout.residual else 0.0

    def forward(self, texture: Tensor, shape: Tensor) -> Tensor:
        """Shapes as the encoder gives them -> (B, 3, H, W), not clipped."""
        enlarged = F.interpolate(texture, scale_factor=2, mode="nearest")
        if self.texture_conv is not None:
            enlarged = torch.relu(self.texture_conv(enlarged))
        if enlarged.shape[2:] != shape.shape[2:]:  # half an odd size was rounded up
            enlarged = F.interpolate(enlarged, size=shape.shape[2:], mode="nearest")
        features = self.blocks(torch.cat([enlarged, shape], dim=1))
        merged = self.merge(F.interpolate(features, scale_factor=2, mode="nearest"))
        return self.output(F.leaky_relu(merged, self._slope))


class MagNet(nn.Module):
    """The network; 877,968 parameters in its default layout.

    Parameters
    ----------
    layout : MagNetLayout
    """

    def __init__(self, layout: MagNetLayout = LAYOUTS["peng"]) -> None:
        super().__init__()
        self.layout = layout
        self.encoder = Encoder(layout)
        self.manipulator = LinearManipulator() if layout.residual else Manipulator(layout)
        self.decoder = Decoder(layout)
        if layout.residual:
            with torch.no_grad():
                self.decoder.output.weight.mul_(0.1)  # a loud start teaches to change nothing, for good

    def decode(self, frame_b: Tensor, texture_b: Tensor, shape_b: Tensor, shape: Tensor) -> Tensor:
        """Draw the texture of B at a manipulated shape: (B, 3, H, W), not clipped.

        The residual form adds what the manipulation changes in the drawing to frame B, which is therefore
        itself, to the last bit of float32, where the manipulated shape is its own.
        """
        if not self.layout.residual:
            return self.decoder(texture_b, shape)
        drawn = self.decoder(torch.cat([texture_b, texture_b]), torch.cat([shape, shape_b]))
        changed, unchanged = drawn.chunk(2)
        return frame_b + (changed - unchanged)

    def forward(self, frame_a: Tensor, frame_b: Tensor, gain: Tensor) -> Tensor:
        """Magnify the motion from A to B.

        Parameters
        ----------
        frame_a, frame_b : Tensor, float32, shape (B, 3, H, W)
            RGB in [-1, 1]; H and W multiples of 4.
        gain : Tensor, float32, shape (B,)
            `MagNetLayout.gain_of` the factor.

        Returns
        -------
        Tensor, float32, shape (B, 3, H, W)
            Not clipped.
        """
        _, shape_a = self.encoder(frame_a)
        texture_b, shape_b = self.encoder(frame_b)
        moved = self.manipulator(shape_b, shape_b - shape_a, gain.reshape(-1, 1, 1, 1))
        return self.decode(frame_b, texture_b, shape_b, moved)
