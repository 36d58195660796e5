"""Pyramids of Eulerian magnification against the official ones."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.magnify.pyramids import (
    bicubic_weights,
    blur_down,
    collapse,
    laplacian,
    laplacian_gains,
    laplacian_sizes,
)


@pytest.fixture(scope="module")
def official(shared):
    return np.load(shared / "oracles" / "evm" / "official.npz")


@pytest.fixture(scope="module")
def yiq(shared, official):
    return np.load(shared / "oracles" / "evm" / "clip.npz")["clip"] / 255 @ official["rgb_to_yiq"]


class TestOfficial:
    def test_laplacian(self, yiq, official):
        for number, entry in enumerate(laplacian(yiq[0])):
            np.testing.assert_allclose(
                entry[..., 0], official[f"lpyr_frame0_Y_band{number}"], rtol=0, atol=1e-6
            )

    def test_laplacian_of_odd_sizes(self, official):
        entries = laplacian(official["odd_image"])
        assert [entry.shape for entry in entries] == laplacian_sizes((45, 61))
        for number, entry in enumerate(entries):
            np.testing.assert_allclose(entry, official[f"odd_band{number}"], rtol=0, atol=1e-6)

    def test_gaussian(self, yiq, official):
        stack = np.stack([blur_down(frame, 2) for frame in yiq[:30]])
        np.testing.assert_allclose(stack, official["gdown_stack"], rtol=0, atol=1e-6)

    @pytest.mark.parametrize(
        ("run", "gain", "cutoff"), [("lpyr_butter", 20, 80), ("lpyr_iir", 10, 16), ("lpyr_ideal", 15, 20)]
    )
    def test_gains(self, run, gain, cutoff, official):
        found = laplacian_gains((48, 64), gain, cutoff, clamp=False)
        np.testing.assert_allclose(found, official[f"{run}_gains"], atol=1e-12)


@pytest.mark.parametrize("shape", [(16, 16), (17, 40), (45, 61), (64, 33, 3)])
def test_collapse_gives_the_image_back(shape):
    image = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_allclose(collapse(laplacian(image)), image, atol=1e-12)


class TestGains:
    def test_never_negative_nor_above_the_gain(self):
        gains = laplacian_gains((224, 224), 5, 200)
        assert gains.min() == 0 and gains.max() <= 5 and gains[-1] == 0

    def test_finest(self):
        assert laplacian_gains((64, 64), 5, 1)[0] == 0
        assert laplacian_gains((64, 64), 5, 1, finest=True)[0] == 5

    def test_a_factor_below_one_reduces_every_amplified_entry(self):
        np.testing.assert_array_equal(laplacian_gains((64, 64), -0.5, 1)[1:-1], -0.5)


class TestBicubic:
    def test_a_line_stays_a_line_inside(self):
        places = (np.arange(40) + 0.5) * 10 / 40 - 0.5
        np.testing.assert_allclose((bicubic_weights(10, 40) @ np.arange(10))[8:-8], places[8:-8], atol=1e-12)

    def test_a_constant_stays_at_the_border(self):
        np.testing.assert_allclose(bicubic_weights(7, 30).sum(axis=1), 1, atol=1e-12)
