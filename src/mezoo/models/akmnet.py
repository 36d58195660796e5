"""AKMNet: a residual network on each frame, a choice of key frames, a recurrent network at each place of their maps.

Peng, Wang, Gao, Bi, Chen, Shi, Zhou, "Recognizing micro-expression in video clip with adaptive key-frame
mining", arXiv 2009.09179; "code" is the official Trunpm/AKMNet-Micro-Expression @ ca29938. It reads the grey
frames from onset to offset, as many as there are: no flow, no apex, no clip of one length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from mezoo.errors import unknown
from mezoo.models.akmnet_mining import (
    KeyFrameMining,
    Mined,
    Rule,
    Ste,
    Variant,
    mean_margin_loss,
    sparsity_loss,
)
from mezoo.models.layers.resnet18 import STRIDE, ResNet18
from mezoo.models.recogniser import Batch, Recogniser
from mezoo.models.registry import register

#: Frames that batch normalisation averages over while training: those of each clip (code), none, those of the batch.
Norm = Literal["per_clip", "frozen", "batch"]

# Official parameter name -> ours; what is not listed belongs to the backbone.
_OFFICIAL_NAMES = {"alpha.0.": "mining.attention.", "fc.1.": "head.", "gru.": "gru."}


@register(
    "akmnet",
    task="recognition",
    inputs={"frames-128": ("T", 1, 128, 128)},
    output=(4,),
    paper="Peng et al., AKMNet, arXiv 2009.09179",
    stated_parameters=11_296_965,
    small={"width": 8, "hidden": 8, "size": 64},
    small_inputs={"frames-64": ("T", 1, 64, 64)},
)
class AKMNet(Recogniser):
    """Class of an expression from its grey frames.

    Parameters
    ----------
    n_classes : int
    variant, rule, ste : str
        See `akmnet_mining.KeyFrameMining`.
    bn : {'per_clip', 'frozen', 'batch'}
        Batch normalisation of the backbone while training. ``per_clip`` is the code's, which knows one clip per
        pass: statistics of the frames of one clip, although those are nearly the same picture. ``frozen`` keeps the
        running statistics (of a backbone trained before) and trains scale and shift. ``batch`` averages over all
        frames of all clips of a step. Evaluation uses the running statistics.
    sparsity_weight, margin_weight : float
        Lambda 1 and 2 of Eq. 12.
    dropout : float
        Before the last layer.
    width : int
        Channels of the first layer of the backbone.
    hidden : int
        Units of the recurrent network in each direction.
    size : int
        Side of the frames in px, a multiple of 32.

    Notes
    -----
    Initialisation deviates from the code on purpose: it makes the matrices of the forward direction orthogonal, draws
    their biases from [0, 1), and leaves the backward direction at the library's default; here the matrices of both
    are orthogonal and the biases 0.
    """

    def __init__(
        self,
        *,
        n_classes: int = 4,
        variant: Variant = "s123",
        rule: Rule = ">=",
        ste: Ste = "clip",
        bn: Norm = "per_clip",
        sparsity_weight: float = 0.1,
        margin_weight: float = 1.0,
        dropout: float = 0.5,
        width: int = 64,
        hidden: int = 32,
        size: int = 128,
    ) -> None:
        super().__init__()
        if bn not in get_args(Norm):
            raise unknown(f"bn '{bn}' of AKMNet", bn, get_args(Norm))
        self.bn = bn
        self.sparsity_weight, self.margin_weight = sparsity_weight, margin_weight
        self.backbone = ResNet18(width=width)
        channels = self.backbone.out_channels
        self.mining = KeyFrameMining(channels, variant=variant, rule=rule, ste=ste)
        self.gru = nn.GRU(channels, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear((size // STRIDE) ** 2 * 2 * hidden, n_classes)
        self._start_weights()

    def _start_weights(self) -> None:
        for name, parameter in self.gru.named_parameters():
            nn.init.zeros_(parameter) if "bias" in name else nn.init.orthogonal_(parameter)
        nn.init.xavier_normal_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def train(self, mode: bool = True) -> Self:
        """Switch to training; frozen statistics stay as they are."""
        super().train(mode)
        if self.bn == "frozen":
            self.backbone.eval()  # batch normalisation is all that differs there
        return self

    def mine(self, clips: Sequence[Tensor]) -> list[Mined]:
        """Attention, correlation and key frames of each clip.

        Parameters
        ----------
        clips : sequence of B Tensors, float32, shape (T_i, 1, size, size)
            Grey frames in [0, 1] from onset to offset; a Tensor (B, T, 1, size, size) where all have one length.
        """
        if self.bn == "per_clip":
            maps = [self.backbone(clip) for clip in clips]
        else:
            maps = list(self.backbone(torch.cat(list(clips))).split([len(clip) for clip in clips]))
        return [self.mining(clip_maps) for clip_maps in maps]

    def describe(self, mined: Sequence[Mined]) -> Tensor:
        """Vector (B, h w 2 hidden) of each clip: what the recurrent network, shared by all places, gives there.

        The vector is ordered by row, column and channel, and is the average over the key frames.
        """
        lengths = torch.tensor([len(clip.key_maps) for clip in mined])
        padded = pad_sequence([clip.key_maps for clip in mined], batch_first=True)  # (B, N, C, h, w)
        sequences = padded.permute(0, 3, 4, 1, 2).flatten(0, 2)  # (B h w, N, C)
        n_places = len(sequences) // len(mined)
        steps = lengths.repeat_interleave(n_places)
        packed = pack_padded_sequence(sequences, steps, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(
            self.gru(packed)[0], batch_first=True
        )  # 0 behind the end of a sequence
        averages = states.sum(dim=1) / steps.to(states)[:, None]  # (B h w, 2 hidden)
        return averages.reshape(len(mined), -1)

    def features(self, *inputs: Tensor | Sequence[Tensor]) -> Tensor:
        """Vector that the last layer reads (see `describe`), of the clips that `mine` takes."""
        return self.describe(self.mine(list(inputs[0])))

    def forward(self, clips: Sequence[Tensor]) -> Tensor:
        """Logits (B, n_classes) of the clips that `mine` takes."""
        return self._logits(self.mine(clips))

    def _logits(self, mined: Sequence[Mined]) -> Tensor:
        return self.head(self.dropout(self.describe(mined)))

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        """Terms of the loss before their weights, averaged over the clips, to be logged apart.

        The sparsity counts frames and outweighs the others by far, so their sum tells little.

        Returns
        -------
        dict of str to Tensor
            ``cross_entropy`` (Eq. 4), ``sparsity`` (Eq. 10) and ``margin`` (Eq. 11), scalars; the last two are 0 in
            variants that select nothing.
        """
        mined = self.mine(list(batch.inputs[0]))
        terms = {
            "cross_entropy": F.cross_entropy(self._logits(mined), batch.target, weight=batch.class_weight)
        }
        if not self.mining.selects:
            nothing = torch.zeros_like(terms["cross_entropy"])
            return {**terms, "sparsity": nothing, "margin": nothing}
        terms["sparsity"] = torch.stack([sparsity_loss(clip.selected) for clip in mined]).mean()
        terms["margin"] = torch.stack([mean_margin_loss(clip.beta) for clip in mined]).mean()
        return terms

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy with the weighted terms of the key frames (Eq. 12, 13), averaged over the clips.

        The code passes one clip at a time and averages the gradients of 8: the same but for batch normalisation.
        """
        terms = self.loss_terms(batch)
        return (
            terms["cross_entropy"]
            + self.sparsity_weight * terms["sparsity"]
            + self.margin_weight * terms["margin"]
        )


def load_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """State dict of `AKMNet` from one of the official code (``alpha.0``, ``gru``, ``fc.1`` and a bare ResNet)."""
    renamed = {}
    for name, value in state.items():
        prefix = next((old for old in _OFFICIAL_NAMES if name.startswith(old)), "")
        renamed[_OFFICIAL_NAMES.get(prefix, "backbone.") + name.removeprefix(prefix)] = value
    return renamed
