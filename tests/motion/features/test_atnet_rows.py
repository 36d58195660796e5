"""Rows of ATNet: the released clips' windows, and blocks of known motion."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.features.atnet_rows import atnet_rows, block_means, block_row


def numbered(onset, offset):
    """Fields whose magnitude is the number of their first frame."""
    return (np.full((8, 8, 2), (frame, 0), np.float32) for frame in range(onset, offset))


@pytest.mark.parametrize(
    ("onset", "apex", "offset", "first", "last"),
    [
        (46, 59, 86, 19, 58),  # CASME II sub01 EP02_01f
        (5562, 5588, 5610, 6, 53),  # SAMM 006_1_2 (its first row)
        (10, 60, 200, 0, 63),  # longer than the window at both ends
        (10, 10, 11, 32, 32),
    ],
)
def test_window(onset, apex, offset, first, last):
    rows = atnet_rows(numbered(onset, offset), onset=onset, apex=apex)
    assert rows.shape == (64, 128) and rows.dtype == np.float32
    used = np.flatnonzero(rows.any(axis=1))
    assert used.tolist() == list(range(first, last + 1))
    np.testing.assert_array_equal(rows[used, 1], used + apex - 32)  # row i begins at frame apex - 32 + i


def test_a_pair_without_flow_is_a_row_of_zeros():
    flows = [np.ones((8, 8, 2)), None, np.ones((8, 8, 2))]
    assert np.flatnonzero(atnet_rows(flows, onset=0, apex=1).any(axis=1)).tolist() == [31, 33]


def test_the_apex_outside_of_the_window_leaves_nothing():
    assert not atnet_rows(numbered(0, 5), onset=0, apex=100).any()


def test_blocks_row_by_row_direction_then_magnitude():
    flow = np.zeros((24, 40, 2), np.float32)
    flow[:3, 5:10] = [0, 2]  # first row, second column
    flow[21:, 35:] = [-3, 0]
    row = block_row(flow).reshape(64, 2)
    assert np.flatnonzero(row.any(axis=1)).tolist() == [1, 63]
    np.testing.assert_allclose(row[[1, 63]], [[np.pi / 2, 2], [np.pi, 3]], rtol=1e-6)


def test_two_kinds_of_mean_direction():
    flow = np.zeros((8, 8, 2), np.float32)
    flow = np.repeat(np.repeat(flow, 2, axis=0), 2, axis=1)
    flow[:2, :2] = [[[-1, 0.1], [-1, -0.1]]] * 2  # both to the left, on either side of the cut
    released, vector = (block_row(flow, angle=angle)[:2] for angle in ("mean", "vector"))
    np.testing.assert_allclose(released[0], 0, atol=1e-6)
    np.testing.assert_allclose(vector[0], np.pi, rtol=1e-6)
    np.testing.assert_allclose([released[1], vector[1]], np.hypot(1, 0.1), rtol=1e-6)


def test_means_of_unequal_blocks():
    values = np.random.default_rng(0).normal(size=(13, 17))
    rows, columns = np.arange(9) * 13 // 8, np.arange(9) * 17 // 8
    expected = [
        [values[rows[i] : rows[i + 1], columns[j] : columns[j + 1]].mean() for j in range(8)]
        for i in range(8)
    ]
    np.testing.assert_allclose(block_means(values), expected, rtol=1e-12)


@pytest.mark.parametrize(("shape", "angle"), [((7, 9, 2), "mean"), ((8, 8), "mean"), ((8, 8, 2), "median")])
def test_wrong_usage(shape, angle):
    with pytest.raises(ConfigError):
        block_row(np.zeros(shape), angle=angle)
