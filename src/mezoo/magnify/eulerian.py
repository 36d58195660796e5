"""Eulerian (linear) magnification: every pyramid coefficient's changes over time, amplified and added.

Wu et al., "Eulerian Video Magnification for Revealing Subtle Changes in the World", SIGGRAPH 2012, sections 3-4,
with the conventions of the authors' MATLAB code (v2012-09).

Holds for motion that is small beside the texture: m times the displacement below an eighth of a wavelength.
Beyond that the picture over- and undershoots where the moving edges were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mezoo.errors import ConfigError
from mezoo.magnify.frames import add_yiq, blocks, check_clip, to_yiq
from mezoo.magnify.pyramids import (
    bicubic_weights,
    blur_down,
    collapse,
    laplacian,
    laplacian_gains,
    laplacian_sizes,
)
from mezoo.magnify.temporal import Kind, TemporalBand

Pyramid = Literal["laplacian", "gaussian"]


@dataclass(frozen=True)
class Eulerian:
    """What is amplified, and how much.

    Attributes
    ----------
    band : TemporalBand
        Changes that are amplified.
    factor : float
        Total factor m of a change inside the band; the paper's alpha is m - 1.
    pyramid : {'laplacian', 'gaussian'}
        ``laplacian`` for motion; ``gaussian`` amplifies one blurred band, for colour.
    cutoff_wavelength : float
        The paper's lambda_c in px, for ``laplacian``: 8 m times the largest displacement. The default is far
        smaller, for textured faces: the rule would leave nothing of their short waves to be moved.
    finest : bool
        Amplify the finest Laplacian entry too; the authors' code does not.
    level : int
        Halvings of the ``gaussian`` band.
    chroma : float
        Share of the amplification that I and Q get, 0 to 1.
    legacy : bool
        Slips of the authors' code: gains below 0 are kept, and ``laplacian`` with an ``ideal`` filter is a
        frame late. They drop the last 10 frames; leave them out beforehand for the same numbers.

    Raises
    ------
    ConfigError
        Unknown pyramid or a value out of range.
    """

    band: TemporalBand
    factor: float
    pyramid: Pyramid = "laplacian"
    cutoff_wavelength: float = 3.0
    finest: bool = True
    level: int = 4
    chroma: float = 0.0
    legacy: bool = False

    def __post_init__(self) -> None:
        if self.pyramid not in ("laplacian", "gaussian"):
            raise ConfigError(
                f"unknown pyramid {self.pyramid!r}", "laplacian or gaussian", "Choose one of these"
            )
        if self.cutoff_wavelength <= 0 or self.level < 0 or not 0 <= self.chroma <= 1:
            raise ConfigError(
                f"cutoff_wavelength {self.cutoff_wavelength:g}, level {self.level}, chroma {self.chroma:g}",
                "a positive wavelength, a level of at least 0, chroma from 0 to 1",
                "Correct them",
            )

    def start(self, shape: tuple[int, int, int]) -> Amplifier:
        """Begin a clip of frames (H, W, C), C being 3 for YIQ or 1 for Y alone."""
        return Amplifier(self, shape)


class Amplifier:
    """One clip in the making: call it with frames and get what must be added to them.

    A band that streams takes consecutive blocks, another one the whole clip at once. Blocks are float
    (b, H, W, C), and so is the result.
    """

    def __init__(self, settings: Eulerian, shape: tuple[int, int, int]) -> None:
        self._filter = settings.band.start()
        self._colour = np.array([1, settings.chroma, settings.chroma])[: shape[2]]
        self._late = settings.legacy and settings.pyramid == "laplacian" and settings.band.kind == "ideal"
        self._code: _Laplacian | _Gaussian
        if settings.pyramid == "laplacian":
            self._code = _Laplacian(settings, shape)
        else:
            self._code = _Gaussian(settings, shape)

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """Change of YIQ that must be added to the block."""
        planes = block[..., 0] if block.shape[-1] == 1 else block  # OpenCV drops a last axis of length 1
        packed = np.stack([self._code.pack(np.ascontiguousarray(frame)) for frame in planes])
        changes = np.stack([self._code.unpack(change) for change in self._filter(packed)])
        changes = changes.reshape(block.shape) * self._colour.astype(block.dtype)
        return np.concatenate([np.zeros_like(changes[:1]), changes[:-1]]) if self._late else changes


class _Laplacian:
    """The Laplacian entries that are amplified, as one row of numbers per frame."""

    def __init__(self, settings: Eulerian, shape: tuple[int, int, int]) -> None:
        self._gains = laplacian_gains(
            shape[:2],
            settings.factor - 1,
            settings.cutoff_wavelength,
            finest=settings.finest,
            clamp=not settings.legacy,
        )
        channels = shape[2:] if shape[2] > 1 else ()
        self._shapes = [(*size, *channels) for size in laplacian_sizes(shape[:2])]

    def pack(self, frame: np.ndarray) -> np.ndarray:
        kept = [entry.ravel() for entry, gain in zip(laplacian(frame), self._gains, strict=True) if gain]
        return np.concatenate([np.zeros(0, frame.dtype), *kept])

    def unpack(self, change: np.ndarray) -> np.ndarray:
        entries, at = [], 0
        for shape, gain in zip(self._shapes, self._gains.tolist(), strict=True):
            n = int(np.prod(shape)) if gain else 0
            entries.append(gain * change[at : at + n].reshape(shape) if n else np.zeros(shape, change.dtype))
            at += n
        return collapse(entries)


class _Gaussian:
    """One blurred and reduced band."""

    def __init__(self, settings: Eulerian, shape: tuple[int, int, int]) -> None:
        self._gain, self._level = settings.factor - 1, settings.level
        small = blur_down(np.zeros(shape[:2]), settings.level).shape
        self._rows, self._columns = (bicubic_weights(small[axis], shape[axis]) for axis in (0, 1))

    def pack(self, frame: np.ndarray) -> np.ndarray:
        return blur_down(frame, self._level)

    def unpack(self, change: np.ndarray) -> np.ndarray:
        rows, columns = (weights.astype(change.dtype) for weights in (self._rows, self._columns))
        enlarged = np.tensordot(rows, self._gain * change, axes=(1, 0))
        return np.moveaxis(np.tensordot(columns, enlarged, axes=(1, 1)), 0, 1)


def eulerian(
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
    """Magnify a clip by linear amplification.

    A recursive filter goes through the clip in blocks and holds two frames of state; ``ideal`` and ``fir`` hold
    the amplified coefficients of the whole clip, about 11 bytes per pixel and frame.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
        Grey levels or RGB.
    fps : float
        Frames per second.
    factor : float
        Total factor m.
    temporal, low, high, pad, legacy
        See `TemporalBand`; `legacy` counts for `Eulerian` too.
    **settings
        Fields of `Eulerian`.

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
    chosen = Eulerian(band, factor, legacy=legacy, **settings)
    coloured = frames.ndim == 4 and chosen.chroma > 0
    amplifier = chosen.start((frames.shape[1], frames.shape[2], 3 if coloured else 1))
    out = np.empty_like(frames)
    for part in blocks(len(frames), band.streams):
        out[part] = add_yiq(frames[part], amplifier(to_yiq(frames[part], chroma=coloured)))
    return out
