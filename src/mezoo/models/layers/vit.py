"""Vision transformer: patches of one image attend to each other, a class token gathers what they say.

Dosovitskiy et al., "An image is worth 16x16 words", ICLR 2021, arXiv 2010.11929, in the form of SLSTT (Zhang et al.,
IEEE TAC 13(4), 2022) and of the published file ``B_16_imagenet1k.pth`` (ImageNet-21k, then ImageNet at 384 px), whose
parameter names are ours: blocks normalise before they attend, query, key and value are three layers, GELU is its tanh
approximation. Nothing attends across images: time is left to whoever reads the tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import skip_init

from mezoo.errors import ConfigError

Pixels = Literal["imagenet", "half"]
#: Mean and standard deviation per channel, of values 0 ... 1. The published weights were trained with ``half``, the
#: official code of SLSTT feeds them ``imagenet``.
PIXELS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}


@dataclass(frozen=True)
class ViTLayout:
    """Sizes of one vision transformer.

    Attributes
    ----------
    size, patch : int
        Sides of image and patch in px.
    dim, mlp_dim : int
        Length of a token, and of the layer inside the perceptron.
    n_heads, n_blocks : int
    """

    size: int
    patch: int
    dim: int
    mlp_dim: int
    n_heads: int
    n_blocks: int

    def __post_init__(self) -> None:
        if self.size % self.patch or self.dim % self.n_heads:
            raise ConfigError(
                f"images of {self.size} px, patches of {self.patch} px, {self.dim} numbers, {self.n_heads} heads",
                "whole patches, and whole heads",
                "Correct the sizes of the transformer",
            )

    @property
    def n_patches(self) -> int:
        """Patches along each side."""
        return self.size // self.patch


#: ``b16_384`` is the published network; ``small`` is ours, for tests and the demo.
LAYOUTS = {
    "b16_384": ViTLayout(size=384, patch=16, dim=768, mlp_dim=3072, n_heads=12, n_blocks=12),
    "small": ViTLayout(size=64, patch=16, dim=64, mlp_dim=128, n_heads=4, n_blocks=3),
}


class DropPath(nn.Module):
    """Leave a branch out for some images of a batch (Huang et al., "Deep networks with stochastic depth", 2016).

    Parameters
    ----------
    rate : float
        Share left out, from 0 to less than 1; what stays is scaled up, so that the mean is kept.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, branch: Tensor) -> Tensor:
        """Tensor (N, ...), the same shape back."""
        if not self.training or self.rate == 0:
            return branch
        kept = branch.new_empty((len(branch),) + (1,) * (branch.ndim - 1)).bernoulli_(1 - self.rate)
        return branch * kept / (1 - self.rate)


class SelfAttention(nn.Module):
    """Multi-head self-attention without the layer after it, which is `Block.proj` under the published names."""

    def __init__(self, dim: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.proj_q, self.proj_k, self.proj_v = (linear(dim, dim) for _ in range(3))
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, P, D) to (N, P, D)."""
        # (N, P, D) -> (N, heads, P, D / heads)
        q, k, v = (
            layer(tokens).unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
            for layer in (self.proj_q, self.proj_k, self.proj_v)
        )
        rate = self.drop.p if self.drop.training else 0.0  # of the attention weights
        return F.scaled_dot_product_attention(q, k, v, dropout_p=rate).transpose(1, 2).flatten(2)


class FeedForward(nn.Module):
    """The perceptron that each token passes by itself."""

    def __init__(self, dim: int, mlp_dim: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = linear(dim, mlp_dim), linear(mlp_dim, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, P, D) to (N, P, D)."""
        return self.fc2(F.gelu(self.fc1(tokens), approximate="tanh"))


class Block(nn.Module):
    """``x + drop(proj(attention(norm x)))``, then ``x + drop(perceptron(norm x))``."""

    def __init__(self, layout: ViTLayout, *, dropout: float, drop_path: float) -> None:
        super().__init__()
        self.attn = SelfAttention(layout.dim, layout.n_heads, dropout)
        self.proj = linear(layout.dim, layout.dim)
        self.norm1 = nn.LayerNorm(layout.dim, eps=1e-6)
        self.pwff = FeedForward(layout.dim, layout.mlp_dim)
        self.norm2 = nn.LayerNorm(layout.dim, eps=1e-6)
        self.drop = nn.Dropout(dropout)
        self.drop_path = DropPath(drop_path)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, P, D) to (N, P, D)."""
        tokens = tokens + self.drop_path(self.drop(self.proj(self.attn(self.norm1(tokens)))))
        return tokens + self.drop_path(self.drop(self.pwff(self.norm2(tokens))))


class Transformer(nn.Module):
    """The blocks, one after the other."""

    def __init__(self, layout: ViTLayout, *, dropout: float, drop_path: float) -> None:
        super().__init__()
        rates = [drop_path * k / max(1, layout.n_blocks - 1) for k in range(layout.n_blocks)]
        self.blocks = nn.ModuleList(Block(layout, dropout=dropout, drop_path=rate) for rate in rates)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, P, D) to (N, P, D)."""
        for block in self.blocks:
            tokens = block(tokens)
        return tokens


