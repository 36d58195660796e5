"""MTSN: one score for micro- and macro-expressions, from the flow over half a micro-expression and over a frame.

Liong, Liong, See, Chan, "MTSN: a multi-temporal stream network for spotting facial macro- and micro-expression with
hard and soft pseudo-labels", ACM MM 2022 (FME workshop); numbers follow its code (`genbing99/MTSN-Spot-ME-MaE`).
Both flow images pass the same three streams. What is made of the score is in `mezoo.models.mtsn_proposals`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mezoo.models.frame_scorer import FrameScorer, check_images, initialise
from mezoo.models.layers.three_streams import FILTERS, ThreeStreams
from mezoo.models.registry import register

SIZE = 28
#: Weights of the errors to the hard and to the soft label.
_HARD, _SOFT = 0.7, 0.3


@register(
    "mtsn",
    task="spotting",
    inputs={"far": (3, SIZE, SIZE), "near": (3, SIZE, SIZE)},
    output=(1,),
    paper="Liong et al., MTSN: a multi-temporal stream network, ACM MM 2022 (FME)",
)
class MTSN(FrameScorer):
    """The network; 66,209 weights, which follow from the layers of the code."""

    def __init__(self) -> None:
        super().__init__()
        self.streams = ThreeStreams()
        self.hidden = nn.Linear(2 * sum(FILTERS) * (SIZE // 3 // 2) ** 2, 128)
        self.score = nn.Linear(128, 1)
        initialise(self)

    def forward(self, far: Tensor, near: Tensor) -> Tensor:
        """Score frames.

        Parameters
        ----------
        far, near : Tensor, float32, shape (B, 3, 28, 28)
            Horizontal flow, vertical flow and strain over half a micro-expression, and to the next frame.

        Returns
        -------
        Tensor, float32, shape (B, 1)
            Between 0 and 1.

        Raises
        ------
        ValueError
            When the images have another shape.
        """
        for images in (far, near):
            check_images(images, 3, SIZE)
        both = torch.cat([self.streams(far).flatten(1), self.streams(near).flatten(1)], dim=1)
        return self.score(self.hidden(both).relu()).sigmoid()

    def loss(self, images: tuple[Tensor, ...], target: Tensor) -> Tensor:
        """Weighted squared errors to the hard and the soft label, the two columns of `target`."""
        hard, soft = (self(*images) - target).square().mean(dim=0)
        return _HARD * hard + _SOFT * soft
