"""ATNet: the apex frame through a ResNet10, the flow around it through two LSTM layers, and both together.

Peng, Wang, Bi, Shi, Zhou, Chen, "A novel apex-time network for cross-dataset micro-expression recognition", ACII 2019,
arXiv 1904.03699; official code Trunpm/ACII19-Apex-Time-Network @ 81789f1 (Caffe). ``atnet_apex`` and ``atnet_time``
are its two halves alone, which the paper compares with the whole.

Deviations: the second bias of PyTorch's LSTM stays 0 (Caffe has one). An option, ``align="apex"``, leaves the rows
where they are, the apex in the middle, and averages over rows with flow only; the official code moves the rows to the
end and averages over the empty steps before them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.errors import ConfigError
from mezoo.models.layers import caffe, resnet10
from mezoo.models.layers.apex_recogniser import ApexRecogniser
from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

Align = Literal["right", "apex"]
_PAPER = "Peng et al., ATNet, ACII 2019, arXiv 1904.03699"
_N_NUMBERS = 128  # of a row: direction and magnitude of 8x8 blocks
_INITIAL_STD = 0.1  # Gaussian filler of the released nets; PyTorch's own weights would be a quarter of it
_LSTM_TENSORS = {"weight_x": "weight_ih_l0", "weight_h": "weight_hh_l0", "bias": "bias_ih_l0"}


def has_flow(rows: Tensor) -> Tensor:
    """Rows (B, T, N) that count, bool (B, T): those whose sum is not 0, as in the official data layer."""
    return rows.sum(dim=2) != 0


def align_right(rows: Tensor) -> Tensor:
    """Move the rows that count to the end of each clip, in order; all before them are 0.

    Parameters
    ----------
    rows : Tensor, float32, shape (B, T, N)

    Returns
    -------
    Tensor, float32, shape (B, T, N)
    """
    counts = has_flow(rows)
    order = counts.to(torch.int8).argsort(dim=1, stable=True)
    return (rows * counts[..., None]).gather(1, order[..., None].expand_as(rows))


class TimeStream(nn.Module):
    """Two LSTM layers over the rows, averaged over time and scaled to unit length.

    Parameters
    ----------
    hidden : int
        Numbers of a state; 512 as published.
    align : {"right", "apex"}
        See the head of this file.
    """

    def __init__(self, *, hidden: int = 512, align: Align = "right") -> None:
        super().__init__()
        if align not in get_args(Align):
            raise ConfigError(f"align {align!r}", "right or apex", "Correct the options of the recipe")
        self.align = align
        self.lstm1 = nn.LSTM(_N_NUMBERS, hidden, batch_first=True)
        self.lstm2 = nn.LSTM(hidden, hidden, batch_first=True)
        for lstm in (self.lstm1, self.lstm2):
            for name, parameter in lstm.named_parameters():
                nn.init.normal_(parameter, std=0.0 if name.startswith("bias") else _INITIAL_STD)
                parameter.requires_grad_(name != "bias_hh_l0")

    def steps(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Give the outputs of both layers (B, T, hidden) for rows (B, T, 128) as they lie."""
        first, _ = self.lstm1(rows)
        return first, self.lstm2(first)[0]

    def forward(self, rows: Tensor) -> Tensor:
        """Vector (B, hidden) of unit length; rows (B, 64, 128) as `motion.features.atnet_rows` gives them."""
        if self.align == "right":
            return F.normalize(self.steps(align_right(rows))[1].mean(dim=1))
        counts = has_flow(rows).to(rows.dtype)[..., None]
        outputs = self.steps(rows)[1]
        return F.normalize((outputs * counts).sum(dim=1) / counts.sum(dim=1).clamp(min=1))


