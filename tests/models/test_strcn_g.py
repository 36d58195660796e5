"""STRCN-G: sizes of the paper, its input scale, and its loss."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from mezoo.models.recogniser import N_AUS, Batch
from mezoo.models.strcn_g import INPUT_SCALE, STRCNG


def test_number_of_parameters_of_the_released_width():
    with torch.device("meta"):
        assert sum(p.numel() for p in STRCNG(width=512).parameters()) == 14_963_716


def test_sides_of_the_maps():
    model, sides = STRCNG(width=2).eval(), []
    for part in model.body:
        part.register_forward_hook(lambda _, __, output: sides.append(tuple(output.shape[2:])))
    model(torch.randn(1, 3, 300, 245))
    assert list(dict.fromkeys(sides)) == [(300, 245), (75, 61), (18, 15), (9, 7), (4, 3)]


def test_strain_is_not_read():
    torch.manual_seed(0)
    model, flow = STRCNG(width=4).eval(), torch.randn(2, 3, 80, 64)
    assert torch.equal(model(flow), model(flow[:, :2]))


def test_small_slow_weights_are_a_small_input():
    """A step of both is the same function of the flow, as long as no weight decays."""
    torch.manual_seed(0)
    scaled, plain = STRCNG(width=4), STRCNG(width=4)
    plain.load_state_dict(scaled.state_dict())
    with torch.no_grad():
        plain.first_weight.mul_(INPUT_SCALE)
    flow, target = torch.randn(6, 2, 80, 64), torch.tensor([0, 1, 2, 0, 1, 2])
    for model, divisor, groups in (
        (scaled, 1.0, scaled.parameter_groups(weight_decay=0.0)),
        (plain, INPUT_SCALE, [{"params": list(plain.parameters())}]),
    ):
        for group in groups:
            group["lr"] = 0.1 * group.pop("lr_scale", 1.0)
        optimiser = torch.optim.SGD(groups, lr=0.1)
        F.cross_entropy(model(flow / divisor), target).backward()
        optimiser.step()
    moved = plain.first_weight.detach() / INPUT_SCALE
    torch.testing.assert_close(scaled.first_weight.detach(), moved, rtol=1e-3, atol=1e-7)


def test_every_parameter_is_in_one_group():
    model = STRCNG(width=2)
    groups = model.parameter_groups(weight_decay=0.1)
    grouped = [id(p) for group in groups for p in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in model.parameters())
    assert [group.get("lr_scale", 1) for group in groups] == [1e-4, 1]
    assert {group["weight_decay"] for group in groups} == {0.1}


def test_losses():
    torch.manual_seed(0)
    flow, target = torch.randn(4, 2, 80, 64), torch.tensor([0, 1, 2, 3])
    batch = Batch((flow,), target, torch.zeros(4, N_AUS))
    model = STRCNG(width=2, loss="cross_entropy").eval()
    assert torch.equal(model.loss(batch), F.cross_entropy(model(flow), target))
    focal = STRCNG(width=2).eval()
    focal.load_state_dict(model.state_dict())
    assert 0 < focal.loss(batch) < model.loss(batch)
    with pytest.raises(ValueError, match="loss 'hinge'"):
        STRCNG(loss="hinge")
