"""Head motion: known affine maps, an expression on top of them, and the numbers of the reference."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError, DataError
from mezoo.motion.head_motion import STABLE_POINTS, fit, remove

PARITY = 1e-5
SHAPE = (160, 160)


def affine_flow(linear, shift, shape=SHAPE):
    """Flow of x -> M x + b."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    places = np.stack([x, y], -1)
    return places @ np.asarray(linear).T + shift - places


@pytest.fixture(scope="module")
def oracle(shared):
    with np.load(shared / "oracles/mdmo_liu/mdmo.npz") as stored:
        return {name: stored[name] for name in stored.files}


def test_parity_of_the_map(oracle):
    flow = np.stack([oracle["flow_u"], oracle["flow_v"]], -1).astype(np.float32)
    for field, expected in zip(flow, oracle["corrected_aligned_affine"], strict=True):
        np.testing.assert_allclose(fit(field, oracle["landmarks"]), expected, rtol=0, atol=PARITY)


def test_parity_of_the_aligned_flow(oracle):
    """Mean vectors of the main direction in the 36 regions, after the removal."""
    masks = np.unpackbits(oracle["roi_masks_packed"], axis=1)[:, : 220 * 220].astype(bool)
    flow = np.stack([oracle["flow_u"], oracle["flow_v"]], -1).astype(np.float32)
    for t, field in enumerate(flow):
        aligned = remove(field, oracle["landmarks"]).reshape(-1, 2)
        bins = np.floor(np.degrees(np.arctan2(aligned[:, 1], aligned[:, 0])) / 45 + 0.5).astype(int) % 8
        for k, mask in enumerate(masks):
            chosen = mask & (bins == oracle["corrected_aligned_bin"][t, k])
            assert chosen.sum() == oracle["corrected_aligned_count"][t, k]
            expected = oracle["corrected_aligned_mean"][t, k]
            np.testing.assert_allclose(aligned[chosen].mean(axis=0), expected, rtol=0, atol=PARITY)


@pytest.mark.parametrize(
    ("linear", "shift"),
    [(np.eye(2), (3, -2)), ([[1.02, 0.03], [-0.04, 0.97]], (1.5, 2)), (np.eye(2), (0, 0))],
)
def test_affine_motion_goes_to_nothing(face_points, linear, shift):
    flow = affine_flow(linear, shift)
    inverse = np.linalg.inv(linear)
    np.testing.assert_allclose(fit(flow, face_points())[:2], inverse.T, atol=1e-9)
    np.testing.assert_allclose(fit(flow, face_points())[2], -inverse @ shift, atol=1e-9)
    cleaned = remove(flow, face_points())
    assert cleaned.dtype == np.float32
    np.testing.assert_allclose(cleaned, 0, atol=1e-5)


def test_an_expression_is_left(face_points):
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float64)
    expression = np.zeros((*SHAPE, 2))
    expression[..., 1] = -2 * np.exp(-((x - 80) ** 2 + (y - 117) ** 2) / (2 * 6**2))  # at the mouth
    head = affine_flow(np.eye(2), (4, 1))
    # the flow at x leads to where head and expression together bring it
    np.testing.assert_allclose(remove(head + expression, face_points()), expression, atol=1e-4)


def test_landmarks_outside_the_image_are_read_at_its_border(face_points):
    flow = affine_flow([[1.02, 0.03], [-0.04, 0.97]], (1.5, 2))
    points = face_points()
    points[16] = [170, 20]
    np.testing.assert_allclose(remove(flow, points), 0, atol=1e-5)


def test_only_stable_points_count(face_points):
    flow = np.random.default_rng(0).normal(size=(*SHAPE, 2))
    points = face_points()
    before = fit(flow, points)
    others = np.setdiff1d(np.arange(68), STABLE_POINTS)
    points[others] += 7
    np.testing.assert_array_equal(fit(flow, points), before)
    points[30] += 7
    assert np.abs(fit(flow, points) - before).max() > 1e-4


class TestWrongInput:
    @pytest.mark.parametrize("case", ["line", "one point", "nowhere", "flow"])
    def test_points_that_tell_no_map(self, face_points, case):
        points, flow = face_points(), np.zeros((*SHAPE, 2), np.float32)
        if case == "line":
            points[:, 1] = points[:, 0]
        elif case == "one point":
            points[:] = 40
        elif case == "nowhere":
            points[3] = np.nan
        else:
            flow[:] = np.inf
        with pytest.raises(DataError, match="stable points"):
            remove(flow, points)

    @pytest.mark.parametrize(("flow", "points"), [((8, 8), (68, 2)), ((8, 8, 2), (5, 2))])
    def test_shapes(self, flow, points):
        with pytest.raises(ConfigError, match="shape"):
            fit(np.zeros(flow), np.zeros(points))
