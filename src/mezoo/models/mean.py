"""MEAN: a smaller SOFTNet with batch normalisation and dropout, for micro-expressions.

Liong, See, Chan, "Spot-then-recognize: a micro-expression analysis network for seamless evaluation of long videos",
Signal Processing: Image Communication 110, 2023; numbers follow its code (`genbing99/MEAN_Spot-then-recognize`),
written in Keras. Here is the branch that spots; the one that recognises starts from its frozen streams.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mezoo.models.frame_scorer import FrameScorer, check_images, initialise
from mezoo.models.registry import register

SIZE = 42
_FILTERS = (3, 3, 8)
_STREAM_DECAY, _JOINT_DECAY = 0.001, 0.1  # times the sum of squared weights, added to the loss


@register(
    "mean",
    task="spotting",
    inputs={"mean": (3, SIZE, SIZE)},
    output=(1,),
    paper="Liong, See, Chan, Spot-then-recognize (MEAN), SPIC 110, 2023",
    stated_parameters=3_621 - 2 * sum(_FILTERS),  # Keras counts running means and variances
)
class MEAN(FrameScorer):
    """The network; 3,593 weights and the 28 running statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(1, n, 5, padding=2),
                nn.ReLU(),
                nn.BatchNorm2d(n, eps=1e-3, momentum=0.01),  # defaults of Keras
                nn.MaxPool2d(3),
                nn.Dropout(0.3),
            )
            for n in _FILTERS
        )
        self.joint = nn.Conv2d(sum(_FILTERS), 8, 5, padding=2)
        self.dropout = nn.Dropout(0.2)
        self.score = nn.Linear(8 * (SIZE // 6) ** 2, 1)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """Score frames.

        Parameters
        ----------
        images : Tensor, float32, shape (B, 3, 42, 42)
            Horizontal flow, vertical flow and strain, levels from 0 to 1.

        Returns
        -------
        Tensor, float32, shape (B, 1)

        Raises
        ------
        ValueError
            When the images have another shape.
        """
        check_images(images, 3, SIZE)
        joined = torch.cat([stream(images[:, k : k + 1]) for k, stream in enumerate(self.streams)], dim=1)
        pooled = nn.functional.max_pool2d(self.joint(joined).relu(), 2)
        return self.score(self.dropout(pooled.flatten(1)))

    def loss(self, images: tuple[Tensor, ...], target: Tensor) -> Tensor:
        """Mean squared error, plus the squared weights of the convolutions."""
        streams = sum(
            module.weight.square().sum() for module in self.streams.modules() if isinstance(module, nn.Conv2d)
        )
        decay = _STREAM_DECAY * streams + _JOINT_DECAY * self.joint.weight.square().sum()
        return super().loss(images, target) + decay
