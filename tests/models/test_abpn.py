from __future__ import annotations

import numpy as np
import pytest
import torch
from published_parity import ACTIVATION, Parity
from published_weights import draw_state, input_rng, reference, relative_error

from mezoo.learning.training import SpottingModule
from mezoo.models.abpn import ABPN, from_official, normalise_first_rois
from mezoo.models.auwgcn_layout import CONTEXT, OFFICIAL_MEAN, OFFICIAL_STD
from mezoo.models.auwgcn_losses import loss_terms, total_loss

MACRO_WEIGHT = {"samm": 0.7, "casme": 0.5}
VALIDATION_MEAN, VALIDATION_STD = (0.002599, 0.002586), (0.424943, 0.421969)


def published(keys, **options) -> ABPN:
    network = ABPN(**options)
    missing, extra = network.load_state_dict(from_official(draw_state(keys["abpn"])), strict=False)
    assert not extra and all(name.startswith("roi_") for name in missing)
    return network


def official_names(network: ABPN) -> dict[str, str]:
    swap = {"temporal.": "_sequential.", "head.": "_classification."}
    return {
        name: next(
            (name.replace(ours, theirs, 1) for ours, theirs in swap.items() if name.startswith(ours)), name
        )
        for name in network.state_dict()
    }


@pytest.fixture
def numbers(shared):
    keys, arrays = reference(shared, "abpn")
    features = input_rng("features").standard_normal((2, 270, 12, 2)).astype(np.float32)
    assert np.array_equal(features, arrays["input"])
    return keys, arrays, torch.from_numpy(features)


def targets(arrays) -> dict[str, torch.Tensor]:
    """Targets of the reference, whose first axis is the type."""
    names = ("start_end", "apex", "action")
    return {name: torch.from_numpy(arrays[f"lab_{name}"]).transpose(0, 1) for name in names}


def losses(network: ABPN, features: torch.Tensor, arrays) -> dict[str, torch.Tensor]:
    return loss_terms(network(features)[..., CONTEXT:-CONTEXT], **targets(arrays))


def test_every_number_of_the_reference(numbers):
    keys, arrays, features = numbers
    parity = Parity(arrays)
    network = published(keys).eval()
    with torch.no_grad():
        parity.same("roi_weights_init", network.roi_weights.squeeze(1))
        parity.same("logits", network(features))
    for corpus, macro_weight in MACRO_WEIGHT.items():
        network.zero_grad()
        terms = losses(network, features, arrays)
        total = total_loss(terms, macro_weight=macro_weight)
        for name, value in {**terms, "total": total}.items():
            parity.same(f"{corpus}_loss_{name}64", value)
        if corpus == "samm":
            total.backward()
            names = official_names(network)
            gradients = Parity(arrays, "samm_")
            for name, parameter in network.named_parameters():
                if name == "roi_weights":
                    gradients.same("grad_roi_weights", parameter.grad.squeeze(1))
                else:
                    gradients.summary(f"grad_{names[name]}", parameter.grad)
            parity.errors |= gradients.errors
    with torch.no_grad():
        drawn = 1 + 0.5 * input_rng("roi_weights").standard_normal((12, 1)).astype(np.float32)
        network.roi_weights.copy_(torch.from_numpy(drawn))
        parity.same("roi_weights_set", network.roi_weights.squeeze(1))
        parity.same("logits_set", network(features))
    for name, mean, std in (
        ("loso", OFFICIAL_MEAN, OFFICIAL_STD),
        ("validation", VALIDATION_MEAN, VALIDATION_STD),
    ):
        found = normalise_first_rois(arrays["testnorm_in"], mean=mean, std=std)
        parity.same(f"testnorm_{name}", torch.from_numpy(found.reshape(40, 24).T.copy()))
    trained = {name for name in parity.left() if name.startswith("train_")}
    assert parity.left() - trained == {"input", "testnorm_in", "lab_start_end", "lab_apex", "lab_action"}


