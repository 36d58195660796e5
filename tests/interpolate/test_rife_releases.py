"""The releases without a paper (1.x, 3.x, 4.x): reference numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from interpolate.agreement import assert_agree, assert_stats_agree

from mezoo.interpolate.rife_v1 import RIFEv1
from mezoo.interpolate.rife_v3 import RIFEv3
from mezoo.interpolate.rife_v4 import RIFEv4, v4_layout


def _v4(state) -> RIFEv4:
    network = RIFEv4(v4_layout(state)).eval().requires_grad_(False)
    network.load_state_dict(state)
    return network


@pytest.mark.parametrize(
    ("release", "multiple", "n_parameters"),
    [
        ("v4_0", 32, 5_160_980),
        ("v4_6", 32, 5_306_256),
        ("v4_7", 32, 5_325_012),
        ("v4_18", 32, 5_364_312),
        ("v4_22", 32, 9_322_416),
        ("v4_25", 64, 5_664_776),
    ],
)
def test_parity_of_v4(official_state, oracle, release, multiple, n_parameters):
    network = _v4(official_state(release))
    assert network.multiple == multiple
    assert sum(p.numel() for p in network.parameters()) == n_parameters
    with oracle("v4") as known:
        found = network(torch.from_numpy(known["img0"]), torch.from_numpy(known["img1"]), 0.2)
        ours = {"flow": found.flow, "mask": found.mask.sigmoid(), "output": found.image}
        assert_agree({f"{release}_{name}_t0p2": value for name, value in ours.items()}, known)


def test_parity_of_v4_with_a_wide_head(official_state, oracle):
    network = _v4(official_state("practical_v4_head16"))
    with oracle("practical_v4") as known:
        images = torch.from_numpy(known["img0"]), torch.from_numpy(known["img1"])
        for t, name in ((0.5, "0p5"), (0.2, "0p2")):
            found = network(*images, t)
            ours = {"flow": found.flow, "masklogit": found.mask, "output": found.image}
            assert_agree({f"practical_{key}_t{name}": value for key, value in ours.items()}, known)
        assert_agree({"practical_flow_block0_t0p2": found.flows[0]}, known)
        features = network.encode(images[0])
        assert_agree({"practical_encode_img0": features[:, :4]}, known)
        assert_stats_agree(features, known["practical_encode_img0_stats"])


def test_parity_of_v1(official_state, oracle):
    parts = ("flownet", "contextnet", "unet")
    state = {f"{part}.{k}": v for part in parts for k, v in official_state(f"v1hd_{part}").items()}
    network = RIFEv1().eval().requires_grad_(False)
    network.load_state_dict(state)
    with oracle("v1hd") as known:
        found = network(torch.from_numpy(known["img0"]), torch.from_numpy(known["img1"]))
        ours = {
            "v1hd_flow_block0": found.flows[0],
            "v1hd_flow": found.flow,
            "v1hd_mask": found.mask.sigmoid(),
            "v1hd_merged": found.merged[0],
            "v1hd_output": found.image,
        }
        assert_agree(ours, known)


@pytest.fixture(scope="module")
def v3(draw_state) -> RIFEv3:
    network = RIFEv3().eval().requires_grad_(False)
    shapes = {key: list(value.shape) for key, value in network.state_dict().items()}
    small = {"pattern": r"conv[12]\.2\.weight$", "scale": 0.3, "add": 0}
    network.load_state_dict(draw_state(shapes, exceptions=[small]))
    return network


def test_parity_of_v3(v3, wave_images):
    """Reference numbers: a public copy of IFNet_HDv3, run once on these weights and images."""
    found = v3(*wave_images)
    assert_stats_agree(found.flow, np.array([2922.099, 22821.281, 2296.982]))
    assert_stats_agree(found.mask.sigmoid(), np.array([3069.784, 3069.784, 1535.367]))
    assert_stats_agree(found.image, np.array([9153.833, 9153.833, 4584.495]))


def test_v3_is_symmetric_in_time(v3, wave_images):
    forth, back = v3(*wave_images), v3(*wave_images[::-1])
    torch.testing.assert_close(forth.image, back.image, rtol=0, atol=1e-5)
    torch.testing.assert_close(
        forth.flow, torch.cat([back.flow[:, 2:], back.flow[:, :2]], 1), rtol=0, atol=1e-5
    )
    torch.testing.assert_close(forth.mask, -back.mask, rtol=0, atol=1e-5)


def _shapes(
    widths, *, body, n_out, shuffle=True, encoder="", width=0, features=0, groups=1
) -> dict[str, list[int]]:
    """Write down the keys of a 4.x file by hand, as far as the layout is read from them."""
    n_in = 6 + 1 + 2 * features
    shapes: dict[str, list[int]] = {}
    for k, c in enumerate(widths):
        extra = 0 if k == 0 else 5 + (n_out - 5 if n_out > 6 else 0)
        shapes[f"block{k}.conv0.0.0.weight"] = [c // 2, n_in + extra, 3, 3]
        if body == "prelu":
            shapes[f"block{k}.conv0.0.1.weight"] = [c // 2]
        if body == "residual":
            shapes[f"block{k}.convblock.0.beta"] = [1, c, 1, 1]
            shapes[f"block{k}.convblock.0.conv.weight"] = [c, c // groups, 3, 3]
        shapes[f"block{k}.lastconv{'.0' if shuffle else ''}.weight"] = [
            c,
            n_out * (4 if shuffle else 1),
            4,
            4,
        ]
    ends = {"head": ("cnn0", "cnn3"), "long": ("0", "6"), "short": ("0", "1")}
    if encoder:
        first, last = ends[encoder]
        shapes |= {
            f"encode.{first}.weight": [width, 3, 3, 3],
            f"encode.{last}.weight": [width, features, 4, 4],
        }
    return shapes


@pytest.mark.parametrize(
    ("release", "arguments", "scales"),
    [
        ("4.2", {"widths": (192, 128, 96, 64), "body": "leaky", "n_out": 5, "shuffle": False}, (8, 4, 2, 1)),
        ("4.5", {"widths": (192, 128, 96, 64), "body": "residual", "n_out": 5}, (8, 4, 2, 1)),
        (
            "4.10",
            {
                "widths": (192, 128, 96, 64),
                "body": "residual",
                "n_out": 6,
                "encoder": "long",
                "width": 32,
                "features": 8,
            },
            (8, 4, 2, 1),
        ),
        (
            "4.14 lite",
            {
                "widths": (192, 128, 96, 64),
                "body": "residual",
                "n_out": 6,
                "encoder": "head",
                "width": 32,
                "features": 8,
                "groups": 2,
            },
            (8, 4, 2, 1),
        ),
        (
            "4.25 lite",
            {
                "widths": (192, 128, 96, 64, 24),
                "body": "residual",
                "n_out": 13,
                "encoder": "head",
                "width": 16,
                "features": 4,
            },
            (32, 16, 8, 4, 1),
        ),
    ],
)
def test_releases_told_by_their_shapes(release, arguments, scales):
    shapes = _shapes(**arguments)
    with torch.device("meta"):
        layout = v4_layout({key: torch.empty(shape) for key, shape in shapes.items()})
        network = RIFEv4(layout)
    assert layout.scales == scales and layout.widths == arguments["widths"]
    assert network.multiple == max(32, 4 * scales[0])
    built = {key: list(value.shape) for key, value in network.state_dict().items()}
    assert shapes.items() <= built.items()


@pytest.mark.parametrize("release", ["leaky", "grouped"])
def test_other_shapes_run(release):
    shapes = {
        "leaky": _shapes((8, 8, 8, 8), body="leaky", n_out=5, shuffle=False),
        "grouped": _shapes(
            (8, 8, 8, 8, 24), body="residual", n_out=13, encoder="head", width=4, features=4, groups=2
        ),
    }[release]
    network = RIFEv4(v4_layout({key: torch.empty(shape) for key, shape in shapes.items()})).eval()
    images = torch.rand(2, 1, 3, network.multiple, 2 * network.multiple)
    with torch.no_grad():
        found = network(images[0], images[1], 0.3)
    assert found.image.shape == images[0].shape and found.flow.shape[1] == 4
    assert torch.isfinite(found.image).all()
