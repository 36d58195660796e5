from __future__ import annotations

import numpy as np
import pytest
import torch
from interpolate.agreement import assert_agree

from mezoo.interpolate.rife_layers import FlowBlock, fuse, look, resize, time_plane, warp


def test_parity_of_the_warp(oracle):
    with oracle("paper") as known:
        image, flow = (torch.from_numpy(known[name]) for name in ("warp_image", "warp_flow"))
        ours = warp(image, flow)
        assert_agree({"warp_border": ours, "warp_clamped_zeros": ours}, known)


def test_warp_by_hand():
    image = torch.arange(12.0).reshape(1, 1, 3, 4)
    flow = torch.zeros(1, 2, 3, 4)
    flow[:, 0] = 1  # one to the right
    assert warp(image, flow)[0, 0].tolist() == [[1, 2, 3, 3], [5, 6, 7, 7], [9, 10, 11, 11]]
    flow[:, 0], flow[:, 1] = 0.5, -1
    expected = [[0.5, 1.5, 2.5, 3], [0.5, 1.5, 2.5, 3], [4.5, 5.5, 6.5, 7]]
    np.testing.assert_allclose(warp(image, flow)[0, 0], expected, atol=1e-5)


def test_half_precision_is_warped_in_full():
    image, flow = torch.rand(1, 1, 8, 600), torch.full((1, 2, 8, 600), 0.25)
    half = warp(image.half(), flow.half())
    assert half.dtype == torch.float16
    assert (half.float() - warp(image, flow)).abs().max() < 2e-3


def test_fuse_and_look():
    one, zero = torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    assert torch.equal(fuse(one, zero, torch.zeros(1, 1, 4, 4)), one / 2)
    assert fuse(one, zero, torch.full((1, 1, 4, 4), 20.0)).min() > 0.999
    warped, fused = look(one, zero, torch.zeros(1, 4, 4, 4), torch.zeros(1, 1, 4, 4))
    assert torch.equal(warped[0], one) and torch.equal(fused, one / 2)


def test_time_plane():
    image = torch.zeros(2, 3, 4, 5)
    assert time_plane(image, 0.25).shape == (2, 1, 4, 5)
    assert time_plane(image, torch.tensor([0.25, 0.75]))[:, 0, 3, 4].tolist() == [0.25, 0.75]


def test_resize_by_one_is_the_same_object():
    x = torch.rand(1, 2, 8, 8)
    assert resize(x, 1) is x and resize(x, 0.5).shape == (1, 2, 4, 4)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"first_stride": 1},
        {"body": "leaky"},
        {"body": "residual", "shuffle": True, "n_out": 13},
        {"body": "residual", "shuffle": True, "n_out": 6, "groups": 2},
    ],
)
@pytest.mark.parametrize("scale", [1, 4])
def test_flow_is_in_pixels_at_every_scale(options, scale):
    # A block whose last layer says nothing but "1" gives a flow of 1 px of its own resolution.
    block = FlowBlock(7 + 4, 8, **options)
    last = block.lastconv[0] if options.get("shuffle") else block.lastconv
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.ones_(last.bias)
    flow, rest = block(torch.rand(1, 7, 64, 32), torch.zeros(1, 4, 64, 32), scale)
    pixel = scale * (1 if "shuffle" in options or "first_stride" in options else 2)
    assert flow.shape == (1, 4, 64, 32) and rest.shape == (1, options.get("n_out", 5) - 4, 64, 32)
    torch.testing.assert_close(flow, torch.full_like(flow, pixel))
    torch.testing.assert_close(rest, torch.ones_like(rest))