def test_three_official_training_steps(numbers):
    keys, arrays, features = numbers
    network = published(keys, roi_weights="official").train()
    recipe = Recipe(learning_rate=0.01, weight_decay=0.1, learning_rate_decay=0.96)
    module = SpottingModule(network, recipe, macro_weight=MACRO_WEIGHT["samm"])
    optimiser = module.configure_optimizers()["optimizer"]
    batch = [features, *targets(arrays).values()]
    found: dict[str, list] = {"loss_steps64": [], "roi_weights_after_steps": [], "roi_grad_accumulated": []}
    for _ in range(3):
        optimiser.zero_grad()
        loss = module.training_step(batch, 0)
        loss.backward()
        optimiser.step()
        module.on_train_batch_end(None, batch, 0)
        found["loss_steps64"].append(float(loss.detach()))
        found["roi_weights_after_steps"].append(network.roi_weights.squeeze(1).clone())
        found["roi_grad_accumulated"].append(network.roi_gradient.squeeze(1).clone())
    for name, values in found.items():
        tolerance = 1e-3 if "grad" in name else ACTIVATION
        assert relative_error(np.array(values), arrays[f"train_{name}"]) <= tolerance, name
    names, compared = official_names(network), set(found)
    for name, value in network.state_dict().items():
        key = f"after3_{names[name]}_head"
        if f"train_{key}" in arrays:
            compared.add(key)
            expected = arrays[f"train_{key}"]
            np.testing.assert_allclose(value.flatten()[: expected.size], expected, rtol=0, atol=1e-4)
    assert compared == {name.removeprefix("train_") for name in arrays if name.startswith("train_")}


class Recipe:
    """The three values that the optimiser reads."""

    def __init__(self, **values: float) -> None:
        self.__dict__.update(values)


def test_parameter_count():
    network = ABPN()
    rois = network.roi_weights.numel()
    assert sum(p.numel() for p in network.parameters()) == 28_416 + rois and rois == 12
    assert sum(p.numel() for p in ABPN(roi_weights="official").parameters()) == 28_416


def test_a_roi_of_no_weight_has_no_influence():
    network = ABPN().eval()
    with torch.no_grad():
        network.roi_weights[4] = -100.0
        features = torch.randn(1, 20, 12, 2)
        changed = features.clone()
        changed[:, :, 4] += 3
        assert torch.equal(network(features), network(changed))
        changed[:, :, 5] += 3
        assert not torch.equal(network(features), network(changed))


def test_receptive_field_is_eleven_frames():
    network = ABPN().eval()
    features = torch.zeros(1, 41, 12, 2)
    changed = features.clone()
    changed[0, 20] = 5.0
    with torch.no_grad():
        moved = (network(features) != network(changed)).any(dim=1)[0]
    assert torch.nonzero(moved).flatten().tolist() == list(range(15, 26))


def test_official_weights_move_in_training_and_count_for_nothing_afterwards():
    torch.manual_seed(0)
    network = ABPN(roi_weights="official")
    features = torch.randn(2, 30, 12, 2)
    with torch.no_grad():
        before = network.eval()(features)
    network.train()
    network(features)[:, 6].sum().backward()
    gradient = network.roi_gradient.clone()
    assert gradient.abs().max() > 0
    network.step_roi_weights(learning_rate=0.5, decay=0.1)
    torch.testing.assert_close(network.roi_weights, 0.9 - 0.5 * gradient)
    network(features)[:, 6].sum().backward()
    assert not torch.equal(network.roi_gradient, gradient), "added up, not replaced"
    fresh = ABPN(roi_weights="official")
    fresh.load_state_dict(
        {n: v for n, v in network.state_dict().items() if not n.startswith("roi_")}, strict=False
    )
    with torch.no_grad():
        assert torch.equal(network.eval()(features), fresh.eval()(features))
        network.load_state_dict({**network.state_dict(), "roi_weights": torch.arange(12.0)[:, None]})
        assert torch.equal(network(features), fresh(features))
        assert before.shape == (2, 10, 30)


def test_trained_weights_are_left_to_the_optimiser():
    network = ABPN()
    network.step_roi_weights(learning_rate=1.0, decay=1.0)
    assert torch.equal(network.roi_weights, torch.ones(12, 1))


def test_official_prediction_normalises_two_rois():
    features = np.full((3, 12, 2), 5.0, np.float32)
    found = normalise_first_rois(features, mean=(1, 2), std=(2, 3))
    assert found[:, 0].tolist() == [[2.0, 2.0]] * 3
    assert found[:, 1].tolist() == [[1.0, 1.0]] * 3
    assert (found[:, 2:] == 5).all() and (features == 5).all()


def test_exceptions():
    with pytest.raises(ValueError, match="expected \\(B, T, 12, 2\\)"):
        ABPN()(torch.zeros(1, 12, 2, 30))
    with pytest.raises(ValueError, match="'head.x' is no parameter of the official ABPN"):
        from_official({"head.x": torch.zeros(1)})
