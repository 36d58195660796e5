"""Resizing of fields: means where it shrinks, no repeated pixels where it enlarges."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.inputs.resizing import resize


def test_shrinking_averages():
    fields = np.random.default_rng(0).random((6, 12, 8), np.float32)
    blocks = fields.reshape(6, 3, 4, 2, 4).mean((2, 4))
    np.testing.assert_allclose(resize(fields, 3, 2), blocks, rtol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(24, 16), (24, 5), (7, 16)])
def test_enlarging_does_not_repeat_pixels(height, width):
    ramp = np.add.outer(np.arange(12), np.arange(8)).astype(np.float32)[None]
    found = resize(ramp, height, width)
    assert found.shape == (1, height, width) and found.dtype == np.float32
    if height > 12:
        assert (np.diff(found[0], axis=0)[1:-1] > 0).all()
    if width > 8:
        assert (np.diff(found[0], axis=1)[:, 1:-1] > 0).all()


def test_the_same_size_is_the_same():
    fields = np.random.default_rng(0).random((5, 9, 7), np.float32)
    np.testing.assert_allclose(resize(fields, 9, 7), fields, rtol=1e-6)
