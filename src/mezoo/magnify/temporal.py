"""Temporal filters of motion magnification: difference of two low-passes, ideal and windowed-sinc band-pass.

Wu et al., "Eulerian Video Magnification for Revealing Subtle Changes in the World", SIGGRAPH 2012, section 3,
and Wadhwa et al., "Phase-Based Video Motion Processing", SIGGRAPH 2013, section 4, as in their MATLAB code.

Cut-offs are in Hz at the true frame rate. ``static``, ``iir`` and ``butterworth`` are recursive: they hold two
frames of state and stream. ``ideal`` and ``fir`` work on the whole clip, repeated at its ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.fft
import scipy.signal

from mezoo.errors import ConfigError

Kind = Literal["static", "iir", "butterworth", "ideal", "fir"]
KINDS: tuple[Kind, ...] = ("static", "iir", "butterworth", "ideal", "fir")
#: Pixels whose time courses are transformed together.
_CHUNK = 8192
#: Default of the upper cut-off: in Hz, and as a share of the frame rate.
_HIGHEST, _HIGHEST_SHARE = 20.0, 0.4

Filter = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class TemporalBand:
    """A temporal filter, its pass band and the frame rate.

    Attributes
    ----------
    kind : {'static', 'iir', 'butterworth', 'ideal', 'fir'}
        ``static``: difference to the first frame, without a band. ``iir``: difference of two exponential
        averages. ``butterworth``: difference of two first-order Butterworth low-passes. ``ideal``: FFT mask.
        ``fir``: Hamming-windowed sinc as long as the padded clip, unit gain at the centre of the band, no delay.
    fps : float
        Frames per second.
    low, high : float
        Cut-offs in Hz, 0 <= low < high < fps / 2; ``static`` does not read them. `high` is 20, or 0.4 fps where
        that is less, unless it is given. With low = 0 a recursive
        filter keeps all slow changes relative to the first frame. A movement to one side and back is weakened
        unless `low` is well below 1 / (2 pi duration): the default suits micro-expressions (0.04-0.5 s).
    pad : int, optional
        Repetitions of the first and last frame around the clip, for ``ideal`` and ``fir``, which otherwise
        take the clip for one period of an endless one. Default one period of `low`,
        or the length of the clip where low = 0.
    legacy : bool
        The official code's slips: Butterworth cut-offs halved, gain 0.5 of the ideal filter.

    Raises
    ------
    ConfigError
        Unknown kind, or a band that the frame rate cannot carry.
    """

    kind: Kind
    fps: float
    low: float = 0.05
    high: float | None = None
    pad: int | None = None
    legacy: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(
                f"unknown temporal filter {self.kind!r}", f"one of {', '.join(KINDS)}", "Choose one of these"
            )
        if self.kind == "static":
            return
        lowest_ok = self.low > 0 if self.kind == "fir" else self.low >= 0
        if not (lowest_ok and self.low < self.upper < self.fps / 2):
            raise ConfigError(
                f"temporal band {self.low:g}-{self.upper:g} Hz at {self.fps:g} frames/s",
                f"0 {'<' if self.kind == 'fir' else '<='} low < high < {self.fps / 2:g} Hz",
                "Give the true frame rate, or another band",
            )
        if self.pad is not None and self.pad < 0:
            raise ConfigError(f"padding of {self.pad} frames", "at least 0", "Correct pad")

    @property
    def upper(self) -> float:
        """Upper cut-off in Hz."""
        return min(_HIGHEST, _HIGHEST_SHARE * self.fps) if self.high is None else self.high

    @property
    def streams(self) -> bool:
        """Whether a clip may be given in blocks."""
        return self.kind in ("static", "iir", "butterworth")

    def start(self) -> Filter:
        """Make a filter at rest: frames float (b, ...) in, filtered frames of the same shape out.

        A recursive filter is called with consecutive blocks; it starts from the first frame of the first
        one, for which it returns 0. The others are called once, with the whole clip.
        """
        if self.kind == "static":
            return _LowPassDifference(_frozen(), _open())
        if self.kind == "iir":
            return _LowPassDifference(_averager(self.low, self.fps), _averager(self.upper, self.fps))
        if self.kind == "butterworth":
            nyquist = self.fps if self.legacy else self.fps / 2
            return _LowPassDifference(_butterworth(self.low / nyquist), _butterworth(self.upper / nyquist))
        return self._whole_clip

    def _whole_clip(self, clip: np.ndarray) -> np.ndarray:
        n_frames = len(clip)
        pad = self._padding(n_frames)
        response = self._response(n_frames + 2 * pad).astype(clip.dtype)
        series = clip.reshape(n_frames, -1)
        out = np.empty_like(series)
        for start in range(0, series.shape[1], _CHUNK):
            part = np.pad(series[:, start : start + _CHUNK], ((pad, pad), (0, 0)), mode="edge")
            spectrum = scipy.fft.rfft(part, axis=0)
            spectrum *= response[:, None]
            filtered = scipy.fft.irfft(spectrum, n=len(part), axis=0)
            out[:, start : start + _CHUNK] = filtered[pad : pad + n_frames]
        return out.reshape(clip.shape)

    def _padding(self, n_frames: int) -> int:
        if self.pad is not None:
            return self.pad
        return math.ceil(self.fps / self.low) if self.low > 0 else n_frames

    def _response(self, length: int) -> np.ndarray:
        """Real gain of each bin of ``rfft`` over `length` frames."""
        if self.kind == "ideal":
            frequency = np.arange(length // 2 + 1) / length * self.fps
            mask = (frequency > self.low) & (frequency < self.upper)
            return mask * (0.5 if self.legacy else 1.0)
        return scipy.fft.rfft(centred(fir_taps(self.low, self.upper, self.fps, length), length)).real


def fir_taps(low: float, high: float, fps: float, n_frames: int) -> np.ndarray:
    """Taps of the windowed-sinc band-pass for a clip, float64, odd in number (n_frames or n_frames + 1).

    MATLAB's ``fir1`` with order `n_frames`; for an odd number of frames the order is one less, because the
    original is then half a frame late.
    """
    return scipy.signal.firwin(n_frames // 2 * 2 + 1, [low, high], pass_zero=False, window="hamming", fs=fps)


def centred(taps: np.ndarray, length: int) -> np.ndarray:
    """Put the middle tap at position 0 of a circle of `length`; a last tap that finds no place is dropped."""
    circle = np.zeros(length)
    places = np.arange(min(len(taps), length))
    circle[(places - len(taps) // 2) % length] = taps[places]
    return circle


def iir_cutoff(rate: float, fps: float) -> float:
    """Cut-off in Hz of the exponential average y += rate * (x - y), 0 < rate < 1."""
    return -fps * math.log1p(-rate) / (2 * math.pi)


#: (b0, b1, a1) of the first-order recursion y_t = b0 x_t + b1 x_(t-1) - a1 y_(t-1).
_LowPass = tuple[float, float, float]


def _frozen() -> _LowPass:
    return 0.0, 0.0, -1.0


def _open() -> _LowPass:
    return 1.0, 0.0, 0.0


def _averager(cutoff: float, fps: float) -> _LowPass:
    rate = -math.expm1(-2 * math.pi * cutoff / fps)
    return rate, 0.0, rate - 1


def _butterworth(cutoff: float) -> _LowPass:
    """First-order Butterworth low-pass by the bilinear transform; `cutoff` in units of the Nyquist rate."""
    c = math.tan(math.pi / 2 * cutoff)
    return c / (1 + c), c / (1 + c), (c - 1) / (c + 1)


class _LowPassDifference:
    """The faster low-pass minus the slower one, both at rest at the first frame."""

    def __init__(self, slow: _LowPass, fast: _LowPass) -> None:
        self._poles = (slow, fast)
        self._before: np.ndarray | None = None
        self._levels: list[np.ndarray] = []

    def __call__(self, block: np.ndarray) -> np.ndarray:
        if self._before is None:
            self._before = block[0].copy()
            self._levels = [block[0].copy(), block[0].copy()]
        out = np.empty_like(block)
        for now, result in zip(block, out, strict=True):
            for level, (b0, b1, a1) in zip(self._levels, self._poles, strict=True):
                level *= -a1
                level += b0 * now
                if b1:
                    level += b1 * self._before
            np.subtract(self._levels[1], self._levels[0], out=result)
            self._before[...] = now
        return out
