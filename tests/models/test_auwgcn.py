from __future__ import annotations

import numpy as np
import pytest
import torch

from mezoo.models.auwgcn import AUWGCN, GraphConvolution, from_official, probabilities
from mezoo.models.auwgcn_clips import pad_context, segment
from mezoo.models.auwgcn_layout import CLIP, CONTEXT
from mezoo.models.auwgcn_losses import loss_terms, total_loss
from mezoo.models.auwgcn_targets import training_targets


@pytest.fixture
def model() -> AUWGCN:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    return AUWGCN(adjacency=rng.random((12, 12))).eval()


def test_parameter_count():
    count = {
        learn: sum(p.numel() for p in AUWGCN(learn_adjacency=learn).parameters()) for learn in (False, True)
    }
    assert count == {False: 39_248, True: 39_248 + 144}


def test_graph_convolution_by_hand():
    # Node 0 gathers from node 1 twice, node 1 gathers nothing: A (X W) + b.
    layer = GraphConvolution(2, 1, adjacency=torch.tensor([[0.0, 2.0], [0.0, 0.0]]))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0], [10.0]]))
        layer.bias.fill_(0.5)
        out = layer(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    assert out.tolist() == [[[86.5], [0.5]]]  # 2 * (3 + 40) + 0.5


def test_receptive_field_is_eleven_frames(model):
    features = torch.zeros(1, 41, 12, 2)
    changed = features.clone()
    changed[0, 20] = 5.0
    with torch.no_grad():
        moved = (model(features) != model(changed)).any(dim=1)[0]
    assert torch.nonzero(moved).flatten().tolist() == list(range(15, 26))


def test_channel_order_is_node_major():
    # Only node 3 is linked; the first temporal convolution must see it in channels 48..63.
    adjacency = np.zeros((12, 12))
    adjacency[3, 3] = 1
    torch.manual_seed(0)
    model = AUWGCN(adjacency=adjacency).eval()
    seen = []
    model.temporal[0].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        model(torch.randn(1, 9, 12, 2))
    varying = torch.nonzero(seen[0][0].std(dim=-1) > 0).flatten()
    assert len(varying) and set(varying.tolist()) <= set(range(48, 64))


def test_unlinked_roi_has_no_influence(model):
    graph = model.graph.adjacency.numpy().copy()
    graph[:, 6] = 0
    lone = AUWGCN(adjacency=graph).eval()
    features = torch.randn(1, 20, 12, 2)
    changed = features.clone()
    changed[:, :, 6] += 3
    with torch.no_grad():
        assert torch.equal(lone(features), lone(changed))


def test_clips_with_context_equal_the_whole_video(model):
    video = np.random.default_rng(1).normal(size=(600, 12, 2)).astype(np.float32)
    clips = torch.from_numpy(segment(video))
    with torch.no_grad():
        cut = model(clips)[..., CONTEXT:-CONTEXT]
        whole = model(torch.from_numpy(pad_context(video))[None])[0, :, CONTEXT:-CONTEXT]
    joined = torch.cat(list(cut), dim=1)[:, :600]
    assert cut.shape == (3, 10, CLIP)
    torch.testing.assert_close(joined, whole, rtol=0, atol=1e-5)


def test_probabilities():
    logits = torch.zeros(1, 10, 2)
    logits[0, 0] = torch.log(torch.tensor(2.0))
    result = probabilities(logits)
    torch.testing.assert_close(result[0, :3, 0], torch.tensor([0.5, 0.25, 0.25]))
    torch.testing.assert_close(result[0, 3:6].sum(dim=0), torch.ones(2))
    torch.testing.assert_close(result[0, 6:], torch.full((4, 2), 0.5))


@pytest.mark.parametrize("shape", [(1, 20, 12), (1, 20, 11, 2), (1, 20, 12, 3)])
def test_exception_features(model, shape):
    with pytest.raises(ValueError, match="expected \\(B, T, 12, 2\\)"):
        model(torch.zeros(shape))


def test_exception_adjacency():
    with pytest.raises(ValueError, match="adjacency"):
        AUWGCN(adjacency=np.eye(11))


def test_exception_foreign_checkpoint():
    with pytest.raises(ValueError, match="layer4.weight"):
        from_official({"layer4.weight": torch.zeros(1)})


def test_overfits_eight_clips():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    labels = np.zeros((8, 78, 8), int)
    features = rng.normal(scale=0.1, size=(8, 78, 12, 2)).astype(np.float32)
    for i in range(8):
        onset = 15 + 4 * i
        labels[i, onset, 0] = labels[i, onset + 5, 1] = labels[i, onset + 10, 2] = 1
        labels[i, onset : onset + 11, 3] = 1
        features[i, onset : onset + 5, :, 0] += 1
        features[i, onset + 5 : onset + 11, :, 0] -= 1
    targets = {name: torch.from_numpy(value) for name, value in training_targets(labels)._asdict().items()}
    model = AUWGCN()
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    history = []
    for _ in range(60):
        logits = model(torch.from_numpy(features))[..., CONTEXT:-CONTEXT]
        loss = total_loss(loss_terms(logits, **targets), macro_weight=0.5)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        history.append(loss.item())
    assert history[-1] < 0.2 * history[0]
    with torch.no_grad():
        apex = probabilities(model.eval()(torch.from_numpy(features)))[:, 6, CONTEXT:-CONTEXT].argmax(dim=1)
    expected = np.array([15 + 4 * i + 5 - CONTEXT for i in range(8)])
    assert np.abs(apex.numpy() - expected).max() <= 1


@pytest.mark.parametrize("tag", ["samm", "casme"])
def test_parity_with_official_network(shared, tag):
    oracle = np.load(shared / "oracles" / "auwgcn" / "forward_oracle.npz")
    prefix = f"{tag}/state/"
    state = {
        k.removeprefix(prefix): torch.from_numpy(oracle[k]) for k in oracle.files if k.startswith(prefix)
    }
    model = AUWGCN().eval()
    model.load_state_dict(from_official(state))
    features = torch.from_numpy(oracle[f"{tag}/input"])
    with torch.no_grad():
        np.testing.assert_allclose(model.embed(features), oracle[f"{tag}/gcn_out"], rtol=0, atol=1e-5)
        np.testing.assert_allclose(model(features), oracle[f"{tag}/output"], rtol=0, atol=1e-5)
