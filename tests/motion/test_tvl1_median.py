"""The median filter against its definition, with ties, odd sizes and borders."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.motion.tvl1_median import SCRATCH_ROWS, SIDES, median


def plain_median(image, size):
    padded = np.pad(image, size // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    return np.median(windows, axis=(-2, -1))


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (1, 9), (16, 16), (17, 30), (40, 41)])
@pytest.mark.parametrize("levels", [None, 3], ids=["distinct", "ties"])
def test_equals_the_definition(size, shape, levels):
    rng = np.random.default_rng(shape[0])
    image = rng.normal(size=shape) if levels is None else rng.integers(0, levels, shape)
    image = image.astype(np.float32)
    height, width = shape
    stride = width + 5
    plane = np.zeros((height + 2, stride), np.float32)
    plane[1:-1, :width] = image
    scratch = np.empty((SCRATCH_ROWS, width + SIDES), np.float32)
    median(plane.ravel(), (height, width, stride), size, scratch)
    np.testing.assert_array_equal(plane[1:-1, :width], plain_median(image, size))
    assert not plane[:, width:].any() and not plane[0].any() and not plane[-1].any(), (
        "only the image is written"
    )
