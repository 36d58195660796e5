"""Focal loss: cross entropy that cares less about clips that are already told with confidence.

Lin, Goyal, Girshick, He, Dollar, "Focal loss for dense object detection", ICCV 2017, equation 4.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def focal_loss(logits: Tensor, target: Tensor, *, weight: Tensor | None = None, gamma: float = 2.0) -> Tensor:
    """Mean of -(1 - p)^gamma log p over the clips, p the probability of the true class.

    Parameters
    ----------
    logits : Tensor, float32, shape (B, C)
    target : Tensor, int64, shape (B,)
    weight : Tensor, float32, shape (C,), optional
        Weight of each class in the mean.
    gamma : float
        0 gives cross entropy; 2 in the paper.

    Returns
    -------
    Tensor, float32, scalar
    """
    logarithm = F.log_softmax(logits, dim=1).gather(1, target[:, None])[:, 0]
    losses = -((1 - logarithm.exp()) ** gamma) * logarithm
    if weight is None:
        return losses.mean()
    return (weight[target] * losses).sum() / weight[target].sum()
