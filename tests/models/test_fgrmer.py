from __future__ import annotations

import numpy as np
import pytest
import torch
from published_weights import draw_state, input_rng, reference, relative_error
from torch.nn.functional import cross_entropy

from mezoo.errors import ConfigError
from mezoo.models import create
from mezoo.models.fgrmer import FGRMER, from_official
from mezoo.models.fgrmer_graph import adjacency

#: Names of the reproduction -> official ones.
REPRODUCTION = {
    "graph.DWConv.0.block.0.": "depth_wise_conv.",
    "graph.DWConv.0.block.1.": "bn1.",
    "graph.eyebrow_encoder.": "layer_stack.",
    "graph.mouth_encoder.": "layer_stack1.",
    ".attn.q_w.": ".slf_attn.w_qs.",
    ".attn.k_w.": ".slf_attn.w_ks.",
    ".attn.v_w.": ".slf_attn.w_vs.",
    ".attn.proj.": ".slf_attn.fc.",
    ".attn.layer_norm.": ".slf_attn.layer_norm.",
    ".feedforward.layer.0.": ".pos_ffn.w_1.",
    ".feedforward.layer.2.": ".pos_ffn.w_2.",
    ".feedforward.layer_norm.": ".pos_ffn.layer_norm.",
    "graph.eyebrow_layer.1.": "linear1.",
    "graph.eyebrow_layer.4.": "linear3.",
    "graph.mouth_layer.1.": "linear2.",
    "graph.mouth_layer.4.": "linear4.",
    "au_gcn.embedding.": "embedding.",
    "au_gcn.graph_weight_one.": "gc1_1.",
    "au_gcn.graph_weight_two.": "gc1_2.",
    "au_fusion.linear.": "linear5.",
    "au_fusion.layer_norm.": "layer_norm1.",
}
AUS = [(1, 2), (1, 2, 4), (12,), (4, 10, 12)]


def small(**options) -> FGRMER:
    torch.manual_seed(0)
    return FGRMER(n_layers=2, hidden=16, **options)


def patches(*shape, seed=1) -> torch.Tensor:
    return torch.rand(*shape, 30, 7, 7, generator=torch.Generator().manual_seed(seed))


def test_a_patch_reaches_its_own_token_only():
    model, whole = small().eval(), patches(1)
    before = model.tokens(whole)
    for patch in (0, 9, 10, 29):
        changed = whole.clone()
        changed[:, patch] = 0
        differs = (model.tokens(changed) != before).any(dim=2)[0]
        assert differs.nonzero().flatten().tolist() == [patch]


def test_eyebrows_and_mouth_are_apart_until_the_fusion():
    model, whole = small(aus=AUS).eval(), patches(1)
    before = model.fused(whole)
    for patch, own in ((0, [0, 1, 2]), (9, [0, 1, 2]), (10, range(3, 9)), (29, range(3, 9))):
        changed = whole.clone()
        changed[:, patch] += 1
        differs = (model.fused(changed) != before)[0]
        assert differs.nonzero().flatten().tolist() == list(own)


def test_one_view_is_fixed_in_evaluation():
    views = patches(3, 10)
    for test_view in (4, 9):
        model = small(test_view=test_view).eval()
        assert torch.equal(model(views), model(views[:, test_view]))


def test_one_view_is_drawn_per_clip_in_training():
    model, views = small().train(), patches(2000, 10)
    marked = torch.arange(10.0).expand(2000, 10)[..., None, None, None].expand_as(views)
    drawn = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        drawn.append(model.one_view(marked)[:, 0, 0, 0])
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    counts = torch.bincount(drawn[0].long(), minlength=10)
    assert (counts - 200).abs().max() < 60  # 4.5 standard deviations of a binomial
    torch.manual_seed(5)
    chosen = drawn[0].long()
    assert torch.equal(model.one_view(views), views[torch.arange(2000), chosen])
    assert torch.equal(model.one_view(views[:, 0]), views[:, 0])


def test_a_training_step_learns_from_the_drawn_view():
    model, views = small(encoder_dropout=0.0, attention_dropout=0.0).train(), patches(4, 10).requires_grad_()
    model(views).square().sum().backward()
    seen = views.grad.flatten(2).ne(0).any(dim=2)
    assert seen.sum(dim=1).tolist() == [1, 1, 1, 1]


def test_only_the_last_layer_counts_in_the_official_flaw():
    model, x = small(official_last_layer_only=True).eval(), patches(2)
    before = model(x)
    with torch.no_grad():
        for encoder in (model.eyebrow_encoder, model.mouth_encoder):
            for parameter in encoder.layers[0].parameters():
                parameter.add_(1)
    assert torch.equal(model(x), before)
    model(x).sum().backward()
    assert all(p.grad is None for p in model.eyebrow_encoder.layers[0].parameters())
    assert all(p.grad is not None for p in model.eyebrow_encoder.layers[1].parameters())


def test_the_graph_is_counted_from_the_given_clips_only():
    folds = {
        held_out: [units for k, units in enumerate(AUS) if k != held_out] for held_out in range(len(AUS))
    }
    altered = [(15, 17), *AUS[1:]]
    for held_out, training in folds.items():
        graph = small_fold(training).state_dict()["A"]
        np.testing.assert_array_equal(graph.numpy(), adjacency(training))
        if held_out == 0:  # the action units of the tested subject are others, its fold stays as it was
            again = [units for k, units in enumerate(altered) if k != held_out]
            assert torch.equal(small_fold(again).state_dict()["A"], graph)
    assert not torch.equal(small_fold(folds[0]).A, small_fold(folds[1]).A)


def small_fold(training) -> FGRMER:
    torch.manual_seed(0)
    return FGRMER.from_fold(aus=training, n_layers=2, hidden=16)


