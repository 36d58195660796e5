"""AKMNet against reference numbers, and what its variants and modes do with the frames of a clip."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from published_weights import draw_state, input_rng, reference, relative_error
from torch.nn import functional as F

from mezoo.errors import ConfigError
from mezoo.models.akmnet import AKMNet, load_official
from mezoo.models.akmnet_mining import binarise, mean_margin_loss, sparsity_loss
from mezoo.models.recogniser import N_AUS, Batch

SMALL = {"width": 4, "hidden": 4, "size": 64}
#: Of the largest expected value; float32 sums in another order.
ACTIVATION, GRADIENT = 1e-4, 2e-3
#: Official name -> ours, of the parameters whose gradients are known.
GRADIENTS = {
    "conv1.weight": "backbone.conv1.weight",
    "bn1.weight": "backbone.bn1.weight",
    "layer1.0.conv1.weight": "backbone.layer1.0.conv1.weight",
    "layer4.1.conv2.weight": "backbone.layer4.1.conv2.weight",
    "layer4.1.bn2.weight": "backbone.layer4.1.bn2.weight",
    "alpha.0.weight": "mining.attention.weight",
    "alpha.0.bias": "mining.attention.bias",
    "gru.weight_ih_l0": "gru.weight_ih_l0",
    "gru.weight_hh_l1_reverse": "gru.weight_hh_l1_reverse",
    "gru.bias_ih_l0": "gru.bias_ih_l0",
    "fc.1.weight": "head.weight",
    "fc.1.bias": "head.bias",
}


def small(**options) -> AKMNet:
    torch.manual_seed(0)
    return AKMNet(**{"n_classes": 3, "dropout": 0.0, **SMALL, **options})


def clips(*lengths: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(n, 1, 64, 64, generator=generator) for n in lengths]


def batch(*lengths: int) -> Batch:
    n = len(lengths)
    return Batch((clips(*lengths),), torch.arange(n) % 3, torch.zeros(n, N_AUS))


class Trace:
    """Everything that the reference numbers hold of one pass: activations, terms, gradients."""

    def __init__(self, keys: dict, *, training: bool, ste: str) -> None:
        self.model = AKMNet(n_classes=4, ste=ste, dropout=0.0)
        self.model.load_state_dict(load_official(draw_state(keys["akmnet"])))
        self.model.train(training)
        coarse = input_rng("clip").standard_normal((6, 1, 16, 16)).repeat(8, axis=2).repeat(8, axis=3)
        frames = coarse * np.array([0.25, 3, 1, 6, 0.5, 2])[:, None, None, None]
        self.clip = torch.from_numpy(frames.astype(np.float32))
        kept = {}
        self.model.backbone.register_forward_hook(lambda _, __, maps: kept.update(maps=maps))
        self.model.gru.register_forward_hook(lambda _, __, out: kept.update(states=out[0].data))
        self.mined = self.model.mine([self.clip])[0]
        self.maps = kept["maps"]
        self.feature = self.model.describe([self.mined])
        self.logits = self.model.head(self.feature)
        self.states = kept["states"].reshape(-1, 16, 64).transpose(0, 1)  # packed step by step, all places
        self.terms = {
            "c": F.cross_entropy(self.logits, torch.tensor([2])),
            "gs": sparsity_loss(self.mined.selected),
            "mmm": mean_margin_loss(self.mined.beta),
        }
        self.weighted = {"c": self.terms["c"], "gs": 0.1 * self.terms["gs"], "mmm": self.terms["mmm"]}
        self.total = sum(self.weighted.values())

    def gradient(self, of: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        found = torch.autograd.grad(of, at, retain_graph=True, allow_unused=True)[0]
        return torch.zeros_like(at) if found is None else found


@pytest.fixture(scope="module")
def known(shared):
    return reference(shared, "akmnet")


@pytest.fixture(scope="module")
def traces(known):
    made = {}

    def trace(mode: str, ste: str) -> Trace:
        if (mode, ste) not in made:
            made[mode, ste] = Trace(known[0], training=mode == "train", ste=ste)
        return made[mode, ste]

    return trace


def summary_errors(found: torch.Tensor, arrays: dict, name: str) -> list[float]:
    """Distance of a whole array from its first entries and from its two sums, relative to their size."""
    values = found.detach().numpy()
    assert list(values.shape) == arrays[f"{name}_shape"].tolist()
    size = float(arrays[f"{name}_abssum"])
    errors = [
        abs(values.sum(dtype=np.float64) - float(arrays[f"{name}_sum"])) / size,
        abs(np.abs(values).sum(dtype=np.float64) - size) / size,
    ]
    if f"{name}_head" in arrays:
        head = arrays[f"{name}_head"]
        errors.append(relative_error(values.ravel()[: len(head)], head))
    return errors


@pytest.mark.parametrize("mode", ["eval", "train"])
class TestReference:
    def test_input(self, known, traces, mode):
        clip = traces(mode, "clip").clip
        assert relative_error(clip[0, 0, :16, :16], known[1]["input_frame0_16x16"]) == 0
        assert max(summary_errors(clip, known[1], "input")) < 1e-12

    def test_activations(self, known, traces, mode):
        arrays, trace = known[1], traces(mode, "clip")
        assert trace.mined.selected.tolist() == arrays[f"{mode}_B"].tolist()
        for name, value in {
            "alpha": trace.mined.alpha,
            "beta": trace.mined.beta,
            "pooled": trace.maps.mean((2, 3)),
            "feature": trace.feature,
            "logits": trace.logits,
        }.items():
            assert relative_error(value, arrays[f"{mode}_{name}"]) < ACTIVATION, name
        assert max(summary_errors(trace.states, arrays, f"{mode}_gru_out")) < ACTIVATION
        if mode == "train":
            running = trace.model.backbone.bn1.running_mean
            assert relative_error(running, arrays["train_running_mean_bn1_after"]) < ACTIVATION

    def test_losses(self, known, traces, mode):
        trace = traces(mode, "clip")
        for name, value in {**{f"L_{k}": v for k, v in trace.terms.items()}, "total": trace.total}.items():
            assert relative_error(value, known[1][f"{mode}_{name}64"]) < ACTIVATION, name

    def test_gradient_of_each_term(self, known, traces, mode):
        trace = traces(mode, "clip")
        for term, value in trace.weighted.items():
            for name, at in {"beta": trace.mined.beta, "B": trace.mined.selected}.items():
                expected = known[1][f"{mode}_grad_{name}_of_weighted_L_{term}"]
                found = trace.gradient(value, at)
                if expected.any():
                    assert relative_error(found, expected) < GRADIENT, (term, name)
                else:
                    assert not found.any(), (term, name)

    @pytest.mark.parametrize("ste", ["clip", "element"])
    def test_gradients(self, known, traces, mode, ste):
        arrays, trace = known[1], traces(mode, ste)
        start = f"{mode}_{ste}_grad_"
        for name, at in {"beta": trace.mined.beta, "B": trace.mined.selected}.items():
            assert relative_error(trace.gradient(trace.total, at), arrays[start + name]) < GRADIENT, name
        per_frame = trace.gradient(trace.total, trace.maps).abs().sum((1, 2, 3))
        assert relative_error(per_frame, arrays[f"{start}F_per_frame_abssum"]) < GRADIENT
        parameters = dict(trace.model.named_parameters())
        for official, ours in GRADIENTS.items():
            found = trace.gradient(trace.total, parameters[ours])
            assert max(summary_errors(found, arrays, start + official)) < GRADIENT, official


def test_reference_of_rule_and_losses(known):
    arrays = known[1]
    beta = torch.from_numpy(arrays["fix_beta"]).requires_grad_()
    selected = [binarise(row) for row in beta]
    sparsity = torch.stack([sparsity_loss(row) for row in selected])
    margin = torch.stack([mean_margin_loss(row) for row in beta])
    assert torch.stack(selected).tolist() == arrays["fix_B"].tolist()
    for name, value in {"L_gs": sparsity, "L_mmm": margin}.items():
        assert relative_error(value, arrays[f"fix_{name}_rows64"]) < 1e-6
        assert relative_error(value.mean(), arrays[f"fix_{name}64"]) < 1e-6
    (0.1 * sparsity.mean() + margin.mean()).backward()
    assert relative_error(beta.grad, arrays["fix_grad_beta"]) < 1e-6


def test_official_names_load_strictly(known):
    model = AKMNet()
    state = draw_state(known[0]["akmnet"])
    model.load_state_dict(load_official(state))
    assert torch.equal(model.head.weight, state["fc.1.weight"])
    assert torch.equal(model.backbone.layer4[1].bn2.running_var, state["layer4.1.bn2.running_var"])


def test_loss_is_the_weighted_sum_of_its_terms():
    model = small().eval()
    terms = model.loss_terms(batch(5, 9))
    total = terms["cross_entropy"] + 0.1 * terms["sparsity"] + terms["margin"]
    assert torch.allclose(model.loss(batch(5, 9)), total)
    mined = model.mine(clips(5, 9))
    assert terms["sparsity"] == np.mean([clip.selected.sum().item() - 1 for clip in mined])
    logits = model(clips(5, 9))
    assert torch.allclose(terms["cross_entropy"], F.cross_entropy(logits, torch.arange(2)))
    weighted = small(sparsity_weight=0.0, margin_weight=3.0).eval().loss(batch(5, 9))
    assert torch.allclose(weighted, terms["cross_entropy"] + 3 * terms["margin"])


@pytest.mark.parametrize("bn", ["per_clip", "frozen", "batch"])
def test_clips_of_a_batch_do_not_touch_each_other_in_evaluation(bn):
    model = small(bn=bn).eval()
    together = model(clips(3, 11, 7))
    assert torch.allclose(together, torch.cat([model([clip]) for clip in clips(3, 11, 7)]), atol=1e-5)


def test_only_statistics_per_clip_keep_clips_apart_in_training():
    first, second = clips(6, 8)
    for bn, apart in {"per_clip": True, "frozen": True, "batch": False}.items():
        model = small(bn=bn).train()
        alone, beside = model([first])[0], model([first, second * 3])[0]
        assert torch.allclose(alone, beside, atol=1e-4) == apart, bn


def test_frozen_statistics_stay_and_their_scale_is_trained():
    model = small(bn="frozen").train()
    before = model.backbone.bn1.running_mean.clone()
    model.loss(batch(4, 6)).backward()
    assert torch.equal(model.backbone.bn1.running_mean, before)
    assert model.backbone.bn1.weight.grad.abs().sum() > 0
    assert model.gru.training and model.dropout.training


def test_order_of_time_matters_but_not_that_of_dropped_frames():
    model = small().eval()
    (clip,) = clips(9)
    mined = model.mine([clip])[0]
    key = mined.selected > 0
    assert 0 < key.sum() < 9
    order = torch.cat([torch.arange(9)[~key], torch.arange(9)[key]])
    assert torch.allclose(model([clip[order]]), model([clip]), atol=1e-5)
    assert not torch.allclose(model([clip.flip(0)]), model([clip]), atol=1e-5)


def test_clips_of_one_length_may_come_as_one_tensor():
    model = small(variant="all").eval()
    stacked = torch.stack(clips(6, 6))
    assert torch.equal(model(stacked), model(list(stacked)))


def test_features_are_what_the_last_layer_reads():
    model = small().eval()
    vectors = model.features(clips(5, 7))
    assert vectors.shape == (2, 2 * 2 * 8)
    assert torch.allclose(model.head(vectors), model(clips(5, 7)))


def test_a_clip_of_one_frame():
    model = small().train()
    terms = model.loss_terms(batch(1, 1))
    assert terms["sparsity"] == 0 and terms["margin"] == 2
    sum(terms.values()).backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_variants_without_selection_have_no_terms_of_it():
    for variant in ("s12", "all", "random"):
        terms = small(variant=variant).loss_terms(batch(4, 5))
        assert terms["sparsity"] == terms["margin"] == 0
        assert terms["cross_entropy"] > 0


def test_unknown_options():
    with pytest.raises(ConfigError, match="unknown bn 'clip'"):
        small(bn="clip")
    with pytest.raises(ConfigError, match="unknown variant 's321'.*s123"):
        small(variant="s321")
