"""Median by whole planes: equal to OpenCV's filter."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from mezoo.motion.tvl1_torch_median import Median, _plan


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("shape", [(5, 7), (16, 16), (61, 97)])
@pytest.mark.parametrize("levels", [3, 10**6], ids=["ties", "distinct"])
def test_equals_opencv(size, shape, levels):
    values = np.random.default_rng(0).integers(-levels, levels, (4, *shape)).astype(np.float32) / 7
    planes = torch.from_numpy(values.copy())
    median = Median(planes, size)
    expected = values.copy()
    for n in (4, 2, 4):  # views of another number of planes, and those of before
        median(n)
        expected[:n] = [cv2.medianBlur(plane, size) for plane in expected[:n]]
        np.testing.assert_array_equal(planes.numpy(), expected)


def test_memory_of_a_larger_one():
    values = np.random.default_rng(0).normal(size=(2, 20, 24)).astype(np.float32)
    larger = Median(torch.from_numpy(values.copy()), 5)
    planes = torch.from_numpy(values[:, :9, :11].copy())
    Median(planes, 5, larger)(2)
    larger(2)
    np.testing.assert_array_equal(planes.numpy(), [cv2.medianBlur(p[:9, :11].copy(), 5) for p in values])


@pytest.mark.parametrize(("size", "steps"), [(3, 22), (5, 88)])
def test_number_of_steps(size, steps):
    """What the documentation promises; a network that shares nothing between windows takes about 190 for 5x5."""
    assert len(_plan(size)[0]) == steps
