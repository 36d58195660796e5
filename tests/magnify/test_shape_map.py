from __future__ import annotations

import numpy as np

from mezoo.magnify.shape_map import shape_map


def test_shape_map_by_hand():
    shape = np.array([[[0, 1], [2, 4]], [[5, 5], [5, 5]], [[8, 4], [0, 0]]], np.float16)
    np.testing.assert_allclose(shape_map(shape), [[1 / 3, 0.25], [0.5 / 3, 1 / 3]])
    assert shape_map(np.stack([shape, shape])).shape == (2, 2, 2)
