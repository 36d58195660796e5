"""Measure a magnifier on made clips of which the magnified truth is known.

A textured surface is pushed aside by a smooth bump that rises and falls once, as a micro-expression does. The
surface is analytic, so that the clip and the truth for every factor are rendered without interpolation.

Measures: share of the wanted displacement that is found in the result at the apex (`gain`), likeness to the truth
and of doing nothing to it (SSIM), false motion of a surface that only changes its brightness, and the same under
noise. Displacements are found by iterated Lucas-Kanade in a Hann window with brightness and contrast as unknowns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.ndimage

Magnify = Callable[[np.ndarray, float, float], np.ndarray]

#: Frames per second, rest before and after, and duration of the movement in frames: 0.3 s.
FPS, REST, LENGTH = 100.0, 10, 31
APEX = REST + LENGTH // 2


@dataclass(frozen=True)
class Scene:
    """A moving textured surface.

    Attributes
    ----------
    side : int
        Width and height of the frames, px.
    spread : float
        Standard deviation of the bump in px; infinite for a shift of the whole surface.
    direction : float
        Direction of the movement in rad, x right, y down.
    seed : int
        Of texture and noise.
    """

    side: int = 128
    spread: float = 20.0
    direction: float = 0.5
    seed: int = 0

    def clip(self, displacement: float, *, noise: float = 0.0) -> np.ndarray:
        """Clip uint8 (T, side, side) whose centre moves by `displacement` px at the apex."""
        rng = np.random.default_rng(self.seed)
        course, place = np.unique(time_course().round(9), return_inverse=True)  # it rises as it falls
        frames = np.stack([self._render(displacement * part) for part in course])[place]
        return _quantise(frames + rng.normal(0, noise, frames.shape))

    def truth(self, displacement: float, factor: float) -> np.ndarray:
        """Render the apex frame with a displacement `factor` times as large, without noise; uint8."""
        return _quantise(self._render(displacement * factor))

    def recoloured(self, gain: float, offset: float) -> np.ndarray:
        """Clip without motion whose contrast and brightness (0-255) change up to the apex and back."""
        still = self._render(0.0)
        return _quantise(np.stack([still + part * ((gain - 1) * still + offset) for part in time_course()]))

    def bump(self) -> np.ndarray:
        """Displacement per unit of displacement of the centre, at rest, float (side, side)."""
        y, x = np.mgrid[: self.side, : self.side] - (self.side - 1) / 2
        return np.exp(-(x**2 + y**2) / (2 * self.spread**2))

    def _render(self, displacement: float) -> np.ndarray:
        y, x = np.mgrid[: self.side, : self.side] - (self.side - 1) / 2
        dx, dy = displacement * np.cos(self.direction), displacement * np.sin(self.direction)
        part = np.ones((self.side, self.side))
        if np.isfinite(self.spread):
            for _ in range(30):  # the surface point that has moved here: a fixed point
                part = np.exp(-((x - part * dx) ** 2 + (y - part * dy) ** 2) / (2 * self.spread**2))
        return self._texture(x - part * dx, y - part * dy)

    def _texture(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Grey levels of a surface with waves of 6-64 px, stronger the longer."""
        rng = np.random.default_rng(self.seed)
        value, lengths = np.zeros(x.shape), np.geomspace(6, 64, 40)
        for length in lengths:
            angle, phase = rng.uniform(0, 2 * np.pi, 2)
            value += length**0.5 * np.cos(
                2 * np.pi / length * (np.cos(angle) * x + np.sin(angle) * y) + phase
            )
        return 128 + 35 * value / np.sqrt(lengths.sum() / 2)


def time_course() -> np.ndarray:
    """Share of the apex displacement in each frame, (T,)."""
    rise = (1 - np.cos(2 * np.pi * np.arange(LENGTH) / (LENGTH - 1))) / 2
    return np.concatenate([np.zeros(REST), rise, np.zeros(REST)])


def _quantise(frames: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(frames), 0, 255).astype(np.uint8)


def displacement(
    reference: np.ndarray, moved: np.ndarray, *, window: int = 48, rounds: int = 12
) -> np.ndarray:
    """Displacement (dx, dy) of the middle of a frame in px by iterated Lucas-Kanade.

    Unknowns are the shift and the contrast and brightness of `moved`; pixels weigh by a Hann window.
    """
    image, target = reference.astype(np.float64), moved.astype(np.float64)
    height, width = image.shape
    rows, columns = (slice((n - window) // 2, (n + window) // 2) for n in (height, width))
    weight = np.sqrt(np.outer(np.hanning(window + 2)[1:-1], np.hanning(window + 2)[1:-1])).ravel()
    slope_y, slope_x = np.gradient(image, axis=0), np.gradient(image, axis=1)
    patch = image[rows, columns].ravel()
    design = np.column_stack(
        [slope_x[rows, columns].ravel(), slope_y[rows, columns].ravel(), patch, np.ones(patch.size)]
    )
    shift = np.zeros(2)
    for _ in range(rounds):
        back = scipy.ndimage.shift(target, -shift[::-1], order=3, mode="nearest")[rows, columns].ravel()
        step = np.linalg.lstsq(weight[:, None] * design, weight * back)[0]
        shift -= step[:2] / max(step[2], 0.2)
    return shift


@dataclass(frozen=True)
class Likeness:
    """A magnified apex frame beside the truth.

    Attributes
    ----------
    gain : float
        Displacement found along that of the truth, as a share of it.
    ssim : float
        Structural similarity to the truth, as for grey levels of 8 bit.
    ssim_untouched : float
        That of the frame as it came.
    """

    gain: float
    ssim: float
    ssim_untouched: float


def likeness(magnify: Magnify, scene: Scene, moved: float, factor: float, *, noise: float = 0.0) -> Likeness:
    """Magnify a clip of a scene and compare the apex with the truth.

    Parameters
    ----------
    magnify : callable
        (frames uint8 (T, H, W), fps, factor) to frames of the same shape.
    scene : Scene
    moved : float
        Displacement at the apex in px.
    factor : float
        Total factor m.
    noise : float
        Standard deviation of the Gaussian noise in grey levels.
    """
    from skimage.metrics import structural_similarity

    clip, truth = scene.clip(moved, noise=noise), scene.truth(moved, factor)
    out, still = magnify(clip, FPS, factor)[APEX], scene.truth(moved, 0)
    wanted, found = displacement(still, truth), displacement(still, out)
    return Likeness(
        float(found @ wanted / (wanted @ wanted)),
        float(structural_similarity(out, truth)),
        float(structural_similarity(clip[APEX], truth)),
    )


def false_motion(
    magnify: Magnify, scene: Scene, factor: float, *, gain: float = 0.85, offset: float = -13
) -> float:
    """Displacement in px found in the magnified clip of a surface on which only a shadow falls and passes."""
    clip = scene.recoloured(gain, offset)
    return float(np.linalg.norm(displacement(clip[0], magnify(clip, FPS, factor)[APEX])))


def seconds_per_frame(magnify: Magnify, *, side: int = 224, factor: float = 3.0, repeats: int = 2) -> float:
    """Shortest time of several runs over a clip of side x side grey frames, per frame."""
    clip = Scene(side=side, spread=side / 6).clip(1.0)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        magnify(clip, FPS, factor)
        times.append(time.perf_counter() - start)
    return min(times) / len(clip)
