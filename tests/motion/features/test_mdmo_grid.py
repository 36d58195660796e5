"""MDMO on an equal grid."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.features.mdmo_grid import grid_regions, mdmo_grid


def test_each_pixel_is_in_one_block():
    regions = grid_regions((13, 20), 6)
    assert regions.n == 36 and regions.pixels.tolist() == list(range(13 * 20))
    image = regions.region.reshape(13, 20)
    assert image[0, 0] == 0 and image[0, 19] == 5 and image[12, 0] == 30 and image[12, 19] == 35
    assert np.unique(image[:, 0], return_counts=True)[1].tolist() == [2, 2, 2, 2, 2, 3]


def test_blocks_row_by_row():
    flow = np.zeros((12, 12, 2))
    flow[2:4, :2] = [0, 2]  # second row, first column
    flow[:2, 10:] = [-1, 0]  # first row, last column
    result = mdmo_grid([flow, flow])
    assert np.flatnonzero(result.rho).tolist() == [5, 6]
    np.testing.assert_allclose(result.rho[[5, 6]], [0.5, 1])
    np.testing.assert_allclose(result.theta[[5, 6]], [np.pi, np.pi / 2])


def test_frames_are_averaged_as_vectors():
    flow = np.ones((12, 12, 2))
    flow[:6] = [3, 0]
    result = mdmo_grid([flow, -flow, flow], n_blocks=2)
    np.testing.assert_allclose(result.rho, np.repeat([1, np.sqrt(2) / 3], 2), rtol=1e-6)
    np.testing.assert_allclose(result.theta, np.repeat([0, np.pi / 4], 2), atol=1e-6)


def test_more_blocks_than_pixels():
    with pytest.raises(ConfigError, match="6 blocks along 5 px"):
        mdmo_grid([np.zeros((5, 9, 2))])
