"""ELRCN: a VGG-16 sees each pair of frames of a clip, a long short-term memory reads what it says.

Khor, See, Phan, Lin, "Enriched long-term recurrent convolutional network for facial micro-expression recognition",
FG 2018, arXiv 1805.08417. Two forms: SE (spatial enrichment) stacks flow, strain and grey levels as channels of one
VGG-16; TE (temporal enrichment) has a VGG-16 for each of them and joins their vectors.

Deviations: the authors train the convolutions on single pictures first and the memory on fixed vectors then; here
both are trained at once. Softmax takes the place of a sigmoid. In these two forms their program would hand class
probabilities to the memory; the text means the second layer of 4096, which is taken here. Weights start as He et al.
(ICCV 2015) propose, so that the signal passes fifteen layers of ReLU. Layers are named as in torchvision.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

Form = Literal["se", "te"]

#: Convolutions of each block of VGG-16 and their maps in multiples of the first.
BLOCKS = ((2, 1), (2, 2), (3, 4), (3, 8), (3, 8))
#: Channels of each source: flow as dx, dy and magnitude; strain; grey levels.
FLOW, STRAIN, GREY = slice(0, 3), slice(3, 4), slice(4, 5)


class VGG16(nn.Module):
    """VGG-16 (Simonyan, Zisserman, ICLR 2015) up to its second hidden layer.

    Parameters
    ----------
    n_channels : int
        Of the picture.
    width : int
        Maps of the first block; 64 in the paper.
    hidden : int
        Width of the two hidden layers; 4096 in the paper.
    size : int
        Side of the picture in px, a multiple of 32.
    """

    def __init__(self, n_channels: int, *, width: int, hidden: int, size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        maps = n_channels
        for n_convolutions, multiple in BLOCKS:
            for _ in range(n_convolutions):
                layers += [nn.Conv2d(maps, multiple * width, 3, padding=1), nn.ReLU()]
                maps = multiple * width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(maps * (size // 32) ** 2, hidden),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (N, n_channels, size, size) to (N, hidden)."""
        return self.classifier(self.features(pictures).flatten(1))


@register(
    "elrcn",
    task="recognition",
    inputs={"elrcn_flow-9-224": (5, 9, 224, 224)},
    output=(5,),
    paper="Khor et al., Enriched long-term recurrent convolutional network, FG 2018, arXiv 1805.08417",
    small={"width": 4, "hidden": 64, "memory": 64, "size": 32},
    small_inputs={"elrcn_flow-9-32": (5, 9, 32, 32)},
)
class ELRCN(Recogniser):
    """The network; 219,822,469 parameters as SE with five classes, 85.2 million of them in the memory.

    Parameters
    ----------
    n_classes : int
    form : {'se', 'te'}
    grey : bool
        Read the grey levels too, not flow and strain only.
    memory : int
        Width of the long short-term memory: 3000 in the official program; 512 is enough for corpora of this size.
    width, hidden, size : int
        See `VGG16`.

    Raises
    ------
    ValueError
        Another form.
    """

    def __init__(
        self,
        *,
        n_classes: int = 5,
        form: Form = "se",
        grey: bool = True,
        memory: int = 3000,
        width: int = 64,
        hidden: int = 4096,
        size: int = 224,
    ) -> None:
        super().__init__()
        if form not in ("se", "te"):
            raise ValueError(f"form {form!r}, expected 'se' or 'te'")
        self.sources = [FLOW, STRAIN, GREY] if grey else [FLOW, STRAIN]
        self.enriched = form == "te"
        inputs = [3] * len(self.sources) if self.enriched else [self.sources[-1].stop]
        self.cnns = nn.ModuleList(VGG16(n, width=width, hidden=hidden, size=size) for n in inputs)
        self.memory = nn.LSTM(hidden * len(inputs), memory, batch_first=True)
        self.dense = nn.Sequential(nn.Linear(memory, 128), nn.ReLU())
        self.head = nn.Linear(128, n_classes)

    def features(self, pictures: Tensor) -> Tensor:  # type: ignore[override]
        """Give the 128 numbers that the last layer reads, of pictures (B, 5, T, size, size)."""
        n_clips, _, n_pairs = pictures.shape[:3]
        frames = pictures.transpose(1, 2).flatten(0, 1)  # (B*T, 5, size, size)
        if self.enriched:  # a source of one channel is repeated: VGG-16 reads three
            seen = [frames[:, source].expand(-1, 3, -1, -1) for source in self.sources]
        else:
            seen = [frames[:, : self.sources[-1].stop]]
        vectors = torch.cat([cnn(part) for cnn, part in zip(self.cnns, seen, strict=True)], dim=1)
        _, (last, _) = self.memory(vectors.unflatten(0, (n_clips, n_pairs)))
        return self.dense(last[0])

    def forward(self, pictures: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        pictures : Tensor, float32, shape (B, 5, T, size, size)
            (dx, dy, magnitude, strain, grey) of T pairs of frames.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.head(self.features(pictures))
