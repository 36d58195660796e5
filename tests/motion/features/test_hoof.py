"""HOOF: hand-made fields, and the numbers of the original function."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.features.hoof import hoof

PARITY = 1e-6


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hoof_full_8", {"n_blocks": 1, "norm": "sum"}),
        ("hoof_full_4", {"n_blocks": 1, "norm": "sum", "n_bins": 4}),
        ("hoof_full_8_6x6", {"norm": "sum"}),
        ("hoof_full_8_6x6_l2", {}),
        ("hoof_folded_4", {"n_blocks": 1, "norm": "sum", "n_bins": 4, "folded": True}),
        ("hoof_folded_8", {"n_blocks": 1, "norm": "sum", "folded": True}),
        ("hoof_folded_30", {"n_blocks": 1, "norm": "sum", "n_bins": 30, "folded": True}),
    ],
)
def test_parity(oracle, oracle_flow, name, options):
    feature = hoof(oracle_flow, **options)
    assert feature.dtype == np.float32
    np.testing.assert_allclose(feature, oracle[name].ravel(), rtol=0, atol=PARITY)


@pytest.mark.parametrize(
    ("vector", "bin_"),
    [((-1, -0.01), 0), ((-1, -1), 1), ((0, -1), 2), ((1, -1), 3), ((1, 0), 4), ((1, 1), 5), ((0, 1), 6)]
    + [((-1, 1), 7), ((-1, 0), 7), ((-1, -0.0), 7)],
)
def test_one_direction_falls_into_one_bin_with_its_lower_bound(vector, bin_):
    for dtype in (np.float16, np.float32):
        feature = hoof(np.full((12, 18, 2), vector, dtype), n_blocks=1)
        np.testing.assert_array_equal(feature, np.eye(8, dtype=np.float32)[bin_])


def test_a_pixel_counts_as_far_as_it_moves_and_blocks_go_row_by_row():
    flow = np.zeros((6, 6, 2), np.float32)
    flow[4, 1] = [3, 0]  # lower left block of 2x2, bin 4 (to the right)
    flow[5, 2] = [0, -1]  # the same block, bin 2 (up)
    feature = hoof(flow, n_blocks=2, norm="sum").reshape(4, 8)
    np.testing.assert_allclose(feature[2], [0, 0, 0.25, 0, 0.75, 0, 0, 0])
    assert not feature[[0, 1, 3]].any()


def test_the_original_does_not_tell_left_from_right(oracle_flow):
    mirrored = oracle_flow * [-1, 1]
    np.testing.assert_allclose(hoof(mirrored, folded=True), hoof(oracle_flow, folded=True), atol=1e-6)
    assert np.abs(hoof(mirrored) - hoof(oracle_flow)).max() > 0.01


def test_turned_vectors_move_the_bins(oracle_flow):
    turned = np.stack([-oracle_flow[..., 1], oracle_flow[..., 0]], axis=-1)  # by 90 degrees = two bins
    expected = np.roll(hoof(oracle_flow).reshape(36, 8), 2, axis=1)
    np.testing.assert_allclose(hoof(turned).reshape(36, 8), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "options"),
    [((8, 8), {}), ((4, 40, 2), {}), ((9, 9, 2), {"norm": "l1"}), ((9, 9, 2), {"n_bins": 0})],
)
def test_wrong_usage(shape, options):
    with pytest.raises(ConfigError):
        hoof(np.zeros(shape), **options)
