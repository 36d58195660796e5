"""RCN-A: the published numbers, and its attention map."""

from __future__ import annotations

import torch
from published_parity import Parity
from published_weights import draw_state, input_rng, reference

from mezoo.models.rcn_a import RCNA


def test_numbers_of_the_published_network(shared):
    keys, arrays = reference(shared, "rcn_a")
    model = RCNA().eval()
    model.load_state_dict(draw_state(keys))
    inputs = torch.from_numpy(input_rng("rcn_a").standard_normal((4, 3, 60, 60))).float()
    parity = Parity(arrays)
    parity.same("input_first", inputs[0])
    parity.summary("input", inputs)
    with torch.no_grad():
        maps = model.stem(inputs)
        parity.summary("conv1_out", maps)
        parity.same("attention", model.attention(maps))
        after = model.recur(maps)
        parity.same("rcl_out_image0", after[0, :4])
        parity.summary("rcl_out", after)
    parity.statistics(model)  # what is stored here is from before the training pass, whatever its name says
    parity.network(model, inputs)
    assert not parity.left()


def test_attention_points_where_the_weights_look():
    model = RCNA(width=4, n_classes=2)
    maps = torch.zeros(1, 4, 25, 25)
    maps[:, 2, 10:15, 20:25] = 1.0  # block (2, 4) of the 5 x 5
    with torch.no_grad():
        model.fc.weight.zero_()
        model.fc.weight.view(2, 4, 5, 5)[:, 2] = 1.0
        expected = torch.zeros(5, 5)
        expected[2, 4] = 1.0
        assert torch.equal(model.attention(maps)[0, 0], expected)


def test_a_constant_map_is_no_attention():
    model = RCNA(width=4)
    maps = torch.zeros(2, 4, 28, 28, requires_grad=True)
    attention = model.attention(maps)
    attention.sum().backward()
    assert (attention == 0).all() and torch.isfinite(model.fc.weight.grad).all()