def load_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the tensors of the released net, and put the gates of its LSTM layers into PyTorch's order.

    Parameters
    ----------
    state : mapping of str to Tensor
        As `resnet10.load_official` takes it, with ``lstm1.weight_x``, ``lstm1.weight_h``, ``lstm1.bias`` (and those of
        ``lstm2``), gates in the order input, forget, output, candidate.

    Returns
    -------
    dict of str to Tensor
        State of an `ATNet`.
    """
    renamed: dict[str, Tensor] = {}
    for name, value in resnet10.load_official(state).items():
        layer, _, kind = name.rpartition(".")
        if layer in ("lstm1", "lstm2") and kind in _LSTM_TENSORS:
            enter, forget, leave, candidate = value.chunk(4)
            renamed[f"time.{layer}.{_LSTM_TENSORS[kind]}"] = torch.cat([enter, forget, candidate, leave])
            if kind == "bias":
                renamed[f"time.{layer}.bias_hh_l0"] = torch.zeros_like(value)
        else:
            renamed[name] = value
    return renamed


@register(
    "atnet",
    task="recognition",
    inputs={"apex_image-224": (1, 224, 224), "atnet_rows": (64, 128)},
    output=(3,),
    paper=_PAPER,
    stated_parameters=8_312_837,
    small={"width": 8, "hidden": 32},
    small_inputs={"apex_image-56": (1, 56, 56), "atnet_rows": (64, 128)},
)
class ATNet(Recogniser):
    """Apex frame and flow.

    Parameters
    ----------
    n_classes : int
        3: negative, positive, surprise of MEGC 2019.
    width : int
        Channels of the first block of the backbone; 64 as published.
    hidden : int
        Numbers of a state of the LSTM layers; 512 as published.
    align : {"right", "apex"}
        Where the rows of flow lie when the LSTM reads them.
    """

    def __init__(
        self, *, n_classes: int = 3, width: int = 64, hidden: int = 512, align: Align = "right"
    ) -> None:
        super().__init__()
        self.backbone = resnet10.ResNet10(width=width, l2_feature=True)
        self.time = TimeStream(hidden=hidden, align=align)
        self.dropout = nn.Dropout(0.5)
        self.classifier = caffe.classifier(self.backbone.n_features + hidden, n_classes)

    def features(self, image: Tensor, rows: Tensor) -> Tensor:  # type: ignore[override]
        """Vector (B, 8 width + hidden): two halves of unit length, of the image and of the flow."""
        return torch.cat([self.backbone(image), self.time(rows)], dim=1)

    def forward(self, image: Tensor, rows: Tensor) -> Tensor:
        """Logits (B, n_classes) of grey images (B, 1, H, W), 0 to 255, and rows of flow (B, 64, 128)."""
        return self.classifier(self.dropout(self.features(image, rows)))

    def parameter_groups(self, *, weight_decay: float) -> list[dict[str, Any]]:
        """Twice the learning rate for biases, no decay on that of the classifier, as the released net says."""
        return caffe.parameter_groups(self, weight_decay=weight_decay)

    load_official = staticmethod(load_official)


@register(
    "atnet_apex",
    task="recognition",
    inputs={"apex_image-224": (1, 224, 224)},
    output=(3,),
    paper=_PAPER,
    stated_parameters=4_899_333,
    small={"width": 8},
    small_inputs={"apex_image-56": (1, 56, 56)},
)
class ATNetApex(ApexRecogniser):
    """The spatial half of ATNet: apex frame only.

    Parameters
    ----------
    n_classes, width : see `ATNet`
    """

    def __init__(self, *, n_classes: int = 3, width: int = 64) -> None:
        super().__init__(n_classes=n_classes, width=width, l2_feature=True)


@register(
    "atnet_time",
    task="recognition",
    inputs={"atnet_rows": (64, 128)},
    output=(3,),
    paper=_PAPER,
    stated_parameters=3_413_507,
    small={"hidden": 32},
)
class ATNetTime(Recogniser):
    """The temporal half of ATNet: flow only.

    Parameters
    ----------
    n_classes, hidden, align : see `ATNet`
    """

    def __init__(self, *, n_classes: int = 3, hidden: int = 512, align: Align = "right") -> None:
        super().__init__()
        self.time = TimeStream(hidden=hidden, align=align)
        self.classifier = caffe.classifier(hidden, n_classes)

    def features(self, rows: Tensor) -> Tensor:  # type: ignore[override]
        """Vector (B, hidden) of unit length."""
        return self.time(rows)

    def forward(self, rows: Tensor) -> Tensor:
        """Logits (B, n_classes) of rows of flow (B, 64, 128)."""
        return self.classifier(self.features(rows))

    def parameter_groups(self, *, weight_decay: float) -> list[dict[str, Any]]:
        """Twice the learning rate and no decay for the bias of the classifier, as the released net says."""
        return caffe.parameter_groups(self, weight_decay=weight_decay)

    load_official = staticmethod(load_official)
