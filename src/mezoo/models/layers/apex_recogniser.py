"""A recogniser that sees one picture: a backbone and a linear layer.

Shared by Macro2Micro (Peng et al., FG 2018), MicroAttention (Wang et al., Neurocomputing 2020) and the apex-only form
of ATNet (Peng et al., ACII 2019), which differ in the backbone only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mezoo.models.layers import caffe, resnet10
from mezoo.models.recogniser import Recogniser


class ApexRecogniser(Recogniser):
    """A `ResNet10` and a classifier.

    Parameters
    ----------
    n_classes : int
    **options
        Of `ResNet10`.
    """

    def __init__(self, *, n_classes: int, **options: Any) -> None:
        super().__init__()
        self.backbone = resnet10.ResNet10(**options)
        self.classifier = caffe.classifier(self.backbone.n_features, n_classes)

    def features(self, image: Tensor) -> Tensor:  # type: ignore[override]
        """Vector (B, F) of grey images (B, 1, H, W), 0 to 255."""
        return self.backbone(image)

    def forward(self, image: Tensor) -> Tensor:
        """Logits (B, n_classes) of grey images (B, 1, H, W), 0 to 255 as they are: the first layer scales them."""
        return self.classifier(self.features(image))

    def parameter_groups(self, *, weight_decay: float) -> list[dict[str, Any]]:
        """Twice the learning rate for biases, no decay on that of the classifier, as the released nets say."""
        return caffe.parameter_groups(self, weight_decay=weight_decay)

    @staticmethod
    def load_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rename the tensors of a released Caffe net, as `resnet10.load_official` does."""
        return resnet10.load_official(state)
