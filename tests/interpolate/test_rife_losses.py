"""The losses of RIFE: equal to the official ones, and each weighed as its formula says."""

from __future__ import annotations

import pytest
import torch

from mezoo.interpolate.rife_layers import Prediction
from mezoo.interpolate.rife_losses import distillation_loss, flow_loss, laplacian_loss, total_loss
from mezoo.interpolate.rife_net import RIFE, Lesson


def test_parity_with_the_official_losses(official_state, oracle):
    network = RIFE(teacher=True).eval().requires_grad_(False)
    network.load_state_dict(official_state("rife"))
    with oracle("paper") as known:
        image0, image1, truth = (torch.from_numpy(known[name]) for name in ("img0", "img1", "gt"))
        reference = known["rife_losses"]
    lesson = network.learn(image0, image1, truth)
    ours = [
        laplacian_loss(lesson.prediction.image, truth).item(),
        laplacian_loss(lesson.teacher_merged, truth).item(),
        distillation_loss(lesson, truth).item(),
    ]
    assert ours == pytest.approx(reference, rel=5e-5)


def test_total_loss_sees_an_offset():
    truth = torch.rand(1, 3, 64, 64)
    near, off = (_lesson([truth + d], truth, 0.0) for d in (0.0, 0.2))
    assert _total(near, truth) == 0
    assert _total(off, truth) == pytest.approx(0.2, abs=1e-3)


def test_total_loss_weighs_the_distillation():
    truth = torch.rand(1, 3, 64, 64)
    lesson = _lesson([truth + 0.1], truth, 2.0)
    without, with_it = (_total(lesson, truth, distillation=weight) for weight in (0.0, 0.01))
    assert with_it - without == pytest.approx(0.02, rel=1e-3)


def test_total_loss_weighs_the_distance_to_the_known_flow():
    truth, flow = torch.rand(1, 3, 64, 64), torch.zeros(1, 4, 64, 64)
    flow[:, 1] = 2.0  # one of four channels, in both blocks: 0.5 px in the mean
    lesson = _lesson([truth, truth], truth, 0.0)
    assert flow_loss(lesson, flow).item() == pytest.approx(0.5)
    assert _total(lesson, truth, flow=flow, known=0.1) == pytest.approx(0.05)


def test_laplacian_loss_sees_no_offset():
    image = torch.rand(2, 3, 64, 64)
    assert laplacian_loss(image, image) == 0
    assert laplacian_loss(image + 0.25, image) < 1e-5
    assert laplacian_loss(image + 0.25, image, coarsest=True).item() == pytest.approx(0.25, abs=1e-4)
    assert laplacian_loss(image.flip(3), image) > 0.1


def _total(lesson, truth, *, flow=None, distillation=0.0, known=0.0) -> float:
    flow = torch.zeros(1, 4, *truth.shape[-2:]) if flow is None else flow
    return total_loss(lesson, truth, flow, distillation=distillation, known=known).item()


def _lesson(merged: list[torch.Tensor], teacher: torch.Tensor, flow: float) -> Lesson:
    height, width = teacher.shape[-2:]
    flows = [torch.zeros(1, 4, height, width, requires_grad=True) for _ in merged]
    prediction = Prediction(merged[-1], flows[-1], torch.zeros(1, 1, 4, 4), flows, merged)
    return Lesson(prediction, torch.full((1, 4, 1, 1), flow, requires_grad=True), teacher)


def test_distillation_by_hand():
    truth, off = torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.1)
    # The first two blocks are worse than the teacher, the third is as good; the flows differ by 2 px.
    lesson = _lesson([off, off, truth], truth, 2.0)
    loss = distillation_loss(lesson, truth)
    assert loss.item() == pytest.approx(4.0)
    loss.backward()
    assert lesson.teacher_flow.grad is None, "the teacher does not learn from it"
    assert lesson.prediction.flows[0].grad.abs().sum() > 0 and not lesson.prediction.flows[2].grad.any()


def test_equal_flows_have_a_finite_slope():
    truth, off = torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.1)
    lesson = _lesson([off], truth, 0.0)
    distillation_loss(lesson, truth).backward()
    assert torch.isfinite(lesson.prediction.flows[0].grad).all()
