"""STSTNet: the published numbers, and what its normalisation of the input does."""

from __future__ import annotations

import torch
from published_parity import Parity
from published_weights import draw_state, input_rng, reference

from mezoo.models.ststnet import STSTNet


def published(keys):
    model = STSTNet(input_norm=False)
    model.load_state_dict(draw_state(keys))
    return model


def test_numbers_of_the_published_network(shared):
    keys, arrays = reference(shared, "ststnet")
    pictures = input_rng("ststnet").integers(0, 256, (4, 3, 28, 28))
    assert (pictures == arrays["input"]).all()
    parity = Parity({k: v for k, v in arrays.items() if not k.startswith("unit_")})
    model = published(keys)
    parity.network(model, torch.from_numpy(pictures).float())
    parity.statistics(model)
    assert parity.left() == {"input"}


def test_numbers_of_the_published_network_on_small_inputs(shared):
    keys, arrays = reference(shared, "ststnet")
    inputs = torch.from_numpy(input_rng("ststnet_small").standard_normal((4, 3, 28, 28))).float()
    parity = Parity(arrays, "unit_")
    parity.same("input_first", inputs[0])
    model = published(keys)
    parity.network(model, inputs)
    parity.statistics(model)
    assert not parity.left()


def test_the_size_of_a_channel_does_not_matter():
    torch.manual_seed(0)
    model = STSTNet(dropout=0.0).train()
    flow = torch.randn(16, 3, 28, 28)
    scaled = (
        flow * torch.tensor([0.2, 1.0, 30.0])[:, None, None] + torch.tensor([1.0, 0.0, -5.0])[:, None, None]
    )
    with torch.no_grad():
        assert torch.allclose(model(flow), model(scaled), atol=2e-3)
        assert not torch.allclose(
            STSTNet(input_norm=False)(flow), STSTNet(input_norm=False)(scaled), atol=0.1
        )


def test_streams_see_all_channels():
    torch.manual_seed(0)
    model = STSTNet().eval()
    flow = torch.randn(1, 3, 28, 28, requires_grad=True)
    for start, stop in ((0, 3), (3, 8), (8, 16)):  # maps of the three streams
        maps = model.features(flow).view(16, 25)[start:stop]
        (gradient,) = torch.autograd.grad(maps.sum(), flow)
        assert (gradient.abs().sum((0, 2, 3)) > 0).all()
