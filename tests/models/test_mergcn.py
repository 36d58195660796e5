from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from mezoo.models.fgrmer_graph import AUS
from mezoo.models.mergcn import MERGCN
from mezoo.models.mergcn_graph import binary_adjacency
from mezoo.models.recogniser import N_AUS, Batch

TABLE = [(1, 2), (12,), (4, 10)]


def small(**options) -> MERGCN:
    torch.manual_seed(0)
    return MERGCN(width=2, node_features=4, **options)


def clips(n=4) -> torch.Tensor:
    return torch.rand(n, 1, 6, 32, 32, generator=torch.Generator().manual_seed(1))


def coded(*aus) -> torch.Tensor:
    rows = torch.zeros(len(aus), N_AUS)
    for row, units in zip(rows, aus, strict=True):
        row[list(units)] = 1
    return rows


def test_loss_by_hand():
    model, x, target = small(au_weight=0.5).eval(), clips(), torch.tensor([0, 1, 2, 0])
    # the last clip has no coded unit at all; the third only one that is no node: no node is shown
    batch = Batch((x,), target, coded((1, 2), (12,), (6,), ()), torch.tensor([1.0, 2.0, 3.0]))
    logits = model.units(x)[1][:3]
    shown = torch.tensor([[unit in units for unit in AUS] for units in ((1, 2), (12,), ())]).float()
    emotion = cross_entropy(model(x), target, weight=batch.class_weight)
    expected = emotion + 0.5 * binary_cross_entropy_with_logits(logits, shown)
    torch.testing.assert_close(model.loss(batch), expected)
    batch.aus = torch.zeros(4, N_AUS)
    torch.testing.assert_close(model.loss(batch), emotion)


def test_action_units_can_be_learned():
    model, x = small(), clips()
    batch = Batch((x,), torch.tensor([0, 1, 2, 0]), coded((1, 2), (12,), (4, 10), (25,)))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    model.train()
    for _ in range(150):
        optimiser.zero_grad()
        model.loss(batch).backward()
        optimiser.step()
    with torch.no_grad():
        logits = model.units(x)[1]
    assert torch.equal(logits > 0, batch.aus[:, list(AUS)] > 0)


def test_units_that_are_not_linked_do_not_exchange():
    model = small(aus=TABLE).eval()
    nodes, logits = torch.rand(1, 9, 4), torch.zeros(1, 9)
    before = model.related(nodes, logits).unflatten(1, (9, 4))
    for unit, reached in ((1, {1, 2}), (12, {12}), (4, {4, 10})):
        changed = nodes.clone()
        changed[:, AUS.index(unit)] += 1
        differs = (model.related(changed, logits).unflatten(1, (9, 4)) != before).any(dim=2)[0]
        assert {AUS[k] for k in differs.nonzero().flatten().tolist()} == reached


def test_a_unit_that_is_not_shown_tells_nothing():
    model = small(aus=TABLE).eval()
    nodes, hidden = torch.rand(1, 9, 4), torch.full((1, 9), -1e9)
    assert not model.related(nodes, hidden).any()
    assert model.related(nodes, -hidden).any()


def test_the_graph_is_part_of_the_state():
    fold = MERGCN.from_fold(aus=TABLE, threshold=0.5, width=2, node_features=4)
    np.testing.assert_array_equal(fold.state_dict()["links"].numpy(), binary_adjacency(TABLE, threshold=0.5))
    restored = small()
    restored.load_state_dict(fold.state_dict())
    assert torch.equal(restored.eval()(clips()), fold.eval()(clips()))


def test_any_size_and_length():
    model = small().eval()
    assert model(torch.rand(2, 1, 9, 40, 56)).shape == (2, 3)
    for wrong in (torch.rand(2, 9, 40, 56), torch.rand(2, 3, 9, 40, 56)):
        with pytest.raises(ValueError, match="B, 1, T, H, W"):
            model(wrong)


def test_number_of_parameters():
    count = sum(parameter.numel() for parameter in MERGCN().parameters())
    assert count == 884_540 and f"{count:,}" in MERGCN.__doc__
