from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mezoo.models.auwgcn_losses import (
    MACRO_WEIGHTS,
    MICRO_WEIGHTS,
    loss_terms,
    margin_focal_loss,
    start_end_focal_loss,
    total_loss,
)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_margin_focal_loss_by_hand():
    logits = torch.tensor([logit(0.7), logit(0.4)], dtype=torch.float64)
    target = torch.tensor([0.9, 0.0], dtype=torch.float64)
    positive = 0.9 * 0.2 * math.log(0.7 + 1e-5)
    negative = 0.1 * 0.24 * math.log(0.6 + 1e-5)
    assert margin_focal_loss(logits, target, alpha=0.9).item() == pytest.approx(
        -(positive + negative) / 2, abs=1e-12
    )


def test_margin_focal_loss_vanishes_at_the_margin():
    assert margin_focal_loss(torch.tensor([logit(0.16)]), torch.zeros(1), alpha=0.9).item() == pytest.approx(
        0, abs=1e-8
    )


def test_start_end_focal_loss_by_hand():
    logits = torch.log(torch.tensor([[0.5, 0.1], [0.3, 0.1], [0.2, 0.8]]))[None]  # (1, 3, 2)
    expected = -(0.45 * 0.7 * math.log(0.3) + 0.10 * 0.2 * math.log(0.8)) / 2
    assert start_end_focal_loss(logits, torch.tensor([[1, 2]])).item() == pytest.approx(expected, abs=1e-7)


def test_extreme_logits_stay_finite():
    logits = torch.tensor([[-200.0, 200.0, -200.0, 200.0]], requires_grad=True)
    loss = margin_focal_loss(logits, torch.tensor([[1.0, 0.0, 0.0, 1.0]]), alpha=0.9)
    loss = loss + start_end_focal_loss(logits[:, :3, None] * 1.0, torch.tensor([[0]]))
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(logits.grad).all()


def test_terms_read_their_own_channels():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 10, 12, generator=generator)
    targets = {
        "start_end": torch.randint(0, 3, (2, 2, 12), generator=generator),
        "apex": torch.rand(2, 2, 12, generator=generator).round(),
        "action": torch.rand(2, 2, 12, generator=generator).round(),
    }
    before = loss_terms(logits, **targets)
    owners = {name: set() for name in before}
    for channel in range(10):
        moved = logits.clone()
        moved[:, channel] += 1
        for name, value in loss_terms(moved, **targets).items():
            if value != before[name]:
                owners[name].add(channel)
    assert owners == {
        "micro_start_end": {0, 1, 2},
        "macro_start_end": {3, 4, 5},
        "micro_apex": {6},
        "macro_apex": {7},
        "micro_action": {8},
        "macro_action": {9},
    }


def test_total_loss_weights():
    terms = {f"{kind}_{head}": torch.tensor(1.0) for kind in ("micro", "macro") for head in MICRO_WEIGHTS}
    assert total_loss(terms, macro_weight=0.5).item() == pytest.approx(1.8 + 1.0 + 0.1 + 0.5 * 2.1)
    assert MACRO_WEIGHTS == {"apex": 1.0, "start_end": 1.0, "action": 0.1}


def test_exception_context_not_cropped():
    frames = torch.zeros(1, 2, 256)
    with pytest.raises(ValueError, match="270 frames.*256"):
        loss_terms(torch.zeros(1, 10, 270), start_end=frames.long(), apex=frames, action=frames)


def test_parity_with_official_losses(shared):
    oracle = np.load(shared / "oracles" / "auwgcn" / "loss_oracle.npz")
    logits, target = torch.from_numpy(oracle["binary_logits"]), torch.from_numpy(oracle["binary_targets"])
    classes, labels = torch.from_numpy(oracle["ce_logits"]).mT, torch.from_numpy(oracle["ce_targets"])
    assert margin_focal_loss(logits, target, alpha=0.9).item() == pytest.approx(
        oracle["apex_loss"].item(), abs=1e-6
    )
    assert margin_focal_loss(logits, target, alpha=0.8).item() == pytest.approx(
        oracle["action_loss"].item(), abs=1e-6
    )
    assert start_end_focal_loss(classes, labels).item() == pytest.approx(oracle["ce_loss"].item(), abs=1e-6)