class Positions(nn.Module):
    """One learned vector per token, added to it."""

    def __init__(self, n_tokens: int, dim: int) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, n_tokens, dim).normal_(std=0.02))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (N, P, D) to (N, P, D)."""
        return tokens + self.pos_embedding


class ViT(nn.Module):
    """Vision transformer that gives the class token; 86,090,496 parameters for ``b16_384``.

    Linear layers start Xavier-uniform with biases N(0, 1e-6), positions N(0, 0.02), as in the official code of SLSTT.

    Parameters
    ----------
    layout : ViTLayout
    dropout : float
        Of attention weights, after the layer that follows them and after the perceptron; 0.1 in the code of SLSTT.
    drop_path : float
        Rate of `DropPath` in the last block, falling linearly to 0 in the first; none in the code of SLSTT.
    """

    def __init__(self, layout: ViTLayout, *, dropout: float = 0.1, drop_path: float = 0.0) -> None:
        super().__init__()
        self.layout = layout
        self.class_token = nn.Parameter(torch.zeros(1, 1, layout.dim))
        self.patch_embedding = nn.Conv2d(3, layout.dim, layout.patch, stride=layout.patch)
        self.positional_embedding = Positions(layout.n_patches**2 + 1, layout.dim)
        self.transformer = Transformer(layout, dropout=dropout, drop_path=drop_path)
        self.norm = nn.LayerNorm(layout.dim, eps=1e-6)

    def embed(self, images: Tensor) -> Tensor:
        """Class token, then the patches row by row, positions added: (N, 3, S, S) to (N, P + 1, D)."""
        patches = self.patch_embedding(images).flatten(2).mT  # (N, P, D)
        return self.positional_embedding(
            torch.cat([self.class_token.expand(len(images), -1, -1), patches], 1)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Encode images one by one.

        Parameters
        ----------
        images : Tensor, float32, shape (N, 3, S, S)
            Red, green, blue, normalised (`normalise_pixels`).

        Returns
        -------
        Tensor, float32, shape (N, D)
            Class token after the last normalisation.

        Raises
        ------
        ConfigError
            Images of another shape.
        """
        side = self.layout.size
        if images.shape[1:] != (3, side, side):
            raise ConfigError(
                f"images of shape {tuple(images.shape)}",
                f"(N, 3, {side}, {side})",
                "Ask for images of this size",
            )
        return self.norm(self.transformer(self.embed(images))[:, 0])


def linear(n_in: int, n_out: int) -> nn.Linear:
    """Linear layer that starts as in the official code of SLSTT: weight Xavier-uniform, bias N(0, 1e-6)."""
    # without the start that it would get otherwise: 86 million random numbers take a second
    layer = skip_init(nn.Linear, n_in, n_out, device=torch.get_default_device())
    nn.init.xavier_uniform_(layer.weight)
    nn.init.normal_(layer.bias, std=1e-6)
    return layer


def normalise_pixels(images: Tensor, pixels: Pixels) -> Tensor:
    """Take out the mean and divide by the deviation of `PIXELS`: float (..., 3, H, W) of 0 ... 1, same shape back."""
    mean, std = (images.new_tensor(values)[:, None, None] for values in PIXELS[pixels])
    return (images - mean) / std


def resize_positions(positions: Tensor, n_patches: int) -> Tensor:
    """Bring learned positions to another number of patches.

    The grid is interpolated linearly, corners onto corners, as in the official code; the class token keeps its own.

    Parameters
    ----------
    positions : Tensor, float32, shape (1, 1 + side ** 2, D)
    n_patches : int
        Patches along each side that are wanted.

    Returns
    -------
    Tensor, float32, shape (1, 1 + n_patches ** 2, D)
    """
    own, grid = positions[:, :1], positions[:, 1:]
    side = round(grid.shape[1] ** 0.5)
    plane = grid.mT.unflatten(-1, (side, side))  # (1, D, side, side)
    resized = F.interpolate(plane, size=(n_patches, n_patches), mode="bilinear", align_corners=True)
    return torch.cat([own, resized.flatten(2).mT], dim=1)


def load_official(state: Mapping[str, Tensor], layout: ViTLayout) -> dict[str, Tensor]:
    """Make the state dict of a `ViT` of a published one: without its classifier, positions at our number of patches.

    Everything else keeps its name, so that ``load_state_dict`` still tells a wrong file.
    """
    ours = {name: value for name, value in state.items() if not name.startswith("fc.")}
    name = "positional_embedding.pos_embedding"
    if name in ours and ours[name].shape[1] != layout.n_patches**2 + 1:
        ours[name] = resize_positions(ours[name], layout.n_patches)
    return ours
