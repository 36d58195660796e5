"""Flow as a colour image: the bytes of the official code, and what the fixed scale keeps."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion import get_backend
from mezoo.motion.features.flow_hsv import flow_hsv, hsv


@pytest.fixture(scope="module")
def slstt(shared):
    with np.load(shared / "oracles/slstt/oracle.npz") as stored:
        return {name: stored[name] for name in stored.files if name.startswith(("enc_", "chain_"))}


def test_parity(slstt):
    np.testing.assert_array_equal(hsv(slstt["enc_flow"], value="frame"), slstt["enc_hsv"])
    colours = flow_hsv(slstt["enc_flow"], value="frame")
    np.testing.assert_array_equal(colours[..., ::-1], slstt["enc_bgr"])


def test_parity_from_frames_to_colours(slstt):
    flow = get_backend("farneback")(slstt["chain_gray_onset"], slstt["chain_gray_frame"])
    np.testing.assert_allclose(flow, slstt["chain_flow"], rtol=0, atol=1e-3)
    np.testing.assert_allclose(
        flow_hsv(flow, value="frame")[..., ::-1].astype(int), slstt["chain_bgr"].astype(int), rtol=0, atol=2
    )


def test_hue_is_the_direction():
    flow = np.array([[(3, 0), (0, 3), (-3, 0), (0, -3), (3, -1e-8)]], np.float32)
    assert hsv(flow)[0, :, 0].tolist() == [0, 45, 90, 135, 179]
    assert flow_hsv(flow, full_scale=3)[0, 0].tolist() == [255, 0, 0]  # to the right: red


def test_the_fixed_scale_keeps_magnitude_and_the_official_one_loses_it():
    flow = np.random.default_rng(0).normal(size=(20, 30, 2)).astype(np.float32)
    weak, strong = (hsv(factor * flow, full_scale=4)[..., 2].astype(float) for factor in (0.5, 1))
    np.testing.assert_allclose(weak, strong / 2, atol=0.76)  # two roundings
    for dark in (flow, 0.5 * flow):
        stretched = hsv(dark, value="frame")[..., 2]
        assert stretched.min() == 0 and stretched.max() == 255


def test_brightness_in_px():
    flow = np.array([[(0, 0), (1, 0), (0, 5), (-70, 0)]], np.float32)
    assert hsv(flow)[0, :, 2].tolist() == [0, 51, 255, 255]


@pytest.mark.parametrize(
    ("shape", "options"),
    [((4, 4), {}), ((4, 4, 2), {"value": "clip"}), ((4, 4, 2), {"full_scale": 0})],
)
def test_wrong_usage(shape, options):
    with pytest.raises(ConfigError):
        flow_hsv(np.zeros(shape), **options)
