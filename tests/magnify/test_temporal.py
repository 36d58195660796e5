"""Temporal filters: gain inside and outside of the band, streaming, the first frame, wrong use."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter

from mezoo.errors import ConfigError
from mezoo.magnify.temporal import KINDS, TemporalBand, iir_cutoff

FPS = 100.0
STREAMS = ("static", "iir", "butterworth")


def wave(frequency: float, n_frames: int = 400) -> np.ndarray:
    return np.sin(2 * np.pi * frequency / FPS * np.arange(n_frames))[:, None]


def steady_gain(band: TemporalBand, frequency: float) -> float:
    return float(np.abs(band.start()(wave(frequency))[100:300]).max())


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_stills_stay(self, kind):
        clip = np.full((50, 3, 4), 0.7, np.float32)
        out = TemporalBand(kind, FPS, 1, 10).start()(clip)
        assert out.shape == clip.shape and out.dtype == np.float32
        assert np.abs(out).max() < (0.005 if kind == "fir" else 1e-5)  # a finite stop band

    def test_passes_the_middle_of_the_band(self, kind):
        low = 0.2 if kind in ("iir", "butterworth") else 2
        assert steady_gain(TemporalBand(kind, FPS, low, 20), 3.0 if low < 1 else 10.0) == pytest.approx(
            1, abs=0.05
        )

    def test_streams_or_says_that_it_does_not(self, kind):
        clip = np.random.default_rng(0).normal(size=(60, 5))
        band = TemporalBand(kind, FPS, 1, 10)
        assert band.streams == (kind in STREAMS)
        if band.streams:
            whole, running = band.start()(clip), band.start()
            np.testing.assert_array_equal(np.concatenate([running(clip[:7]), running(clip[7:])]), whole)
            np.testing.assert_allclose(whole[0], 0, atol=1e-12)

    def test_leaves_its_input_alone(self, kind):
        clip = np.random.default_rng(0).normal(size=(30, 5))
        before = clip.copy()
        TemporalBand(kind, FPS, 1, 10).start()(clip)
        np.testing.assert_array_equal(clip, before)


@pytest.mark.parametrize("kind", ["ideal", "fir"])
class TestWholeClip:
    def test_stops_what_is_outside(self, kind):
        band = TemporalBand(kind, FPS, 5, 10)
        assert steady_gain(band, 1) < 0.1 and steady_gain(band, 20) < 0.1

    def test_no_delay(self, kind):
        out = TemporalBand(kind, FPS, 2, 20).start()(wave(8))
        np.testing.assert_allclose(out[100:300], wave(8)[100:300], atol=0.05)

    def test_padding_stops_the_end_from_leaking_into_the_start(self, kind):
        step = np.zeros((100, 1))
        step[98:] = 1
        bare, padded = (TemporalBand(kind, FPS, 2, 20, pad=pad).start()(step)[0, 0] for pad in (0, None))
        assert abs(bare) > 0.25 and abs(padded) < 0.05

    def test_odd_number_of_frames(self, kind):
        out = TemporalBand(kind, FPS, 2, 20, pad=0).start()(wave(8, 301))
        np.testing.assert_allclose(out[100:200], wave(8, 301)[100:200], atol=0.05)


class TestRecursive:
    def test_butterworth_coefficients(self):
        """Its response to a step is that of scipy's filters."""
        from scipy.signal import lfilter

        step = np.ones(50)
        step[0] = 0
        expected = lfilter(*butter(1, 10, fs=FPS), step) - lfilter(*butter(1, 0.5, fs=FPS), step)
        found = TemporalBand("butterworth", FPS, 0.5, 10).start()(step[:, None])[:, 0]
        np.testing.assert_allclose(found, expected, atol=1e-12)

    def test_low_of_zero_keeps_lasting_changes(self):
        step = np.ones((200, 1))
        step[0] = 0
        out = TemporalBand("butterworth", FPS, 0, 20).start()(step)
        assert out[-1, 0] == pytest.approx(1, abs=1e-6)

    @pytest.mark.parametrize("rate", [0.05, 0.4])
    def test_rate_and_cutoff(self, rate):
        step = np.ones((2, 1))
        step[0] = 0
        band = TemporalBand("iir", 30, 0, iir_cutoff(rate, 30))
        assert band.start()(step)[1, 0] == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (5, 5), (0.5, 15), (1, 40)])
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "static"])
def test_bands_that_cannot_be(kind, low, high):
    with pytest.raises(ConfigError, match="Hz at 30 frames/s"):
        TemporalBand(kind, 30, low, high)


def test_windowed_sinc_has_a_lower_edge():
    with pytest.raises(ConfigError, match="0 < low"):
        TemporalBand("fir", 30, 0, 5)


def test_unknown_kind_and_bad_padding():
    with pytest.raises(ConfigError, match="unknown temporal filter 'box'"):
        TemporalBand("box", 30)
    with pytest.raises(ConfigError, match="padding of -1 frames"):
        TemporalBand("ideal", 30, pad=-1)
