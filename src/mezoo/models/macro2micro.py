"""Macro2Micro: the apex frame alone, after training on macro-expressions.

Peng, Wu, Zhang, Chen, "From macro to micro expression recognition: deep learning on small datasets using transfer
learning", FG 2018. A ResNet10 trained on ImageNet, then on macro-expressions (`mezoo.learning.pretrain`), then here.

The paper's text gives no layer table; the layers are those of the backbone that the same group released with
MicroAttention and ATNet. The apex frame alone, no dropout; one linear layer on the pooled vector.
"""

from __future__ import annotations

from mezoo.models.layers.apex_recogniser import ApexRecogniser
from mezoo.models.registry import register


@register(
    "macro2micro",
    task="recognition",
    inputs={"apex_image-224": (1, 224, 224)},
    output=(5,),
    paper="Peng et al., From macro to micro expression recognition, FG 2018",
    stated_parameters=4_900_359,
    small={"width": 8},
    small_inputs={"apex_image-56": (1, 56, 56)},
)
class Macro2Micro(ApexRecogniser):
    """ResNet10 on the apex frame.

    Parameters
    ----------
    n_classes : int
        5: the objective classes I to V of MEGC 2018.
    width : int
        Channels of the first block; 64 as published.
    """

    def __init__(self, *, n_classes: int = 5, width: int = 64) -> None:
        super().__init__(n_classes=n_classes, width=width)
