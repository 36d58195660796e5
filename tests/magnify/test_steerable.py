"""Filters of the complex steerable pyramid against the official ones."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.magnify.steerable import make_bank

#: Name in the oracle -> bank and size.
CASES = {
    "octave": ("octave", (48, 64)),
    "half": ("half_octave", (48, 64)),
    "octave_45x61": ("octave", (45, 61)),
    "smooth_half": ("smooth_half_octave", (48, 64)),
    "quarter": ("smooth_quarter_octave", (48, 64)),
}


@pytest.fixture(scope="module")
def official(shared):
    return np.load(shared / "oracles" / "phase" / "official.npz")


def planes(bank, shape):
    """All filters, zero frequency in the middle: high-pass, bands, low-pass."""
    whole = [bank.high]
    for band in bank.bands:
        whole.append(np.zeros(shape))
        whole[-1][band.rows[:, None], band.columns] = band.filter
    return np.fft.fftshift(np.array([*whole, bank.low]), axes=(1, 2))


@pytest.mark.parametrize("case", CASES)
class TestOfficial:
    def test_sums(self, case, official):
        name, shape = CASES[case]
        filters = planes(make_bank(name, shape), shape)
        # The residuals of the smooth banks are roots of 1 - 1: their last 8 digits are noise.
        first = 1e-5 if name.startswith("smooth") else 1e-10
        np.testing.assert_allclose(
            filters.sum(axis=(1, 2)), official[f"{case}_filter_sum"], rtol=0, atol=first
        )
        squares = (filters**2).sum(axis=(1, 2))
        np.testing.assert_allclose(squares, official[f"{case}_filter_sumsq"], rtol=0, atol=1e-10)

    def test_power(self, case, official):
        bank = make_bank(*CASES[case])
        power = bank.power() + bank.high**2
        expected = official[f"{case}_power_minmax"]
        np.testing.assert_allclose([power.min(), power.max()], expected, rtol=0, atol=1e-7)

    def test_crop(self, case, official):
        if f"{case}_crop" not in official:
            pytest.skip("the oracle has no crops of this bank")
        name, shape = CASES[case]
        for band, crop in zip(make_bank(name, shape).bands, official[f"{case}_crop"][1:-1], strict=True):
            for picked, (start, end), n in zip(
                (band.rows, band.columns), (crop[:2], crop[2:]), shape, strict=True
            ):
                assert sorted((picked + n // 2) % n) == list(range(start, end))


def test_filters(official):
    np.testing.assert_allclose(
        planes(make_bank("octave", (48, 64)), (48, 64)), official["octave_filters"], rtol=0, atol=1e-7
    )
    half = planes(make_bank("half_octave", (48, 64)), (48, 64))
    np.testing.assert_allclose(
        half[official["half_filters_index"]], official["half_filters"], rtol=0, atol=1e-7
    )


def test_coefficients(official, shared):
    folder = shared / "oracles" / "evm"
    matrix = np.load(folder / "official.npz")["rgb_to_yiq"]
    luma = np.load(folder / "clip.npz")["clip"][official["coef_frames"]] / 255 @ matrix[:, 0]
    spectrum = np.fft.fft2(luma)
    for name, bank, number in (
        ("octave", "octave", 1),
        ("octave", "octave", 6),
        ("octave", "octave", 12),
        ("half", "half_octave", 10),
        ("half", "half_octave", 30),
    ):
        band = make_bank(bank, (48, 64)).bands[number - 1]
        found = np.fft.ifft2(spectrum[band.where] * band.filter)
        np.testing.assert_allclose(found, official[f"{name}_coef_band{number}"], rtol=0, atol=1e-6)
