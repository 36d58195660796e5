"""Focal loss against numbers by hand."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from mezoo.models.layers.focal_loss import focal_loss


def test_by_hand():
    probabilities = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], dtype=torch.float64)
    found = focal_loss(probabilities.log(), torch.tensor([0, 2]))
    half, sure = torch.tensor([0.5, 0.8], dtype=torch.float64).log()
    assert float(found) == pytest.approx(-(0.25 * half + 0.04 * sure) / 2)


@pytest.mark.parametrize("weight", [None, torch.tensor([1.0, 2.0, 0.5])])
def test_gamma_zero_is_cross_entropy(weight):
    torch.manual_seed(0)
    logits, target = torch.randn(6, 3), torch.tensor([0, 1, 2, 2, 1, 1])
    torch.testing.assert_close(
        focal_loss(logits, target, weight=weight, gamma=0.0), F.cross_entropy(logits, target, weight=weight)
    )


def test_a_sure_clip_gives_no_gradient_and_no_nan():
    logits = torch.tensor([[200.0, 0.0, 0.0]], requires_grad=True)
    focal_loss(logits, torch.tensor([0])).backward()
    assert (logits.grad == 0).all()
