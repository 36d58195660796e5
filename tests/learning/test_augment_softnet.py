"""Copies of images with an expression: mirrored, blurred, noisy, levels spread again."""

from __future__ import annotations

import numpy as np

from mezoo.learning.augment_softnet import augmented


def test_three_versions():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 42, 42, 3), dtype=np.uint8)
    images[:, 0, 0], images[:, 0, 1] = 0, 255
    spans = np.tile(np.array([[0, 2], [0, 2], [-1, 1]], np.float32), (2, 1, 1))
    mirrored, blurred, noisy = augmented(images, spans, rng).reshape(3, 2, 42, 42, 3)
    assert np.array_equal(mirrored, images[:, :, ::-1])
    assert blurred.std() < images.std() / 2 or np.abs(np.diff(blurred.astype(int), axis=1)).mean() < 30
    change = (noisy.astype(float) - images)[:, 5:-5] / 255 * 2  # px of the span
    assert 0.05 < change.std() < 0.2
    for part in (mirrored, blurred, noisy):
        assert (part.min(axis=(1, 2)) == 0).all() and (part.max(axis=(1, 2)) == 255).all()


def test_nothing_and_a_still_image():
    assert augmented(
        np.zeros((0, 42, 42, 3), np.uint8), np.zeros((0, 3, 2), np.float32), np.random.default_rng(0)
    ).shape == (0, 42, 42, 3)
    still = augmented(
        np.zeros((1, 42, 42, 3), np.uint8), np.zeros((1, 3, 2), np.float32), np.random.default_rng(0)
    )
    assert still[:2].max() == 0
