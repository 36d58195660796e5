"""Training losses of AUW-GCN: a focal loss with a margin for apex and action, a focal loss for start and end.

Yin et al., ICME 2023 (arXiv 2303.09114); constants and forms as in the official code, which inherits them
from ABPN. The margin, called label smoothing there, sits inside the focal weight: it lets the loss of a
frame without expression vanish where its probability is exactly the margin.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mezoo.models.auwgcn_layout import CHANNELS, TYPES

MARGIN = 0.16
EPSILON = 1e-5  # inside the logarithms, as in the official code
APEX_ALPHA, ACTION_ALPHA = 0.90, 0.80
START_END_ALPHA = (0.45, 0.45, 0.10)  # start, end, neither
MICRO_WEIGHTS = {"apex": 1.8, "start_end": 1.0, "action": 0.1}
MACRO_WEIGHTS = {"apex": 1.0, "start_end": 1.0, "action": 0.1}

LOSSES = ("total", *(f"{kind}_{head}" for kind in TYPES for head in ("start_end", "apex", "action")))
"""Names of the numbers kept per epoch: `total_loss`, then the `loss_terms` in their order."""


def margin_focal_loss(logits: Tensor, target: Tensor, *, alpha: float) -> Tensor:
    """Binary focal loss (gamma 1) with a margin on frames without expression.

    Parameters
    ----------
    logits : Tensor, float32, any shape
        Before the sigmoid.
    target : Tensor, float32, same shape, in [0, 1]
        Soft target y; a frame is positive when y > 0.
    alpha : float
        Weight of positive frames; negative frames weigh 1 - alpha.

    Returns
    -------
    Tensor, scalar
        Mean over all frames of ``-alpha |y-p| log p`` (positive) or ``-(1-alpha) |margin-p| log(1-p)``.
    """
    p = torch.sigmoid(logits)
    positive = alpha * (target - p).abs() * torch.log(p + EPSILON)
    negative = (1 - alpha) * (MARGIN - p).abs() * torch.log(1 - p + EPSILON)
    return -torch.where(target > 0, positive, negative).mean()


def start_end_focal_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Three-class focal loss (gamma 1), ``-alpha_c (1 - p_c) log p_c``, mean over all frames.

    Parameters
    ----------
    logits : Tensor, float32, shape (B, 3, T)
        Classes start, end, neither.
    target : Tensor, int64, shape (B, T)
        Class of every frame.
    """
    log_p = torch.log_softmax(logits, dim=1).gather(1, target.unsqueeze(1)).squeeze(1)  # (B, T)
    alpha = logits.new_tensor(START_END_ALPHA)[target]
    return -(alpha * (1 - log_p.exp()) * log_p).mean()


def loss_terms(logits: Tensor, *, start_end: Tensor, apex: Tensor, action: Tensor) -> dict[str, Tensor]:
    """Six unweighted losses, one per head and type, under ``"<type>_<head>"``.

    Parameters
    ----------
    logits : Tensor, float32, shape (B, 10, T)
        Output of the network, already cropped to the frames that have targets.
    start_end : Tensor, int64, shape (B, 2, T)
    apex, action : Tensor, float32, shape (B, 2, T)
        Targets with the type axis (micro, macro); see `mezoo.models.auwgcn_targets`.

    Raises
    ------
    ValueError
        When logits and targets differ in their number of frames, i.e. the context was not cropped.
    """
    if logits.shape[-1] != apex.shape[-1]:
        raise ValueError(
            f"logits cover {logits.shape[-1]} frames, targets {apex.shape[-1]}: crop the context"
        )
    terms = {}
    for i, kind in enumerate(TYPES):
        channels = CHANNELS[kind]
        terms[f"{kind}_start_end"] = start_end_focal_loss(logits[:, channels.start_end], start_end[:, i])
        terms[f"{kind}_apex"] = margin_focal_loss(logits[:, channels.apex], apex[:, i], alpha=APEX_ALPHA)
        terms[f"{kind}_action"] = margin_focal_loss(
            logits[:, channels.action], action[:, i], alpha=ACTION_ALPHA
        )
    return terms


def total_loss(terms: dict[str, Tensor], *, macro_weight: float) -> Tensor:
    """Weighted sum of `loss_terms`.

    Parameters
    ----------
    terms : dict of str to Tensor
        As returned by `loss_terms`.
    macro_weight : float
        Weight of the macro terms; published 0.5 for CAS(ME)^2 and 0.7 for SAMM-LV.
    """
    micro = torch.stack([weight * terms[f"micro_{head}"] for head, weight in MICRO_WEIGHTS.items()])
    macro = torch.stack([weight * terms[f"macro_{head}"] for head, weight in MACRO_WEIGHTS.items()])
    return micro.sum() + macro_weight * macro.sum()
