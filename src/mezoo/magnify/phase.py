"""Phase-based magnification: changes of local phase in a complex steerable pyramid, amplified.

Wadhwa et al., "Phase-Based Video Motion Processing", SIGGRAPH 2013, with the conventions of the authors' MATLAB
code (phaseAmplify). Only the luminance is changed.

The change is synthesised, not the frame, and added to the frame: without change the frame stays as it is to the
bit, whatever the filters. The authors' code loses the high-pass residual, and the half-octave bank, whose power is
up to 1.0045, adds 0.4 % there.

Holds while m times the displacement is below about a quarter (octave) to half (half-octave) of a band's
wavelength. Noise is moved, not amplified.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from scipy.ndimage import correlate1d

from mezoo.errors import ConfigError
from mezoo.magnify.frames import add_yiq, blocks, check_clip, to_yiq
from mezoo.magnify.steerable import BANKS, BankName, make_bank
from mezoo.magnify.temporal import Filter, Kind, TemporalBand


@dataclass(frozen=True)
class PhaseBased:
    """What is amplified, and how much.

    Attributes
    ----------
    band : TemporalBand
        Phase changes that are amplified.
    factor : float
        Total factor m of a motion inside the band; the paper's alpha is m - 1.
    bank : {'octave', 'half_octave', 'smooth_half_octave', 'smooth_quarter_octave'}
        Filters: the narrower, the larger the motions that can be reached, and the slower.
    sigma : float
        Standard deviation in px of each band of the amplitude-weighted blur of the phases; 0 for none. It
        steadies noise, and weakens a local motion beside still surroundings. A kernel of even size lies half
        a px off centre, as in the authors' code.
    attenuate : bool
        Take all other phase changes out: motion outside of the temporal band stops.
    legacy : bool
        Without the high-pass residual, as the authors' code.

    Raises
    ------
    ConfigError
        Unknown bank or a negative sigma.
    """

    band: TemporalBand
    factor: float
    bank: BankName = "octave"
    sigma: float = 0.0
    attenuate: bool = False
    legacy: bool = False

    def __post_init__(self) -> None:
        if self.bank not in BANKS:
            raise ConfigError(
                f"unknown filter bank {self.bank!r}", f"one of {', '.join(BANKS)}", "Choose one"
            )
        if self.sigma < 0:
            raise ConfigError(f"sigma of {self.sigma:g} px", "at least 0", "Correct sigma")

    def start(self, shape: tuple[int, int]) -> Shifter:
        """Begin a clip of frames (H, W)."""
        return Shifter(self, shape)


class Shifter:
    """One clip in the making: call it with luminance frames and get what must be added to them.

    A temporal band that streams takes consecutive blocks, another one the whole clip at once. Blocks are
    float (b, H, W), and so is the result. In memory are two spectra of the block and the coefficients of one
    filter at a time; for a streaming band also two frames of phases of all filters.
    """

    def __init__(self, settings: PhaseBased, shape: tuple[int, int]) -> None:
        self._settings, self._shape = settings, shape
        self._bank = make_bank(settings.bank, shape)
        self._filters: list[Filter] = [settings.band.start() for _ in self._bank.bands]
        self._reference: list[np.ndarray] = []

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """Change of the luminance that must be added to the block."""
        spectrum = scipy.fft.fft2(block)
        change = np.zeros_like(spectrum)
        first = not self._reference
        for number, band in enumerate(self._bank.bands):
            gain = band.filter.astype(block.dtype)
            coefficients = scipy.fft.ifft2(spectrum[band.where] * gain)
            if first:
                self._reference.append(coefficients[0].copy())
            moved = self._move(coefficients, number)
            change[band.where] += 2 * gain * scipy.fft.fft2(moved - coefficients)
        if self._settings.legacy:
            change += spectrum * (self._bank.power() - 1).astype(block.dtype)
        return scipy.fft.ifft2(change).real

    def _move(self, coefficients: np.ndarray, number: int) -> np.ndarray:
        """Coefficients (b, h, w) of one filter with their amplified phase."""
        reference = self._reference[number]
        phase = self._filters[number](np.angle(coefficients * reference.conj()))
        amplitude = np.abs(coefficients)
        if self._settings.sigma:
            weight = amplitude + np.finfo(amplitude.dtype).eps
            phase = _blur(phase * weight, self._settings.sigma) / _blur(weight, self._settings.sigma)
        turn = _turn((self._settings.factor - 1) * phase)
        if not self._settings.attenuate:
            return coefficients * turn
        size = np.abs(reference)
        still = np.divide(reference, size, out=np.ones_like(reference), where=size > 0)
        return amplitude * still * turn


def _turn(angle: np.ndarray) -> np.ndarray:
    """exp(i angle); two real functions are faster than the complex one."""
    turn = np.empty(angle.shape, np.result_type(angle, np.complex64))
    turn.real, turn.imag = np.cos(angle), np.sin(angle)
    return turn


def _blur(planes: np.ndarray, sigma: float) -> np.ndarray:
    """Circular Gaussian blur of planes (b, h, w), kernel of ceil(4 sigma) taps."""
    size = math.ceil(4 * sigma)
    taps = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * sigma**2))
    origin = size % 2 - 1  # an even kernel reaches one px further to the right
    for axis in (1, 2):
        planes = correlate1d(planes, taps / taps.sum(), axis=axis, mode="wrap", origin=origin)
    return planes


def phase_based(
    frames: np.ndarray,
    fps: float,
    factor: float,
    *,
    temporal: Kind = "butterworth",
    low: float = TemporalBand.low,
    high: float | None = TemporalBand.high,
    pad: int | None = None,
    legacy: bool = False,
    **settings: Any,
) -> np.ndarray:
    """Magnify a clip by local phase, relative to its first frame.

    A recursive filter goes through the clip in blocks; ``ideal`` and ``fir`` hold two spectra and one filter's
    coefficients of the whole clip, about 60 bytes per pixel and frame.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
        Grey levels or RGB, of which the luminance is changed.
    fps : float
        Frames per second.
    factor : float
        Total factor m.
    temporal, low, high, pad, legacy
        See `TemporalBand`; `legacy` counts for `PhaseBased` too.
    **settings
        Fields of `PhaseBased`.

    Returns
    -------
    ndarray, uint8, shape of `frames`
        For m = 1 the frames themselves.

    Raises
    ------
    ConfigError
        Wrong usage.
    """
    check_clip(frames, fps, factor)
    band = TemporalBand(temporal, fps, low, high, pad, legacy)
    shifter = PhaseBased(band, factor, legacy=legacy, **settings).start((frames.shape[1], frames.shape[2]))
    out = np.empty_like(frames)
    for part in blocks(len(frames), band.streams):
        luma = to_yiq(frames[part], chroma=False)[..., 0]
        out[part] = add_yiq(frames[part], shifter(luma)[..., None])
    return out
