"""Resizing against OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.motion.tvl1_pyramid import resize


def run(source, shape, step, factor=1.0):
    target = np.zeros((shape[0], shape[1] + 3), np.float32)
    width = source.shape[1]
    scratch = np.empty(shape[1], np.int32), np.empty(shape[1], np.float32), np.empty(width + 1, np.float32)
    resize(
        source.ravel(), width, width, len(source), step, np.float32(factor), target.ravel(),
        shape[1], shape[1] + 3, shape[0], *scratch,
    )  # fmt: skip
    assert not target[:, shape[1] :].any()
    return target[:, : shape[1]]


@pytest.mark.parametrize("size", [(20, 31), (97, 64), (224, 224)])
@pytest.mark.parametrize("scale", [0.8, 0.5])
def test_smaller_as_opencv(size, scale):
    source = np.random.default_rng(0).uniform(0, 255, size).astype(np.float32)
    expected = cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(run(source, expected.shape, (1 / scale, 1 / scale)), expected, atol=2e-4)


@pytest.mark.parametrize("size", [(16, 25), (78, 51)])
def test_larger_as_opencv_with_a_factor(size):
    source = np.random.default_rng(1).normal(size=size).astype(np.float32)
    height, width = round(size[0] * 1.25), round(size[1] * 1.25)
    expected = 1.25 * cv2.resize(source, (width, height), interpolation=cv2.INTER_LINEAR)
    found = run(source, (height, width), (size[1] / width, size[0] / height), 1.25)
    np.testing.assert_allclose(found, expected, atol=2e-5)
