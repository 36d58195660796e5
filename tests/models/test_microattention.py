"""ResNet10 with and without micro-attention: reference numbers, and facts of the paper's nets."""

from __future__ import annotations

import pytest
import torch
from apex_reference import ACTIVATION, GRADIENT, check_whole, gradient_names, image, official_state
from published_weights import reference, relative_error
from torch.nn import functional as F

from mezoo.errors import ConfigError
from mezoo.models import create
from mezoo.models.layers.resnet10 import BLOCKS, OFFICIAL_MODULES, MicroAttention, ResNet10

FORMS = {
    "c1": ("microattention", {"n_classes": 5}),
    "c2": ("microattention", {"n_classes": 3, "last_bn": "before", "l2_feature": True}),
    "plain": ("macro2micro", {"n_classes": 5}),
}
TRAINABLE = {"c1": 5_944_839, "c2": 5_943_813, "plain": 4_900_359}


@pytest.fixture(params=FORMS)
def published(request, shared):
    """(form, network with the drawn weights, image, stored arrays without the prefix of the form)."""
    form = request.param
    keys, arrays = reference(shared, "microattention")
    name, options = FORMS[form]
    network = create(name, **options).eval()
    network.load_state_dict(network.load_official(official_state(keys[form])))
    own = {n.removeprefix(f"{form}_"): value for n, value in arrays.items() if n.startswith(f"{form}_")}
    return form, network, image(arrays), own, torch.from_numpy(arrays["target"])


def test_activations_are_the_published_ones(published):
    form, network, images, arrays, _ = published
    with torch.no_grad():
        check_whole("data_bn", network.backbone.data_bn(images), arrays, tolerance=ACTIVATION)
        check_whole("conv1_pool", network.backbone.stem(images), arrays, tolerance=ACTIVATION)
        blocks = network.backbone.blocks(images)
        for name, (output, attention) in zip(BLOCKS, blocks, strict=True):
            check_whole(f"block_{name}", output, arrays, tolerance=ACTIVATION)
            if form != "plain":
                assert relative_error(attention[:, 0], arrays[f"map_{name}"]) < ACTIVATION
        assert relative_error(network.backbone.pooled(images), arrays["pooled"]) < ACTIVATION
        assert relative_error(network(images), arrays["logits"]) < ACTIVATION
        if form == "c2":
            assert relative_error(network.features(images), arrays["l2"]) < ACTIVATION


def test_loss_and_gradients_are_the_published_ones(published):
    form, network, images, arrays, target = published
    loss = F.cross_entropy(network(images), target)
    loss.backward()
    assert loss.item() == pytest.approx(float(arrays["loss64"]), rel=ACTIVATION)
    names = gradient_names(arrays, "")
    assert len(names) == (5 if form == "plain" else 7)
    for name in names:
        layer, _, kind = name.rpartition(".")
        found = network.get_parameter(f"{OFFICIAL_MODULES[layer]}.{kind}").grad
        check_whole(f"grad_{name}", found, arrays, tolerance=GRADIENT)


@pytest.mark.parametrize("form", FORMS)
def test_number_of_parameters(form):
    name, options = FORMS[form]
    parameters = create(name, **options).parameters()
    assert sum(p.numel() for p in parameters if p.requires_grad) == TRAINABLE[form]


def test_maps_shrink_from_block_to_block():
    network = create("microattention", width=4).eval()
    with torch.no_grad():
        maps = network.attention_maps(torch.rand(2, 1, 224, 224) * 255)
    assert [tuple(m.shape) for m in maps] == [(2, s, s) for s in (56, 28, 14, 7)]


def test_no_opinion_means_half_as_much_again():
    """All-zero 1x1 weights give w = 0.5 everywhere, so every block gives 1.5 times the plain sum."""
    torch.manual_seed(0)
    attentive, plain = ResNet10(width=4, attention=True).eval(), ResNet10(width=4).eval()
    plain.load_state_dict(attentive.state_dict(), strict=False)
    for module in attentive.modules():
        if isinstance(module, MicroAttention):
            torch.nn.init.zeros_(module.mix.weight)
    x = torch.randn(2, 4, 14, 14)
    with torch.no_grad():
        for name in BLOCKS:
            block, same = attentive.get_submodule(f"block_{name}"), plain.get_submodule(f"block_{name}")
            found, attention = block(x)
            assert torch.allclose(found, 1.5 * same(x)[0], atol=1e-6) and not attention.any()
            x = same(x)[0]


def test_averaging_weights_are_frozen_but_let_gradients_through():
    network = create("microattention")
    for channels in BLOCKS:
        mean = network.backbone.get_submodule(f"block_{channels}").attention.mean.weight
        assert mean.numel() == channels and torch.all(mean == 1 / channels) and not mean.requires_grad
    attention = MicroAttention(4)
    layers = [torch.randn(1, 4, 3, 3, requires_grad=True) for _ in range(3)]
    attention(*layers).sum().backward()
    assert attention.mean.weight.grad is None
    assert attention.mix.weight.grad.abs().sum() > 0 and all(layer.grad.abs().sum() > 0 for layer in layers)


def test_initial_weights_are_those_of_the_nets():
    torch.manual_seed(0)
    network = create("macro2micro")
    weights = dict(network.named_parameters())
    assert weights["backbone.conv1.weight"].std().item() == pytest.approx((2 / (64 * 49)) ** 0.5, rel=0.05)
    assert weights["backbone.block_512.conv2.weight"].std().item() == pytest.approx(
        (2 / (512 * 9)) ** 0.5, rel=0.01
    )
    assert weights["classifier.weight"].abs().max().item() == pytest.approx((3 / 512) ** 0.5, rel=0.01)
    assert torch.all(weights["classifier.bias"] == 0.2)


def test_biases_learn_twice_as_fast():
    network = create("microattention", width=4)
    names = {id(p): name for name, p in network.named_parameters()}
    groups = network.parameter_groups(weight_decay=0.1)
    rates = {names[id(p)]: (g.get("lr_scale", 1.0), g["weight_decay"]) for g in groups for p in g["params"]}
    assert rates.pop("classifier.bias") == (2.0, 0.0)
    assert rates["backbone.conv1.bias"] == rates["backbone.last_bn.bias"] == (2.0, 0.1)
    assert all(rate == (2.0 if name.endswith(".bias") else 1.0, 0.1) for name, rate in rates.items())
    assert len(rates) == sum(p.requires_grad for p in network.parameters()) - 1


def test_unknown_place_of_the_last_norm():
    with pytest.raises(ConfigError, match="last_bn 'nowhere'"):
        create("microattention", last_bn="nowhere")
