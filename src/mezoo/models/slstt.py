"""SLSTT: a vision transformer looks at the flow of each frame, an LSTM at the 11 frames around the apex.

Zhang, Hong, Arandjelovic, Zhao, "Short and long range relation based spatio-temporal transformer for micro-expression
recognition", IEEE Trans. Affective Computing 13(4), 2022, arXiv 2112.05851, and its official code. There every block of
the transformer runs without gradients, so that only its last normalisation and what follows are trained.

Hence two networks with the same end. `SLSTT` reads class tokens that were computed once (input ``slstt_tokens``): no
fold runs the transformer. `SLSTTImages` holds the transformer and reads images; it is for what the tokens cannot do:
train the transformer (``finetune``), or keep its dropout active in training as the code does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from mezoo.errors import ConfigError
from mezoo.models.layers.vit import LAYOUTS, PIXELS, Pixels, ViT, linear, normalise_pixels
from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

N_FRAMES = 11
_PAPER = "Zhang et al., SLSTT, IEEE TAC 13(4), 2022, arXiv 2112.05851"

Aggregator = Literal["lstm", "mean"]


@register(
    "slstt",
    task="recognition",
    inputs={"slstt_tokens-768": (N_FRAMES, 768)},
    output=(3,),
    paper=_PAPER,
    small={"dim": 64, "hidden": 64},
    small_inputs={"slstt_tokens-64": (N_FRAMES, 64)},
)
class SLSTT(Recogniser):
    """From the class tokens of the frames to an emotion; 6,959,360 + 257 K parameters for K classes.

    Deviation from the official code: the last normalisation of the transformer is as it was loaded (as in the code of
    June 2023; later it is trained, 1,536 numbers), and its dropout adds no noise to the tokens.

    Parameters
    ----------
    n_classes : int
    aggregator : {'lstm', 'mean'}
        Three LSTM layers, of which the last frame is read, or the mean over the frames (the ablation of the paper).
    dim : int
        Length of a token.
    hidden : int
        Length of the state of the LSTM; half of it is the layer before the last. Not read for ``mean``.
    n_layers : int
        Layers of the LSTM. Not read for ``mean``.

    Raises
    ------
    ConfigError
        Unknown aggregator.
    """

    def __init__(
        self,
        *,
        n_classes: int = 3,
        aggregator: Aggregator = "lstm",
        dim: int = 768,
        hidden: int = 512,
        n_layers: int = 3,
    ) -> None:
        super().__init__()
        if aggregator == "lstm":
            self.lstm = nn.LSTM(dim, hidden, num_layers=n_layers, batch_first=True)
            self.fc1, self.fc2 = linear(hidden, hidden // 2), linear(hidden // 2, n_classes)
        elif aggregator == "mean":
            self.fc = nn.Linear(dim, n_classes)
            nn.init.zeros_(self.fc.weight)  # as in the official code
            nn.init.zeros_(self.fc.bias)
        else:
            raise ConfigError(f"aggregator {aggregator!r}", "lstm or mean", "Correct the options of slstt")
        self.aggregator = aggregator

    def features(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Vector that the last layer reads, (B, hidden / 2), or (B, dim) for ``mean``."""
        return self._aggregate(self._tokens(*inputs))

    def forward(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Score clips.

        Parameters
        ----------
        *inputs : Tensor, float32, shape (B, 11, dim)
            Class tokens in the order of the frames.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        last = self.fc2 if self.aggregator == "lstm" else self.fc
        return last(self.features(*inputs))

    def _tokens(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Class tokens (B, 11, dim) of the input: the input itself."""
        (tokens,) = inputs
        assert isinstance(tokens, Tensor)
        return tokens

    def _aggregate(self, tokens: Tensor) -> Tensor:
        if self.aggregator == "mean":
            return tokens.mean(dim=1)  # the mean of the frames' logits, as the layer that follows is linear
        states, _ = self.lstm(tokens)  # (B, 11, hidden), from a state of zeros
        return torch.relu(self.fc1(states[:, -1]))


@register(
    "slstt_images",
    task="recognition",
    inputs={"slstt_images-384": (N_FRAMES, 3, 384, 384)},
    output=(3,),
    paper=_PAPER,
    small={"encoder": "small", "hidden": 128, "finetune": True},
    small_inputs={"slstt_images-64": (N_FRAMES, 3, 64, 64)},
)
class SLSTTImages(SLSTT):
    """SLSTT from the images of flow on: the transformer, then what `SLSTT` does.

    Parameters
    ----------
    n_classes, aggregator, hidden, n_layers
        As for `SLSTT`.
    encoder : str
        Key of `mezoo.models.layers.vit.LAYOUTS`.
    finetune : bool
        Train the whole transformer. Otherwise only its last normalisation, as in the official code.
    dropout : float
        In the transformer, active in training whether it is trained or not, as in the official code.
    drop_path : float
        See `ViT`.
    pixels : {'imagenet', 'half'}
        Normalisation of the images, see `mezoo.models.layers.vit.PIXELS`.

    Raises
    ------
    ConfigError
        Unknown word.
    """

    def __init__(
        self,
        *,
        n_classes: int = 3,
        aggregator: Aggregator = "lstm",
        hidden: int = 512,
        n_layers: int = 3,
        encoder: str = "b16_384",
        finetune: bool = False,
        dropout: float = 0.1,
        drop_path: float = 0.0,
        pixels: Pixels = "imagenet",
    ) -> None:
        if encoder not in LAYOUTS or pixels not in PIXELS:
            raise ConfigError(
                f"encoder {encoder!r} and pixels {pixels!r}",
                f"one of {', '.join(LAYOUTS)}, and one of {', '.join(PIXELS)}",
                "Correct the options of slstt_images",
            )
        layout = LAYOUTS[encoder]
        super().__init__(
            n_classes=n_classes, aggregator=aggregator, dim=layout.dim, hidden=hidden, n_layers=n_layers
        )
        self.pixels: Pixels = pixels
        self.vit = ViT(layout, dropout=dropout, drop_path=drop_path)
        self.vit.requires_grad_(finetune)
        self.vit.norm.requires_grad_(True)

    def _tokens(self, *inputs: Tensor | list[Tensor]) -> Tensor:
        """Encode the images (B, 11, 3, S, S), values 0 ... 1, red, green, blue."""
        (images,) = inputs
        assert isinstance(images, Tensor)
        tokens = self.vit(normalise_pixels(images.flatten(0, 1), self.pixels))
        return tokens.unflatten(0, images.shape[:2])


def load_official(state: Mapping[str, Tensor], *, encoder: bool = True) -> dict[str, Tensor]:
    """Rename the parameters of an official checkpoint.

    Parameters
    ----------
    state : mapping of str to Tensor
    encoder : bool
        Keep the transformer, for `SLSTTImages`; leave it out for `SLSTT`.

    Returns
    -------
    dict of str to Tensor
        For ``load_state_dict``. The classifier of the transformer (``vit.fc``), which the mean reads, is ``fc`` here.
    """
    renamed = {
        name.removeprefix("vit.") if name.startswith("vit.fc.") else name: value
        for name, value in state.items()
    }
    return {name: value for name, value in renamed.items() if encoder or not name.startswith("vit.")}
