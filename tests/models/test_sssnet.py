"""SSSNet: the published numbers."""

from __future__ import annotations

import torch
from published_parity import Parity
from published_weights import draw_state, input_rng, reference
from torch import nn

from mezoo.models.sssnet import SSSNet


def test_numbers_of_the_published_network(shared):
    keys, arrays = reference(shared, "sssnet")
    model = SSSNet()
    model.load_state_dict(draw_state(keys))
    inputs = torch.from_numpy(input_rng("sssnet").standard_normal((4, 3, 64, 64))).float()
    parity = Parity(arrays)
    parity.same("input_first", inputs[0])
    parity.summary("input", inputs)
    parity.same("softmax_option_output", model.probabilities(inputs))
    parity.statistics(model)  # what is stored here is from before the training pass, whatever its name says
    parity.network(model, inputs)
    assert not parity.left()


def test_whole_channels_are_dropped_between_convolutions():
    torch.manual_seed(0)
    model = SSSNet().train()
    seen = []
    model.conv2.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model(torch.randn(4, 3, 64, 64))
    dropped = (seen[0] == 0).flatten(2).all(2)
    assert ((seen[0] == 0).flatten(2).any(2) == dropped).all()
    assert 0.25 < dropped.float().mean() < 0.75
    assert sum(isinstance(m, nn.Dropout2d) for m in model.modules()) == 1
