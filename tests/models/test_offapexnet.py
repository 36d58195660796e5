"""OFF-ApexNet: the published numbers of its one-path form, and its two paths."""

from __future__ import annotations

import pytest
import torch
from published_parity import Parity
from published_weights import draw_state, input_rng, reference

from mezoo.models.offapexnet import OFFApexNet, load_official


def test_numbers_of_the_published_network(shared):
    keys, arrays = reference(shared, "offapexnet")
    model = OFFApexNet(form="meb")
    model.load_state_dict(load_official(draw_state(keys)))
    inputs = torch.from_numpy(input_rng("offapexnet").standard_normal((4, 2, 28, 28))).float()
    parity = Parity(arrays)
    parity.same("input", inputs)
    parity.network(model, inputs, official=load_official({name: name for name in keys}))
    assert not parity.left()


def test_number_of_parameters_of_the_one_path_form():
    assert sum(p.numel() for p in OFFApexNet(form="meb").parameters()) == 807_909


@pytest.mark.parametrize("form", ["paper", "meb"])
def test_strain_is_not_read(form):
    torch.manual_seed(0)
    model, flow = OFFApexNet(form=form).eval(), torch.randn(2, 3, 28, 28)
    torch.testing.assert_close(model(flow), model(flow[:, :2]))


def test_each_path_sees_one_component():
    torch.manual_seed(0)
    model = OFFApexNet().eval()
    flow = torch.randn(2, 2, 28, 28)
    changed = flow.clone()
    changed[:, 1] += 1
    seen = []
    for path in model.paths:
        path.register_forward_hook(lambda _, __, output: seen.append(output))
    model(flow), model(changed)
    assert torch.equal(seen[0], seen[2]) and not torch.equal(seen[1], seen[3])


def test_unknown_names():
    with pytest.raises(ValueError, match="form 'one'"):
        OFFApexNet(form="one")
    with pytest.raises(KeyError, match="fc9"):
        load_official({"fc9.weight": torch.zeros(1)})
