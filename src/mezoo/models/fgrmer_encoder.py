"""Transformer encoder over patches of a face: the edge learning of FGRMER.

Lei, Chen, Li, Li, CVPR Workshops 2021; numbers of the official code raying777/FGRMER @ 1ed1be2: no positions, no
mask, and normalisation after the sum. 38,005 parameters per layer.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

D_MODEL = 49
HEADS = 8
D_HEAD = 16
D_INNER = 128
EPS = 1e-6


class SelfAttention(nn.Module):
    """Every token gathers from all, in 8 heads of 16 features, and is added to what it gathered.

    Parameters
    ----------
    dropout, attention_dropout : float
        On the gathered features, and on the weights they are gathered with.
    projection_bias : bool
        Whether the last map has a bias.
    """

    def __init__(self, *, dropout: float, attention_dropout: float, projection_bias: bool) -> None:
        super().__init__()
        self.query = nn.Linear(D_MODEL, HEADS * D_HEAD, bias=False)
        self.key = nn.Linear(D_MODEL, HEADS * D_HEAD, bias=False)
        self.value = nn.Linear(D_MODEL, HEADS * D_HEAD, bias=False)
        self.project = nn.Linear(HEADS * D_HEAD, D_MODEL, bias=projection_bias)
        self.norm = nn.LayerNorm(D_MODEL, eps=EPS)
        self.drop = nn.Dropout(dropout)
        self.drop_weights = nn.Dropout(attention_dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, 49) -> the same shape."""
        heads = (layer(tokens).unflatten(-1, (HEADS, D_HEAD)) for layer in (self.query, self.key, self.value))
        query, key, value = (head.transpose(1, 2) for head in heads)  # (B, heads, N, 16)
        weights = self.drop_weights((query @ key.mT / D_HEAD**0.5).softmax(dim=-1))
        gathered = (weights @ value).transpose(1, 2).flatten(2)
        return self.norm(tokens + self.drop(self.project(gathered)))


class FeedForward(nn.Module):
    """Two linear maps of each token by itself, added to the token."""

    def __init__(self, *, dropout: float) -> None:
        super().__init__()
        self.inner = nn.Linear(D_MODEL, D_INNER)
        self.outer = nn.Linear(D_INNER, D_MODEL)
        self.norm = nn.LayerNorm(D_MODEL, eps=EPS)
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, 49) -> the same shape."""
        return self.norm(tokens + self.drop(self.outer(self.inner(tokens).relu())))


class Encoder(nn.Module):
    """A stack of layers.

    Parameters
    ----------
    n_layers : int
    last_layer_only : bool
        The flaw of the official code: every layer reads the tokens themselves and only what the last one gives is
        used, so that the others have no effect and get no gradient. False feeds each layer with the one before.
    dropout, attention_dropout, projection_bias
        See `SelfAttention`.
    """

    def __init__(
        self,
        n_layers: int,
        *,
        last_layer_only: bool,
        dropout: float,
        attention_dropout: float,
        projection_bias: bool,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(n_layers):
            attention = SelfAttention(
                dropout=dropout, attention_dropout=attention_dropout, projection_bias=projection_bias
            )
            parts = {"attention": attention, "feed_forward": FeedForward(dropout=dropout)}
            self.layers.append(nn.Sequential(OrderedDict(parts)))
        self._first = n_layers - 1 if last_layer_only else 0

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, 49) -> the same shape."""
        for layer in self.layers[self._first :]:
            tokens = layer(tokens)
        return tokens
