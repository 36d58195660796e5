"""MicroAttention: a map of where to look, learned in every residual block from three of its layers.

Wang, Peng, Bi, Chen, "Micro-attention for micro-expression recognition", Neurocomputing 410 (2020) 354-362, arXiv
1811.02360. The default is the net of the paper's repository (CodeShareBot/Micro-Attention-for-Micro-Expression @
692439c); the net that the authors released with ATNet (Trunpm/ACII19-Apex-Time-Network @ 81789f1) is
``last_bn="before", l2_feature=True``.
"""

from __future__ import annotations

from torch import Tensor

from mezoo.models.layers.apex_recogniser import ApexRecogniser
from mezoo.models.layers.resnet10 import LastNorm
from mezoo.models.registry import register


@register(
    "microattention",
    task="recognition",
    inputs={"apex_image-224": (1, 224, 224)},
    output=(5,),
    paper="Wang et al., Micro-attention for micro-expression recognition, Neurocomputing 2020, arXiv 1811.02360",
    stated_parameters=5_944_839,
    small={"width": 8},
    small_inputs={"apex_image-56": (1, 56, 56)},
)
class MicroAttentionNet(ApexRecogniser):
    """ResNet10 with micro-attention on the apex frame.

    Parameters
    ----------
    n_classes : int
    width : int
        Channels of the first block; 64 as published.
    last_bn : {"after", "before"}
        Last batch normalisation and ReLU after the fourth block, or before its attention.
    l2_feature : bool
        Scale the pooled vector to unit length.
    """

    def __init__(
        self,
        *,
        n_classes: int = 5,
        width: int = 64,
        last_bn: LastNorm = "after",
        l2_feature: bool = False,
    ) -> None:
        super().__init__(
            n_classes=n_classes, width=width, attention=True, last_bn=last_bn, l2_feature=l2_feature
        )

    def attention_maps(self, image: Tensor) -> list[Tensor]:
        """Give the maps of the four blocks before the sigmoid, (B, H, W) each: 56, 28, 14, 7 px for 224 px images.

        A block's sum is multiplied by 1 + sigmoid(map).
        """
        return [attention[:, 0] for _, attention in self.backbone.blocks(image) if attention is not None]
