"""SLSTT: the numbers of the official code, its sizes, what is trained, and that cached tokens change nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from published_weights import draw_state, input_rng, reference, relative_error

from mezoo.errors import ConfigError
from mezoo.models import create
from mezoo.models.layers.vit import LAYOUTS, PIXELS, ViTLayout
from mezoo.models.slstt import load_official


def count(model: torch.nn.Module, *, trained: bool = False) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trained)


def gradients(model: torch.nn.Module, *inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    model(*inputs).square().sum().backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


@pytest.fixture(scope="module")
def official(shared):
    tokens = input_rng("class_tokens").standard_normal((2, 11, 768)).astype(np.float32)
    return *reference(shared, "slstt"), torch.from_numpy(tokens)


def test_parity_of_the_lstm(official):
    keys, numbers, tokens = official
    model = create("slstt", n_classes=5).eval()
    model.load_state_dict(load_official(draw_state(keys["lstm_head"]), encoder=False))
    assert relative_error(model.lstm(tokens)[0][:, -1], numbers["lstm_last"]) < 1e-4
    assert relative_error(model(tokens), numbers["lstm_logits"]) < 1e-4
    found = gradients(model, tokens)
    assert relative_error(found["fc2.weight"], numbers["lstm_grad_fc2.weight"]) < 1e-3
    first = found["lstm.weight_ih_l0"].double()
    total, size = (float(numbers[f"lstm_grad_lstm.weight_ih_l0_{kind}"]) for kind in ("sum", "abssum"))
    assert list(first.shape) == numbers["lstm_grad_lstm.weight_ih_l0_shape"].tolist()
    assert abs(first.abs().sum() - size) < 1e-3 * size
    assert abs(first.sum() - total) < 1e-3 * size


def test_parity_of_the_mean(official):
    keys, numbers, tokens = official
    model = create("slstt", n_classes=5, aggregator="mean").eval()
    model.load_state_dict(load_official(draw_state(keys["mean_head"]), encoder=False))
    assert relative_error(model(tokens), numbers["mean_logits"]) < 1e-4


def test_parity_from_images_with_a_frozen_transformer(official, monkeypatch):
    keys, numbers, _ = official
    layout = ViTLayout(size=64, patch=16, dim=48, mlp_dim=96, n_heads=3, n_blocks=2)
    monkeypatch.setitem(LAYOUTS, "reference", layout)
    model = create("slstt_images", aggregator="mean", encoder="reference").eval()
    state = draw_state(keys["vit_small"])
    model.load_state_dict(load_official({f"vit.{name}": value for name, value in state.items()}))
    given = torch.from_numpy(input_rng("vit").standard_normal((5, 3, 64, 64)).astype(np.float32))
    mean, std = (torch.tensor(values)[:, None, None] for values in PIXELS["imagenet"])
    images = (given * std + mean)[:, None]  # clips of one frame, before the normalisation
    assert relative_error(model(images), numbers["vit_logits"]) < 1e-4
    found = {name.removeprefix("vit."): grad for name, grad in gradients(model, images).items()}
    assert set(found) == set(numbers["vit_params_with_grad"].tolist())
    for name in ("norm.weight", "fc.weight"):
        assert relative_error(found[name], numbers[f"vit_grad_{name}"]) < 1e-3


@pytest.mark.parametrize("n_classes", [3, 5])
def test_number_of_parameters(n_classes):
    lstm, vit = 6_828_032 + 131_328 + 257 * n_classes, 86_090_496
    with torch.device("meta"):
        assert count(create("slstt", n_classes=n_classes)) == lstm
        assert count(create("slstt", n_classes=n_classes, aggregator="mean")) == 769 * n_classes
        frozen = create("slstt_images", n_classes=n_classes)
        free = create("slstt_images", n_classes=n_classes, finetune=True)
    assert count(frozen) == count(free) == count(free, trained=True) == vit + lstm
    assert count(frozen, trained=True) == 2 * 768 + lstm  # and the last normalisation, as in the code


@pytest.mark.parametrize("aggregator", ["lstm", "mean"])
@torch.no_grad()
def test_tokens_computed_once_give_the_same_logits(aggregator):
    torch.manual_seed(0)
    whole = create("slstt_images", encoder="small", aggregator=aggregator, hidden=16).eval()
    if aggregator == "mean":  # it starts at zero
        torch.nn.init.normal_(whole.fc.weight)
    end = create("slstt", dim=64, aggregator=aggregator, hidden=16).eval()
    end.load_state_dict(load_official(whole.state_dict(), encoder=False))
    images = torch.rand(2, 11, 3, 64, 64)
    tokens = whole.vit((images.flatten(0, 1) - 0.5) / 0.5).reshape(2, 11, 64)
    whole.pixels = "half"
    torch.testing.assert_close(whole(images), end(tokens), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(whole.features(images), end.features(tokens), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_the_lstm_sees_the_order_of_frames_and_the_mean_does_not():
    tokens = torch.randn(2, 11, 8, generator=torch.Generator().manual_seed(0))
    lstm = create("slstt", dim=8, hidden=16).eval()
    assert (lstm(tokens) - lstm(tokens.flip(1))).abs().max() > 1e-4
    mean = create("slstt", dim=8, aggregator="mean").eval()
    torch.nn.init.normal_(mean.fc.weight)
    torch.testing.assert_close(mean(tokens), mean(tokens.flip(1)))
    each = torch.stack([mean(tokens[:, [t]]) for t in range(11)])
    torch.testing.assert_close(mean(tokens), each.mean(0))  # the mean of the frames' logits


def test_a_frozen_transformer_is_noisy_in_training_unless_its_dropout_is_zero():
    images = torch.rand(1, 11, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    for dropout, same in ((0.1, False), (0.0, True)):
        torch.manual_seed(0)
        model = create("slstt_images", encoder="small", hidden=16, dropout=dropout).train()
        assert torch.equal(model(images), model(images)) is same


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("slstt", {"aggregator": "gru"}),
        ("slstt_images", {"encoder": "b32"}),
        ("slstt_images", {"encoder": "small", "pixels": "full"}),
    ],
)
def test_unknown_words(name, options):
    (word,) = {k: v for k, v in options.items() if v != "small"}
    with pytest.raises(ConfigError, match=word):
        create(name, **options)