def test_a_frozen_network_needs_no_labels():
    trained = small_fold(AUS).eval()
    restored = small().eval()
    x = patches(2)
    assert not torch.equal(restored(x), trained(x))
    restored.load_state_dict(trained.state_dict())
    assert torch.equal(restored(x), trained(x))


def test_a_fold_is_the_same_alone_and_after_another():
    def train(training):
        model = small_fold(training).train()
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(3):
            optimiser.zero_grad()
            cross_entropy(model(patches(4, 10)), torch.tensor([0, 1, 2, 0])).backward()
            optimiser.step()
        return model.state_dict()

    alone = train(AUS)
    train(AUS[1:])
    after = train(AUS)
    assert all(torch.equal(alone[name], after[name]) for name in alone)


@pytest.mark.parametrize(
    ("options", "width"),
    [
        ({"node": "identity"}, 9),
        ({"edge": "mlp"}, 9),
        ({"fusion": "concat"}, 640),
        ({"fusion": "concat", "au_branch": False}, 320),
        ({"node": "identity", "edge": "mlp", "fusion": "concat", "au_branch": False}, 320),
    ],
)
def test_ablations(options, width):
    model = small(**options).train()
    assert model.features(patches(4, 10)).shape == (4, width)
    model(patches(4, 10)).square().mean().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    whole = {name.split(".")[0] for name, _ in small().named_parameters()}
    missing = whole - {name.split(".")[0] for name, _ in model.named_parameters()}
    expected = {"node"} if "node" in options else set()
    expected |= {"eyebrow_encoder", "mouth_encoder"} if "edge" in options else set()
    expected |= {"embedding", "graph"} if "au_branch" in options else set()
    assert missing == expected


def test_wrong_usage():
    for options in ({"au_branch": False}, {"node": "conv"}, {"edge": "none"}, {"fusion": "sum"}):
        with pytest.raises(ConfigError, match="options of fgrmer"):
            small(**options)
    with pytest.raises(ConfigError, match="graph variant"):
        small(graph="jst")
    with pytest.raises(ValueError, match="there are 4 views"):
        small()(patches(2, 4))
    with pytest.raises(ValueError, match="30, 7, 7"):
        small()(torch.zeros(2, 28, 7, 7))


def test_the_official_count_of_parameters_includes_the_graph():
    model = create("fgrmer")
    assert sum(p.numel() for p in model.parameters()) + model.A.numel() == 1_046_669
    assert sum(p.numel() for p in model.eyebrow_encoder.layers[0].parameters()) == 38_005


def load(shared, tag) -> tuple[FGRMER, dict[str, np.ndarray]]:
    """The network with the drawn weights of a tag, in evaluation mode."""
    keys, arrays = reference(shared, "fgrmer")
    if tag == "jst":
        state = draw_state(keys["jst"])
        state["A"] = torch.from_numpy(arrays["A_jst"] + np.eye(9, dtype=np.float32))
        model = FGRMER(n_classes=5, graph="reproduction", projection_bias=True)
        model.load_state_dict(from_official({official(name): value for name, value in state.items()}))
    else:
        state = draw_state(keys["official"]) | {"A": torch.from_numpy(arrays["A_plus_I_off"])}
        model = FGRMER(official_last_layer_only=tag == "official")
        model.load_state_dict(from_official(state))
    return model.eval(), arrays


def official(name: str) -> str:
    for theirs, name_there in REPRODUCTION.items():
        name = name.replace(theirs, name_there)
    return name


@pytest.mark.parametrize("tag", ["official", "chained", "jst"])
def test_parity(shared, tag):
    model, arrays = load(shared, tag)
    x = torch.from_numpy(input_rng("patches").random((4, 30, 7, 7)).astype(np.float32))
    assert np.array_equal(x, arrays["input"])
    tokens = model.tokens(x)
    eyebrow, mouth = model.face_vectors(x)
    logits = model(x)
    target = arrays["jst_target" if tag == "jst" else "target"]
    loss = cross_entropy(logits, torch.from_numpy(target))
    found = {
        "tokens": tokens,
        "enc_eyebrow": model.eyebrow_encoder(tokens[:, :10]),
        "enc_mouth": model.mouth_encoder(tokens[:, 10:]),
        "vec_eyebrow": eyebrow,
        "vec_mouth": mouth,
        "G": model.au_vectors(),
        "dots": model.fused(x),
        "logits": logits,
        "log_probs": logits.log_softmax(dim=1),
        "loss64": loss,
    }
    compared = [name for name in found if f"{tag}_{name}" in arrays]
    assert len(compared) == (6 if tag == "jst" else 9)
    for name in compared:
        assert relative_error(found[name], arrays[f"{tag}_{name}"]) <= 1e-4, name
    loss.backward()
    check_gradients(model, arrays, tag)


def check_gradients(model, arrays, tag):
    ours = dict(model.named_parameters())
    prefix = f"{tag}_grad_"
    published = [name.removeprefix(prefix) for name in arrays if name.startswith(prefix)]
    assert len(published) == (4 if tag == "jst" else 8)
    for name in published:
        (renamed,) = from_official({official(name): torch.zeros(())})
        found = ours[renamed].grad
        expected = arrays[prefix + name]
        if not expected.any():
            assert found is None, name
        else:
            assert relative_error(found, expected) <= 1e-3, name


def test_parity_of_what_gets_no_gradient(shared):
    model, arrays = load(shared, "official")
    model(torch.from_numpy(arrays["input"])).sum().backward()
    expected = from_official({str(name): torch.zeros(()) for name in arrays["official_params_without_grad"]})
    assert {name for name, p in model.named_parameters() if p.grad is None} | {"A"} == set(expected)
