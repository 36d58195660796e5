"""Eulerian magnification against the official MATLAB code, and its own options."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.magnify.eulerian import Eulerian, eulerian
from mezoo.magnify.temporal import TemporalBand, iir_cutoff

#: name -> (temporal filter with its band in Hz, settings)
RUNS = {
    "lpyr_butter": (("butterworth", 0.5, 10), {"factor": 21, "cutoff_wavelength": 80, "chroma": 0.3}),
    "lpyr_iir": (
        ("iir", iir_cutoff(0.05, 30), iir_cutoff(0.4, 30)),
        {"factor": 11, "cutoff_wavelength": 16, "chroma": 0.1},
    ),
    "lpyr_ideal": (("ideal", 1, 4), {"factor": 16, "cutoff_wavelength": 20, "chroma": 0.3}),
    "gdown_ideal": (("ideal", 1, 4), {"factor": 13, "pyramid": "gaussian", "level": 2, "chroma": 1}),
}


def run(name: str, yiq: np.ndarray, *, legacy: bool) -> np.ndarray:
    """Magnified YIQ of a whole clip with the settings of an oracle run."""
    (kind, low, high), settings = RUNS[name]
    band = TemporalBand(kind, 30, low, high, pad=0, legacy=legacy)
    return yiq + Eulerian(band, finest=False, legacy=legacy, **settings).start(yiq.shape[1:])(yiq)


@pytest.fixture(scope="module")
def oracle(shared):
    folder = shared / "oracles" / "evm"
    return {name: np.load(folder / f"{name}.npz") for name in ("official", "corrected")}


@pytest.fixture(scope="module")
def yiq(shared, oracle):
    return np.load(shared / "oracles" / "evm" / "clip.npz")["clip"] / 255 @ oracle["official"]["rgb_to_yiq"]


@pytest.mark.parametrize("name", RUNS)
class TestOracle:
    def test_official(self, name, yiq, oracle):
        official = oracle["official"]
        out = run(name, yiq[:-10], legacy=True)
        np.testing.assert_allclose(out[official["frames"]], official[f"{name}_yiq"], rtol=0, atol=1e-6)
        rendered = official[f"{name}_frame_index"]
        change = (out - yiq[:-10])[rendered].sum(axis=(1, 2))
        np.testing.assert_allclose(change, official[f"{name}_sum"], rtol=0, atol=1e-6)

    def test_corrected(self, name, yiq, oracle):
        corrected = oracle["corrected"]
        out = run(name, yiq, legacy=False)
        np.testing.assert_allclose(out[corrected["frames"]], corrected[f"{name}_yiq"], rtol=0, atol=1e-6)
        for key, change in (("sum", out - yiq), ("abssum", np.abs(out - yiq))):
            np.testing.assert_allclose(change.sum(axis=(1, 2)), corrected[f"{name}_{key}"], rtol=0, atol=1e-6)

    def test_single_precision(self, name, yiq, oracle):
        out = run(name, yiq.astype(np.float32), legacy=False)
        assert out.dtype == np.float32
        corrected = oracle["corrected"]
        np.testing.assert_allclose(out[corrected["frames"]], corrected[f"{name}_yiq"], rtol=0, atol=2e-5)


class TestSettings:
    def test_unknown_pyramid(self):
        with pytest.raises(ConfigError, match="unknown pyramid 'steerable'"):
            Eulerian(TemporalBand("static", 30), 2, pyramid="steerable")

    @pytest.mark.parametrize("wrong", [{"cutoff_wavelength": 0}, {"level": -1}, {"chroma": 2}])
    def test_out_of_range(self, wrong):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            Eulerian(TemporalBand("static", 30), 2, **wrong)

    def test_chroma_is_the_share_that_colours_get(self):
        yiq = np.random.default_rng(0).normal(size=(5, 32, 40, 3))
        band = TemporalBand("static", 30)
        none, half, full = (
            Eulerian(band, 3, chroma=chroma).start((32, 40, 3))(yiq) for chroma in (0, 0.5, 1)
        )
        np.testing.assert_array_equal(none[..., 1:], 0)
        np.testing.assert_allclose(half[..., 1:], full[..., 1:] / 2, atol=1e-12)
        np.testing.assert_array_equal(half[..., 0], full[..., 0])

    def test_colour_band_amplifies_a_pulse(self):
        """A face that reddens at 1 Hz: three times as much after it."""
        pulse = 1.5 * np.sin(2 * np.pi * np.arange(120) / 30)
        clip = np.full((120, 32, 32, 3), 128.0)
        clip[..., 0] += pulse[:, None, None]
        out = eulerian(
            np.rint(clip).astype(np.uint8), 30, 3, temporal="ideal", low=0.5, high=2, pyramid="gaussian",
            level=2, chroma=1,
        )  # fmt: skip
        red = out[30:90, 16, 16, 0].astype(float)
        assert np.ptp(red) == pytest.approx(9, abs=1.5)
        assert np.ptp(out[30:90, 16, 16, 1].astype(float)) <= 1
