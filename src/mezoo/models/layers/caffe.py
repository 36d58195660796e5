"""Initial weights and learning rates as Caffe's nets of the apex-frame networks state them.

Released nets of Peng et al., ATNet, ACII 2019 (with a variant of MicroAttention): every layer names its filler and
the factors of learning rate and weight decay of its weight and its bias.
"""

from __future__ import annotations

import math
from typing import Any

from torch import nn

#: Factor of the learning rate of every bias (that of batch normalisation included) but those of an LSTM.
BIAS_LR_SCALE = 2.0
_CLASSIFIER_BIAS = 0.2


def classifier(n_features: int, n_classes: int) -> nn.Linear:
    """Linear layer with Caffe's Xavier weights, uniform within sqrt(3 / n_features), and bias 0.2."""
    layer = nn.Linear(n_features, n_classes)
    bound = math.sqrt(3 / n_features)
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.constant_(layer.bias, _CLASSIFIER_BIAS)
    return layer


def parameter_groups(network: nn.Module, *, weight_decay: float) -> list[dict[str, Any]]:
    """Split the trained parameters by learning rate and weight decay.

    Weights, and all of an LSTM: rate and decay as given. Biases of convolutions and of batch normalisation: twice the
    rate. Bias of ``network.classifier``: twice the rate and no decay.

    Returns
    -------
    list of dict
        Groups for an optimiser, with ``lr_scale`` where it is not 1.
    """
    plain, bias, last = [], [], []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if name == "classifier.bias":
            last.append(parameter)
        elif name.endswith(".bias"):
            bias.append(parameter)
        else:  # the biases of an LSTM are called bias_ih_l0
            plain.append(parameter)
    groups = [
        {"params": plain, "weight_decay": weight_decay},
        {"params": bias, "weight_decay": weight_decay, "lr_scale": BIAS_LR_SCALE},
        {"params": last, "weight_decay": 0.0, "lr_scale": BIAS_LR_SCALE},
    ]
    return [group for group in groups if group["params"]]
