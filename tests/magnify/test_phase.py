"""Phase-based magnification against the official MATLAB code."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.magnify.phase import PhaseBased
from mezoo.magnify.steerable import make_bank
from mezoo.magnify.temporal import TemporalBand, centred, fir_taps, iir_cutoff

FIR = ("fir", 1, 4)
#: name -> (temporal filter with its band in Hz, settings)
RUNS = {
    "octave": (FIR, {"bank": "octave"}),
    "half": (FIR, {"bank": "half_octave", "sigma": 2}),
    "atten": (FIR, {"bank": "octave", "sigma": 2, "attenuate": True}),
    "iir": (("iir", iir_cutoff(1.5 / 30, 30), iir_cutoff(9 / 30, 30)), {"bank": "octave"}),
    "butter": (("butterworth", 1, 4), {"bank": "octave"}),
    "smooth": (FIR, {"bank": "smooth_half_octave"}),
    "zero": (FIR, {"bank": "octave", "factor": 1}),
}


def run(name: str, luma: np.ndarray, *, legacy: bool) -> np.ndarray:
    (kind, low, high), settings = RUNS[name]
    band = TemporalBand(kind, 30, low, high, pad=0, legacy=legacy)
    return luma + PhaseBased(band, legacy=legacy, **{"factor": 11, **settings}).start(luma.shape[1:])(luma)


@pytest.fixture(scope="module")
def oracle(shared):
    folder = shared / "oracles" / "phase"
    return {name: np.load(folder / f"{name}.npz") for name in ("official", "corrected")}


@pytest.fixture(scope="module")
def luma(shared):
    folder = shared / "oracles" / "evm"
    matrix = np.load(folder / "official.npz")["rgb_to_yiq"]
    return np.load(folder / "clip.npz")["clip"] / 255 @ matrix[:, 0]


class TestOracle:
    @pytest.mark.parametrize("name", RUNS)
    def test_official(self, name, luma, oracle):
        out = run(name, luma, legacy=True)
        official = oracle["official"]
        np.testing.assert_allclose(out[official["frames"]], official[f"{name}_luma"], rtol=0, atol=1e-6)
        for key, change in (("sum", out - luma), ("abssum", np.abs(out - luma))):
            np.testing.assert_allclose(change.sum(axis=(1, 2)), official[f"{name}_{key}"], rtol=0, atol=1e-6)

    @pytest.mark.parametrize(("name", "bank"), [("octave", "octave"), ("half", "half_octave")])
    def test_corrected(self, name, bank, luma, oracle):
        """The oracle synthesises the frame; we add the change, which differs by the bank's power only."""
        filters = make_bank(bank, luma.shape[1:])
        error = filters.power() + filters.high**2 - 1
        out = run(name, luma, legacy=False) + np.fft.ifft2(np.fft.fft2(luma) * error).real
        corrected = oracle["corrected"]
        np.testing.assert_allclose(out[corrected["frames"]], corrected[f"{name}_luma"], rtol=0, atol=1e-6)
        change = (out - luma).sum(axis=(1, 2))
        np.testing.assert_allclose(change, corrected[f"{name}_sum"], rtol=0, atol=1e-6)

    @pytest.mark.parametrize("name", ["octave", "iir", "smooth"])
    def test_single_precision(self, name, luma, oracle):
        out = run(name, luma.astype(np.float32), legacy=True)
        assert out.dtype == np.float32
        official = oracle["official"]
        error = np.abs(out[official["frames"]] - official[f"{name}_luma"])
        assert error.mean() < 1e-6 and error.max() < 2e-4

    def test_taps(self, oracle):
        np.testing.assert_allclose(fir_taps(1, 4, 30, 40), oracle["official"]["fir_taps"], rtol=0, atol=1e-15)


class TestSettings:
    def test_unknown_bank(self):
        with pytest.raises(ConfigError, match="unknown filter bank 'third'"):
            PhaseBased(TemporalBand("static", 30), 2, bank="third")

    def test_negative_sigma(self):
        with pytest.raises(ConfigError, match="sigma of -1 px"):
            PhaseBased(TemporalBand("static", 30), 2, sigma=-1)

    def test_attenuation_stops_what_is_outside_of_the_band(self):
        """A slow drift: with attenuation the frames stay at the reference."""
        x = np.arange(64) - 0.02 * np.arange(30)[:, None, None]
        clip = np.broadcast_to(np.sin(2 * np.pi * x / 16), (30, 32, 64)).copy()
        band = TemporalBand("butterworth", 30, 5, 10)
        kept, stopped = (
            clip + PhaseBased(band, 1, bank="octave", attenuate=attenuate).start((32, 64))(clip)
            for attenuate in (False, True)
        )
        np.testing.assert_array_equal(kept, clip)
        assert np.abs(stopped - clip[0]).max() < 0.1 * np.abs(clip - clip[0]).max()


def test_centred_taps_keep_their_middle_at_zero():
    np.testing.assert_array_equal(centred(np.array([1.0, 2, 3]), 5), [2, 3, 0, 0, 1])
    np.testing.assert_array_equal(centred(np.array([1.0, 2, 3]), 2), [2, 1])
