from __future__ import annotations

import numpy as np

from mezoo.interpolate.linear import linear_weights, render_linear


def test_weights_by_hand():
    weights = linear_weights(np.array([0, 0.25, 2.0, 1.5]), 3)
    assert weights.tolist() == [[1, 0, 0], [0.75, 0.25, 0], [0, 0, 1], [0, 0.5, 0.5]]


def test_values_by_hand():
    frames = np.array([0, 100, 50], np.uint8).reshape(3, 1, 1)
    assert render_linear(frames, np.array([0.5, 1.2, 2])).ravel().tolist() == [50, 90, 50]
