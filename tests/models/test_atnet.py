"""ATNet: reference numbers, alignment of the rows, and the empty clip."""

from __future__ import annotations

import pytest
import torch
from apex_reference import ACTIVATION, GRADIENT, check_whole, gradient_names, image, official_state
from published_weights import reference, relative_error
from torch.nn import functional as F

from mezoo.errors import ConfigError
from mezoo.models import create
from mezoo.models.atnet import align_right, load_official


@pytest.fixture(scope="module")
def published(shared):
    """Network with the drawn weights, image, stored arrays."""
    keys, arrays = reference(shared, "atnet")
    (shapes,) = keys.values()
    network = create("atnet").eval()
    network.load_state_dict(load_official(official_state(shapes)))
    return network, image(arrays), arrays


def test_rows_move_to_the_end_as_in_the_official_data_layer(published):
    _, _, arrays = published
    found = align_right(torch.from_numpy(arrays["points_raw"]))
    assert relative_error(found, arrays["points_aligned"]) < 1e-6  # stored after a detour through text


@pytest.mark.parametrize("rows", ["right", "inplace"])
def test_the_temporal_half_is_the_published_one(published, rows):
    network, images, arrays = published
    raw = torch.from_numpy(arrays["points_raw"])
    with torch.no_grad():
        first, second = network.time.steps(align_right(raw) if rows == "right" else raw)
        assert relative_error(first[:, -1], arrays[f"{rows}_lstm1_last"]) < ACTIVATION
        assert relative_error(second[:, -1], arrays[f"{rows}_lstm2_last"]) < ACTIVATION
        check_whole(f"{rows}_lstm2", second.transpose(0, 1), arrays, tolerance=ACTIVATION)
        assert relative_error(second.mean(1), arrays[f"{rows}_f_t_unnormalised"]) < ACTIVATION
        f_t = F.normalize(second.mean(1))
        assert relative_error(f_t, arrays[f"{rows}_f_t"]) < ACTIVATION
        f_s = network.backbone(images)
        logits = network.classifier(torch.cat([f_s, f_t], dim=1))
        assert relative_error(logits, arrays[f"{rows}_logits"]) < ACTIVATION


def test_the_whole_network_is_the_published_one(published):
    network, images, arrays = published
    raw = torch.from_numpy(arrays["points_raw"])
    network.zero_grad()
    logits = network(images, raw)
    loss = F.cross_entropy(logits, torch.from_numpy(arrays["target"]))
    loss.backward()
    assert relative_error(logits, arrays["right_logits"]) < ACTIVATION
    assert relative_error(network.backbone.pooled(images), arrays["pooled"]) < ACTIVATION
    assert relative_error(network.backbone(images), arrays["f_s"]) < ACTIVATION
    assert relative_error(network.time(raw), arrays["right_f_t"]) < ACTIVATION
    assert loss.item() == pytest.approx(float(arrays["loss64"]), rel=ACTIVATION)
    gradients = official_gradients(network)
    names = gradient_names(arrays, "")
    assert len(names) == 6
    for name in names:
        check_whole(f"grad_{name}", gradients[name], arrays, tolerance=GRADIENT)


def official_gradients(network) -> dict[str, torch.Tensor]:
    """Gradients under official names, the gates of the LSTM layers in Caffe's order."""
    tensors = {"weight_ih_l0": "weight_x", "weight_hh_l0": "weight_h", "bias_ih_l0": "bias"}
    found = {}
    for name, parameter in network.named_parameters():
        if parameter.grad is None:
            continue
        part, _, kind = name.rpartition(".")
        if part.startswith("time."):
            enter, forget, candidate, leave = parameter.grad.chunk(4)
            grad = torch.cat([enter, forget, leave, candidate])
            found[f"{part.removeprefix('time.')}.{tensors[kind]}"] = grad
        else:
            found[name] = parameter.grad
    # names of the released layers whose gradients are stored
    found["conv1.weight"] = found["backbone.conv1.weight"]
    found["layer_512_1_conv1.weight"] = found["backbone.block_512.conv1.weight"]
    found["classifier-Micro_expression.weight"] = found["classifier.weight"]
    return found


def rows_at(*steps: int) -> torch.Tensor:
    rows = torch.zeros(1, 64, 128)
    for step in steps:
        rows[0, step] = step + torch.arange(128.0) / 128
    return rows


def test_alignment_keeps_the_order_and_drops_rows_that_sum_to_zero():
    rows = rows_at(3, 20, 40)
    rows[0, 10, :2] = torch.tensor([1.0, -1.0])
    found = align_right(rows)
    assert torch.equal(found[0, -3:], rows[0, [3, 20, 40]]) and not found[0, :-3].any()
    assert not align_right(torch.zeros(1, 64, 128)).any()


@pytest.mark.parametrize("align", ["right", "apex"])
def test_a_clip_without_flow_is_finite(align):
    network = create("atnet_time", hidden=8, align=align)
    rows = torch.zeros(2, 64, 128)
    network(rows).sum().backward()
    assert torch.isfinite(network(rows)).all() and torch.isfinite(network.time.lstm1.weight_ih_l0.grad).all()


def test_where_the_rows_lie_matters_to_apex_only():
    """`right` moves every clip to the same place; `apex` leaves out the steps without flow."""
    torch.manual_seed(0)
    early, late = rows_at(10, 11, 12), torch.zeros(1, 64, 128)
    late[0, 40:43] = early[0, 10:13]
    right, apex = (create("atnet_time", hidden=8, align=align).eval() for align in ("right", "apex"))
    assert torch.allclose(right(early), right(late))
    with torch.no_grad():
        outputs = apex.time.steps(late)[1]
        expected = F.normalize(outputs[:, 40:43].mean(1))
        assert torch.allclose(apex.features(late), expected, atol=1e-6)


def test_halves_are_unit_vectors_side_by_side():
    network = create("atnet", width=4, hidden=8).eval()
    vector = network.features(torch.rand(2, 1, 56, 56) * 255, rows_at(1).expand(2, -1, -1))
    assert torch.allclose(vector[:, :32].norm(dim=1), torch.ones(2))
    assert torch.allclose(vector[:, 32:].norm(dim=1), torch.ones(2))


def test_lstm_weights_are_wide_and_the_second_bias_stays_zero():
    torch.manual_seed(0)
    network = create("atnet")
    for lstm in (network.time.lstm1, network.time.lstm2):
        assert lstm.weight_ih_l0.std().item() == pytest.approx(0.1, rel=0.01)
        assert lstm.weight_hh_l0.std().item() == pytest.approx(0.1, rel=0.01)
        assert not lstm.bias_ih_l0.any() and not lstm.bias_hh_l0.any()
        assert lstm.bias_ih_l0.requires_grad and not lstm.bias_hh_l0.requires_grad
    groups = network.parameter_groups(weight_decay=5e-6)
    fast = {id(p) for g in groups for p in g["params"] if g.get("lr_scale", 1.0) != 1}
    assert id(network.time.lstm1.bias_ih_l0) not in fast and id(network.classifier.bias) in fast


def test_unknown_alignment():
    with pytest.raises(ConfigError, match="align 'left'"):
        create("atnet_time", align="left")
