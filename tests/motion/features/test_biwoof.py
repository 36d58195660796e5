"""Bi-WOOF: hand-made fields, and the numbers of the released file and of the definition."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.features.biwoof import biwoof

PARITY = 1e-6


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("biwoof_definition_sum", {}),
        ("biwoof_definition_mean", {"weight": "mean"}),
        ("biwoof_8bins_official_blocks", {"form": "overlapping"}),
        ("biwoof_official", {"form": "official"}),
    ],
)
def test_parity(oracle, oracle_flow, name, options):
    feature = biwoof(oracle_flow, oracle["strain_backward"], **options)
    assert feature.dtype == np.float32
    np.testing.assert_allclose(feature, oracle[name], rtol=0, atol=PARITY)


def test_the_released_file_loses_the_last_bin_but_for_its_edge():
    flow, strain = np.zeros((20, 20, 2), np.float32), np.ones((20, 20))
    flow[:, :10] = [-1, 1]  # 135 degrees exactly
    flow[:, 10:] = [-1, 0.5]
    kept = biwoof(flow, strain, form="official").reshape(5, 5, 8)
    assert (kept[:, :2, 7] > 0).all() and not kept[:, 3:].any()
    assert (biwoof(flow, strain, form="overlapping").reshape(5, 5, 8)[..., 7] > 0).all()


def test_strain_weighs_blocks_and_magnitude_weighs_pixels_within():
    flow, strain = np.zeros((20, 20, 2), np.float32), np.zeros((20, 20))
    flow[0, 0], flow[1, 1], flow[19, 19] = [3, 0], [0, -1], [100, 0]
    strain[:4, :4], strain[16:, 16:] = 0.2, 0.1
    feature = biwoof(flow, strain).reshape(25, 8)
    expected = np.zeros((25, 8))
    expected[0, [4, 2]], expected[24, 4] = [0.75 * 0.2, 0.25 * 0.2], 0.1  # 100 px weigh nothing by themselves
    np.testing.assert_allclose(feature, expected / np.linalg.norm(expected), atol=1e-6)


def test_the_last_blocks_take_the_rest_and_the_mean_makes_up_for_it():
    flow = np.ones((24, 29, 2), np.float32)
    by_sum = biwoof(flow, np.ones((24, 29))).reshape(5, 5, 8)[..., 5]
    np.testing.assert_allclose(by_sum / by_sum[0, 0], np.outer([1, 1, 1, 1, 2], [1, 1, 1, 1, 1.8]), rtol=1e-6)
    by_mean = biwoof(flow, np.ones((24, 29)), weight="mean").reshape(5, 5, 8)[..., 5]
    np.testing.assert_allclose(by_mean, 0.2, rtol=1e-6)


@pytest.mark.parametrize(
    ("shape", "strain", "options"),
    [
        ((20, 20), (20, 20), {}),
        ((14, 20, 2), (14, 20), {}),
        ((20, 20, 2), (20, 21), {}),
        ((20, 20, 2), (20, 20), {"form": "paper"}),
        ((20, 20, 2), (20, 20), {"weight": "median"}),
    ],
)
def test_wrong_usage(shape, strain, options):
    with pytest.raises(ConfigError):
        biwoof(np.zeros(shape), np.zeros(strain), **options)
