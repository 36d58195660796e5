"""Main directions of regions: hand-made vectors."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError, DataError
from mezoo.motion.features.main_direction import Regions, balanced, main_directions, mean_over_frames, opened


def field(*vectors):
    return np.array([vectors], np.float32)


def whole(flow):
    return Regions.of_masks(np.ones((1, *flow.shape[:2]), bool))


def test_the_most_pixels_win_and_not_the_longest_vectors():
    flow = field((1, 0), (2, 0.1), (0, 50), (-1, -1))
    found = main_directions(flow, whole(flow))
    assert found.bin.tolist() == [0] and found.n_pixels.tolist() == [2]
    np.testing.assert_allclose(found.mean, [[1.5, 0.05]], atol=1e-6)


def test_of_equally_many_the_lower_bin_counts():
    flow = field((0, -1), (0, 1))  # bins 6 and 2
    assert main_directions(flow, whole(flow)).bin.tolist() == [2]


@pytest.mark.parametrize("turn", range(8))
def test_bins_are_centred_on_multiples_of_45_degrees(turn):
    degrees = 45 * turn + np.array([-22, -10, 0, 22])
    flow = np.stack([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))], axis=-1)[None]
    found = main_directions(flow, whole(flow))
    assert found.bin.tolist() == [turn] and found.n_pixels.tolist() == [4]


def test_the_mean_runs_across_the_cut_of_the_circle():
    flow = field((-1, 0.1), (-1, -0.1))  # +174 and -174 degrees
    result = balanced(mean_over_frames(iter([flow, flow]), whole(flow)), 0.5)
    np.testing.assert_allclose(np.abs(result.theta), np.pi, atol=1e-6)


def test_regions_may_share_pixels_or_be_empty():
    masks = np.array([[[True, True, False]], [[False, True, True]], [[False] * 3]])
    found = main_directions(field((1, 0), (1, 0), (0, 1)), Regions.of_masks(masks))
    assert found.n_pixels.tolist() == [2, 1, 0] and found.bin.tolist() == [0, 0, 0]
    np.testing.assert_allclose(found.mean, [[1, 0], [1, 0], [0, 0]])


def test_balance():
    result = balanced(np.array([[3.0, 0], [0, -1.5]]), 0.8)
    np.testing.assert_allclose(result.rho, [1, 0.5])
    np.testing.assert_allclose(result.theta, [0, -np.pi / 2], rtol=1e-6)
    np.testing.assert_allclose(result.feature, [0.8, 0.4, 0, -0.1 * np.pi], rtol=1e-6)
    with pytest.raises(ConfigError, match="alpha"):
        balanced(np.ones((1, 2)), 1.2)


def test_fields_are_read_one_by_one():
    read = []

    def flows():
        for k in range(5):
            read.append(k)
            yield np.zeros((4, 6, 2))

    shape, fields = opened(flows())
    assert shape == (4, 6) and read == [0]
    assert len(list(fields)) == 5


def test_no_field_is_a_fault_of_the_clip():
    with pytest.raises(DataError, match="without a flow field"):
        opened([])
    with pytest.raises(ConfigError, match=r"one field \(H, W, 2\)"):
        opened([np.zeros((4, 6))])
