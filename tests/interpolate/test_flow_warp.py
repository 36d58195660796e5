from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.interpolate.flow_warp import render_flow_warp
from mezoo.interpolate.linear import render_linear
from mezoo.interpolate.quality import psnr
from mezoo.motion import get_backend

INSIDE = np.s_[8:-8, 8:-8]


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("t", [0.5, 0.25])
def test_moving_texture_is_rebuilt(moving_clip, t, colour):
    frames = moving_clip([0, 1], speed=(4.0, -2.0), colour=colour)
    truth = moving_clip([t], speed=(4.0, -2.0), colour=colour)[0][INSIDE]
    warped = render_flow_warp(frames, np.array([t]), backend="native", flow={})[0][INSIDE]
    blended = render_linear(frames, np.array([t]))[0][INSIDE]
    assert psnr(warped, truth) > psnr(blended, truth) + 8
    assert psnr(warped, truth) > 40


def test_motion_grows_with_time(moving_clip):
    frames = moving_clip([0, 1], speed=(2.0, 0.0))
    rendered = render_flow_warp(frames, np.arange(0, 9) / 8, backend="native", flow={})
    method = get_backend("native")
    moved = [np.median(method(frames[0], frame)[INSIDE][..., 0]) for frame in rendered[1:]]
    np.testing.assert_allclose(moved, np.arange(1, 9) / 4, atol=0.15)
    assert np.all(np.diff(moved) > 0)


def test_any_order_of_positions(moving_clip):
    clip = moving_clip(range(4))
    places = np.array([2.5, 0.0, 0.5, 2.25, 3.0])
    shuffled = render_flow_warp(clip, places, backend="dis", flow={})
    ordered = render_flow_warp(clip, np.sort(places), backend="dis", flow={})
    np.testing.assert_array_equal(shuffled[np.argsort(places)], ordered)


def test_same_frames_reversed_in_time(moving_clip):
    clip = moving_clip(range(3))
    forth = render_flow_warp(clip, np.array([0.25]), backend="native", flow={})[0].astype(int)
    back = render_flow_warp(clip[::-1].copy(), np.array([1.75]), backend="native", flow={})[0].astype(int)
    assert np.abs(forth - back).max() <= 1


def test_flow_parameters_are_read(moving_clip):
    clip = moving_clip(range(2), speed=(4.0, 0.0))
    fine, none = (
        render_flow_warp(clip, np.array([0.5]), backend="native", flow=flow)
        for flow in ({}, {"n_scales": 1, "n_warps": 1})
    )
    assert not np.array_equal(fine, none)
    with pytest.raises(ConfigError, match="unknown parameter"):
        render_flow_warp(clip, np.array([0.5]), backend="dis", flow={"speed": 1})
