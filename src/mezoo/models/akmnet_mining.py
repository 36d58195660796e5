"""Key frames of a clip and the losses that make them few and distinct: the mining step of AKMNet.

Peng, Wang, Gao, Bi, Chen, Shi, Zhou, "Recognizing micro-expression in video clip with adaptive key-frame
mining", arXiv 2009.09179, section III; "code" is the official Trunpm/AKMNet-Micro-Expression @ ca29938. A frame
is kept when it agrees with the attention-weighted sum of all frames at least as well as the average frame does,
so how many are kept follows from the clip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.errors import unknown

#: What a frame needs to be kept: ``beta >= mean`` (code; at least one frame is) or ``beta > mean`` (Eq. 8).
Rule = Literal[">=", ">"]
#: Gate of the gradient of the selection: one per clip (code) or one per frame (Eq. 17).
Ste = Literal["clip", "element"]
#: Steps in use (Table V); ``all`` and ``random`` mine nothing (Table IV).
Variant = Literal["s123", "s12", "s13", "s23", "all", "random"]
#: C of Eq. 11: the width of the range of a cosine.
MARGIN = 2.0


@dataclass
class Mined:
    """What mining tells of one clip.

    Attributes
    ----------
    alpha : Tensor, float32, shape (T,)
        Attention of each frame by itself, in (0, 1); 1 where the variant has none.
    beta : Tensor, float32, shape (T,)
        Cosine of each frame with the weighted sum of all frames; what the selection compares.
    selected : Tensor, float32, shape (T,)
        B: 1 for a key frame, else 0. It carries the substituted gradient.
    key_maps : Tensor, float32, shape (N, C, h, w)
        Maps of the key frames in the order of time.
    """

    alpha: Tensor
    beta: Tensor
    selected: Tensor
    key_maps: Tensor


class _Binarise(torch.autograd.Function):
    """Eq. 8 forward, a gated identity backward; the mean counts as a constant."""

    @staticmethod
    def forward(ctx: Any, beta: Tensor, rule: Rule, ste: Ste) -> Tensor:
        mean = beta.mean()
        kept = beta >= mean if rule == ">=" else beta > mean
        # All equal: the paper's rule keeps none, and rounding of the mean may do that to the other rule too.
        kept = kept if kept.any() else torch.ones_like(kept)
        ctx.gate = kept if ste == "element" else (mean > 0) & (mean < 1)
        return kept.to(beta.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return gradients[0] * ctx.gate, None, None


def binarise(beta: Tensor, *, rule: Rule = ">=", ste: Ste = "clip") -> Tensor:
    """Select the frames that exceed the mean of their clip.

    Parameters
    ----------
    beta : Tensor, float32, shape (T,)
    rule : {'>=', '>'}
        The code's rule, or the paper's, which would keep no frame of a clip whose values are all equal (a clip of one
        frame is one): there all are kept.
    ste : {'clip', 'element'}
        How the gradient of the result reaches `beta`: unchanged when the mean lies between 0 and 1, else not at all
        (code); or of the selected frames only (Eq. 17).

    Returns
    -------
    Tensor, float32, shape (T,)
        1 for a selected frame, else 0; at least one is selected.
    """
    return _Binarise.apply(beta, rule, ste)


def sparsity_loss(selected: Tensor) -> Tensor:
    """L_gs of one clip (Eq. 10): the number of selected frames beyond the first, from `selected` (T,).

    Where exactly one is selected half of the gradient passes, as in the code.
    """
    beyond = selected.sum() - 1
    return torch.maximum(beyond, torch.zeros_like(beyond))


def mean_margin_loss(beta: Tensor) -> Tensor:
    """L_mmm of one clip (Eq. 11): C minus the distance of the mean beta above the clip's mean from that below it.

    Parameters
    ----------
    beta : Tensor, float32, shape (T,)

    Returns
    -------
    Tensor, scalar
        As in the code a frame exactly at the mean counts on neither side. C, without gradient, when a side is empty
        (one frame, or all equal), where the code gives NaN.
    """
    mean = beta.mean().detach()
    above, below = beta[beta > mean], beta[beta < mean]
    if not len(above) or not len(below):
        return beta.new_tensor(MARGIN)
    return MARGIN - (above.mean() - below.mean())


class KeyFrameMining(nn.Module):
    """Select the key frames of a clip by their maps (section III-B).

    Parameters
    ----------
    channels : int
        C of the maps.
    variant : str
        ``s123`` has all three steps: attention, correlation, selection. How the others of Tables IV and V are built
        is not stated; read here as

        - ``s12``: all frames are kept, their maps multiplied by beta;
        - ``s13``: alpha takes the place of beta;
        - ``s23``: alpha is 1 for all frames;
        - ``all``: all frames, unchanged;
        - ``random``: as many frames as ``s23`` would keep, drawn anew at each pass from torch's generator. The paper
          takes the number that its trained network found; here it is that of this network's own maps.
    rule, ste
        See `binarise`.

    Raises
    ------
    ConfigError
        An option that is none of these.
    """

    def __init__(
        self, channels: int, *, variant: Variant = "s123", rule: Rule = ">=", ste: Ste = "clip"
    ) -> None:
        super().__init__()
        for what, value, choices in (
            ("variant", variant, get_args(Variant)),
            ("rule", rule, get_args(Rule)),
            ("ste", ste, get_args(Ste)),
        ):
            if value not in choices:
                raise unknown(f"{what} '{value}' of AKMNet", value, choices)
        self.variant, self.rule, self.ste = variant, rule, ste
        self.attention: nn.Linear | None = None
        if variant in ("s123", "s12", "s13"):
            self.attention = nn.Linear(channels, 1)  # the bias is the code's
            nn.init.xavier_normal_(self.attention.weight)
            nn.init.zeros_(self.attention.bias)

    @property
    def selects(self) -> bool:
        """Whether the losses of the selection apply."""
        return self.variant in ("s123", "s13", "s23")

    def forward(self, maps: Tensor) -> Mined:
        """Mine one clip: maps (T, C, h, w)."""
        pooled = maps.mean(dim=(2, 3))  # (T, C)
        ones = pooled.new_ones(len(pooled))
        alpha = ones if self.attention is None else torch.sigmoid(self.attention(pooled).squeeze(1))
        if self.variant == "s13":
            beta = alpha
        else:
            whole = alpha @ pooled  # a sum, not a mean: the cosine does not see its length
            beta = F.cosine_similarity(pooled, whole[None], dim=1)
        if self.variant == "s12":
            return Mined(alpha, beta, ones, maps * beta[:, None, None, None])
        if self.variant == "all":
            return Mined(alpha, beta, ones, maps)
        selected = binarise(beta, rule=self.rule, ste=self.ste)
        if self.variant == "random":
            selected = selected.detach()[torch.randperm(len(selected)).to(selected.device)]
        # multiplied first, so that the gradient of a key frame reaches its selection (Eq. 9)
        return Mined(alpha, beta, selected, (maps * selected[:, None, None, None])[selected > 0])
