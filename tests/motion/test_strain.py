"""Optical strain: fields whose derivatives are known, and the numbers of the official code."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.strain import DIFFERENCES, optical_strain

PARITY = 1e-6


@pytest.fixture(scope="module")
def oracle(shared):
    with np.load(shared / "oracles/flow_features/flow_features.npz") as stored:
        return {name: stored[name] for name in stored.files}


def linear(matrix, shape=(9, 12)):
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    return np.stack([x, y], -1) @ np.asarray(matrix).T


@pytest.mark.parametrize("prefix", ["", "analytic_"])
@pytest.mark.parametrize("differences", DIFFERENCES)
def test_parity(oracle, prefix, differences):
    flow = np.stack([oracle[f"{prefix}u"], oracle[f"{prefix}v"]], -1)
    strain = optical_strain(flow, differences=differences)
    assert strain.dtype == np.float32
    np.testing.assert_allclose(strain, oracle[f"{prefix}strain_{differences}"], rtol=0, atol=PARITY)


def test_central_differences_are_exact_for_quadratic_motion_and_count_both_shear_terms(oracle):
    flow = np.stack([oracle["analytic_u"], oracle["analytic_v"]], -1)
    inside = (slice(1, -1), slice(1, -1))
    strain = optical_strain(flow)
    np.testing.assert_allclose(strain[inside], oracle["analytic_strain"][inside], rtol=0, atol=PARITY)
    assert np.abs(strain - oracle["analytic_strain_3term"])[inside].max() > 0.02


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([[0, 0], [0, 0]], 0),
        ([[0.1, 0], [0, 0]], 0.1),  # stretched along x
        ([[0, 0], [0, -0.2]], 0.2),  # pressed along y
        ([[0.3, 0], [0, 0.4]], 0.5),
        ([[0, 0.2], [0, 0]], 0.2 / np.sqrt(2)),  # shear: exy = eyx = 0.1
        ([[0, 0.2], [-0.2, 0]], 0),  # an infinitesimal rotation
    ],
)
def test_linear_motion(matrix, expected):
    flow = linear(matrix) + [3, -5]  # translation has no strain
    np.testing.assert_allclose(optical_strain(flow), expected, atol=PARITY)
    backward = optical_strain(flow, differences="backward")
    np.testing.assert_allclose(backward[1:, 1:], expected, atol=PARITY)


def test_backward_differences_are_zero_across_the_border():
    flow = linear([[0.3, 0], [0, 0.4]])
    strain = optical_strain(flow, differences="backward")
    np.testing.assert_allclose(strain[0, 1:], 0.3, atol=PARITY)
    np.testing.assert_allclose(strain[1:, 0], 0.4, atol=PARITY)
    assert strain[0, 0] == 0


def test_axes_before_the_image_are_kept():
    flow = np.random.default_rng(0).normal(size=(3, 2, 8, 9, 2)).astype(np.float16)
    for differences in DIFFERENCES:
        strain = optical_strain(flow, differences=differences)
        assert strain.shape == (3, 2, 8, 9)
        np.testing.assert_array_equal(strain[2, 1], optical_strain(flow[2, 1], differences=differences))


@pytest.mark.parametrize(
    ("shape", "differences"),
    [((8, 2), "central"), ((8, 8, 3), "central"), ((1, 8, 2), "central"), ((8, 8, 2), "forward")],
)
def test_wrong_usage(shape, differences):
    with pytest.raises(ConfigError, match="flow"):
        optical_strain(np.zeros(shape), differences=differences)
