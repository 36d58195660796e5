"""Complex steerable pyramid: filters in the frequency domain, one half-plane each.

Portilla, Simoncelli, "A parametric texture model based on joint statistics of complex wavelet coefficients",
IJCV 40 (2000) 49-71, in the form of Wadhwa et al., "Phase-Based Video Motion Processing", SIGGRAPH 2013,
section 3 and appendix A, and of the authors' MATLAB code (edges, widths, cropping).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

BankName = Literal["octave", "half_octave", "smooth_half_octave", "smooth_quarter_octave"]


@dataclass(frozen=True)
class _Kind:
    per_octave: int
    orientations: int
    width: float | None  # of the transition in octaves; None for the cos^6 windows


BANKS: dict[BankName, _Kind] = {
    "octave": _Kind(1, 4, 1.0),
    "half_octave": _Kind(2, 8, 0.75),
    "smooth_half_octave": _Kind(2, 8, None),
    "smooth_quarter_octave": _Kind(4, 8, None),
}
#: Filters are cropped to where they exceed this.
_SUPPORT = 1e-10
#: Power of the cosine of the smooth radial windows.
_COS_ORDER = 6
#: What the smooth windows leave is the low-pass residual inside of this square, the high-pass outside.
_SMOOTH_SPLIT = 0.3


@dataclass(frozen=True)
class Band:
    """One oriented filter, cropped to its support.

    Attributes
    ----------
    rows, columns : ndarray, int
        Positions of the crop in an unshifted 2-D FFT, zero frequency first.
    filter : ndarray, float64, shape (rows, columns)
        Gain there.
    """

    rows: np.ndarray
    columns: np.ndarray
    filter: np.ndarray

    @property
    def where(self) -> tuple:
        """Index of the crop in spectra (b, H, W)."""
        return (slice(None), self.rows[:, None], self.columns)


@dataclass(frozen=True)
class Bank:
    """All filters for frames of one size.

    Attributes
    ----------
    high, low : ndarray, float64, shape (H, W)
        Gain of the residuals, unshifted (zero frequency at [0, 0]).
    bands : tuple of Band
        From fine to coarse, all orientations of a scale together.
    """

    high: np.ndarray
    low: np.ndarray
    bands: tuple[Band, ...]

    def power(self) -> np.ndarray:
        """Gain of analysis and synthesis in a row, without the high-pass residual, shape (H, W)."""
        squares = self.low**2
        for band in self.bands:
            squares[band.rows[:, None], band.columns] += 2 * band.filter**2
        mirrored = np.roll(squares[::-1, ::-1], 1, axis=(0, 1))
        return (squares + mirrored) / 2  # the real part of the synthesis uses each filter mirrored too


def n_octaves(shape: tuple[int, int]) -> int:
    """Octaves that are split into bands: floor(log2(shorter side)) - 2."""
    return int(math.log2(min(shape))) - 2


@lru_cache(maxsize=4)
def make_bank(name: BankName, shape: tuple[int, int]) -> Bank:
    """Make the filters of a bank for frames (H, W); they are kept for the next call."""
    kind = BANKS[name]
    radius, angle = _polar(shape)
    if kind.width is None:
        high, radials, low = _smooth_radials(radius, n_octaves(shape), kind.per_octave)
    else:
        high, radials, low = _radials(radius, n_octaves(shape), kind.per_octave, kind.width)
    bands = [
        _crop(radial * _angular(angle, number, kind.orientations))
        for radial in radials
        for number in range(kind.orientations)
    ]
    return Bank(np.fft.ifftshift(high), np.fft.ifftshift(low), tuple(bands))


def _polar(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Radius (1 at the Nyquist frequency of each axis) and angle, zero frequency in the middle."""
    y, x = _axes(shape)
    radius = np.hypot(y[:, None], x)
    radius[shape[0] // 2, shape[1] // 2] = radius[shape[0] // 2, shape[1] // 2 - 1]  # for the logarithm
    return radius, np.arctan2(y[:, None], x + 0 * y[:, None])


def _axes(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    y, x = ((np.arange(n) - n // 2) / (n / 2) for n in shape)
    return y, x


def _radials(
    radius: np.ndarray, octaves: int, per_octave: int, width: float
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """High-pass, band-passes and low-pass with edges at 2**(-k / per_octave)."""
    highs, lows = [], []
    for k in range(octaves * per_octave + 1):
        log = np.clip(np.log2(radius) + k / per_octave, -width, 0)
        highs.append(np.abs(np.cos(log * np.pi / (2 * width))))
        lows.append(np.sqrt(1 - highs[-1] ** 2))
    return highs[0], [low * high for low, high in zip(lows, highs[1:], strict=False)], lows[-1]


def _smooth_radials(
    radius: np.ndarray, octaves: int, per_octave: int
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Windows cos^6 in log frequency, whose squares sum to 1, and what is left above and below."""
    n_bands, step = octaves * per_octave, np.pi / (_COS_ORDER + 1)
    place = (np.log2(radius) + octaves) / octaves * (np.pi / 2 + step * n_bands)
    # The Nyquist row and column of an even side have no mirror image: left to the high-pass residual.
    mirrored = np.ones(radius.shape)
    for axis in range(2):
        if radius.shape[axis] % 2 == 0:
            mirrored.swapaxes(0, axis)[0] = 0
    bands = []
    for k in range(n_bands, 0, -1):
        away = place - (k + 2) * step
        inside = mirrored * (np.abs(away) < np.pi / 2)
        bands.append(_unit_power(_COS_ORDER + 1) * inside * np.cos(away) ** _COS_ORDER)
    rest = np.sqrt(np.maximum(1 - sum(band**2 for band in bands), 0))
    y, x = _axes(radius.shape)
    below = np.maximum(np.abs(y)[:, None], np.abs(x)) < _SMOOTH_SPLIT
    return rest * ~below, bands, rest * below


def _angular(angle: np.ndarray, number: int, orientations: int) -> np.ndarray:
    away = (angle - np.pi * number / orientations + np.pi) % (2 * np.pi) - np.pi
    window = np.abs(away) < np.pi / 2
    return _unit_power(orientations) * np.where(window, np.cos(away) ** (orientations - 1), 0)


def _unit_power(count: int) -> float:
    """Scale for which the squares of `count` cosines to the power count - 1, pi / count apart, sum to 1."""
    order = count - 1
    return math.sqrt(4**order * math.factorial(order) ** 2 / (count * math.factorial(2 * order)))


def _crop(mask: np.ndarray) -> Band:
    """Cut out the smallest rectangle with the filter and its rotation by 180 degrees."""
    support = mask > _SUPPORT
    support |= support[::-1, ::-1]
    picks = []
    for axis in range(2):
        hit = np.flatnonzero(support.any(axis=1 - axis))
        picks.append(np.fft.ifftshift(np.arange(hit[0], hit[-1] + 1)))
    rows, columns = picks
    shifts = tuple(n // 2 for n in mask.shape)
    values = mask[rows[:, None], columns]
    return Band((rows - shifts[0]) % mask.shape[0], (columns - shifts[1]) % mask.shape[1], values)
