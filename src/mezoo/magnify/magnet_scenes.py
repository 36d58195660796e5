"""Synthetic scenes of known sub-pixel motion, made while MagNet trains: no image collection is needed.

After section 4.1 of Oh et al., ECCV 2018: objects pasted on a background, all moving independently, the
magnified frame drawn from the same scene, colours of B and of the target perturbed alike, frames rounded to
8 bits by chance so that sub-pixel motion survives. Deviations: textures are noise of a natural spectrum with
flat patches instead of photographs, masks are blobs instead of segmented objects, motion and factors are
those of faces (a few pixels, factors up to 8).

A canvas is sampled at places that need not be whole pixels by a bicubic kernel twice as wide as a pixel of
the canvas; frames have half its resolution, so each one is a properly low-passed picture of the same scene.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

#: Pixels of a canvas on each side of a sampled place that count.
_REACH = 4


@dataclass(frozen=True)
class SceneParams:
    """What the scenes look like; all lengths in px of a frame.

    Attributes
    ----------
    canvases, masks : int
        Pictures in the pool.
    side : int
        Side of a canvas.
    max_factor : float
        Factors are log-uniform in [1, max_factor].
    max_input, max_output : float
        Longest motion from A to B, and from A to the magnified frame; the latter is uniform per object.
    static_share, global_share : float
        Scenes without any motion, and scenes without objects.
    grey_share : float
        Scenes in grey levels.
    colour_gain, colour_offset : float
        Perturbation of each channel of B and the target.
    noise : float
        Largest standard deviation of the noise at mid grey; it grows with the square root of the level.
    """

    canvases: int = 96
    masks: int = 64
    side: int = 384
    max_factor: float = 8.0
    max_input: float = 2.0
    max_output: float = 8.0
    static_share: float = 0.1
    global_share: float = 0.15
    grey_share: float = 0.3
    colour_gain: float = 0.15
    colour_offset: float = 0.05
    noise: float = 3 / 255


@dataclass(frozen=True)
class Batch:
    """Frames float32 (n, size, size, 3) in [-1, 1] and total factors (n,).

    Attributes
    ----------
    a, b : ndarray
        The two frames that the network sees.
    target : ndarray
        B magnified, with the colours of B, without noise and rounding.
    factor : ndarray, float32, shape (n,)
    """

    a: np.ndarray
    b: np.ndarray
    target: np.ndarray
    factor: np.ndarray


class Scenes:
    """A pool of canvases and masks, from which batches are cut.

    Parameters
    ----------
    params : SceneParams
    seed : int
        Of the pool; a batch has a seed of its own.
    """

    def __init__(self, params: SceneParams, *, seed: int) -> None:
        self.params = params
        rng = np.random.default_rng([seed, 0])
        self._canvases = np.stack([_canvas(rng, params.side) for _ in range(params.canvases)])
        self._masks = np.stack([_mask(rng, params.side) for _ in range(params.masks)])

    def batch(self, n: int, size: int, *, seed: list[int]) -> Batch:
        """Cut `n` scenes of `size` x `size` px; the same seed gives the same scenes."""
        rng = np.random.default_rng(seed)
        scenes = [self._scene(rng, size) for _ in range(n)]
        a, b, target = (np.stack([scene[k] for scene in scenes]) * 2 - 1 for k in range(3))
        return Batch(a, b, target, np.array([scene[3] for scene in scenes], np.float32))

    def _scene(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        params = self.params
        factor = float(np.exp(rng.uniform(0, np.log(params.max_factor))))
        kind = rng.random()
        static = kind < params.static_share
        n_objects = 0 if params.static_share < kind < params.static_share + params.global_share else 2
        drawn = [self._layer(rng, factor, size, static=static) for _ in range(1 + n_objects)]
        frames = drawn[0][0]  # at rest, moved, magnified
        for picture, cover in drawn[1:]:
            frames = frames + cover * (picture - frames)
        n_channels = 3
        if rng.random() < params.grey_share:
            frames, n_channels = np.repeat(frames.mean(-1, keepdims=True), 3, axis=-1), 1
        strength = (
            rng.random() ** 2
        )  # mostly weak: faces under one lamp; strong ones alone teach to do nothing
        gain = 1 + params.colour_gain * (strength * rng.uniform(-1, 1, n_channels)).astype(np.float32)
        offset = params.colour_offset * (strength * rng.uniform(-1, 1, n_channels)).astype(np.float32)
        noise = rng.uniform(0, params.noise)
        a, b = (_expose(rng, frame, noise, n_channels) for frame in (frames[0], frames[1] * gain + offset))
        return a, b, np.clip(frames[2] * gain + offset, 0, 1), factor

    def _layer(
        self, rng: np.random.Generator, factor: float, size: int, *, static: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw an object: (3, size, size, 3) at rest, moved and magnified; and where it covers others."""
        motion = np.zeros(2) if static else _motion(rng, factor, self.params)
        shifts = np.array([0, 1, factor])[:, None] * motion
        return _cut(rng, self._canvases, shifts, size), _cut(rng, self._masks, shifts, size)


def _motion(rng: np.random.Generator, factor: float, params: SceneParams) -> np.ndarray:
    """Motion from A to B as (dx, dy)."""
    length = min(rng.uniform(0, params.max_output) / factor, params.max_input)
    angle = rng.uniform(0, 2 * np.pi)
    return length * np.array([np.cos(angle), np.sin(angle)])


def _expose(rng: np.random.Generator, frame: np.ndarray, noise: float, n_channels: int) -> np.ndarray:
    """Add noise and round to 8 bits, up with the probability of the fraction; grey stays grey."""
    shape = (*frame.shape[:2], n_channels)
    level = np.clip(frame, 0, 1)
    level = level + np.float32(noise) * np.sqrt(2 * level) * rng.standard_normal(shape, np.float32)
    return np.clip(np.floor(level * 255 + rng.random(shape, np.float32)), 0, 255) / np.float32(255)


def _cut(rng: np.random.Generator, pool: np.ndarray, shifts: np.ndarray, size: int) -> np.ndarray:
    """Frames float32 (len(shifts), size, size, channels) of one random place of one picture of the pool."""
    picture = pool[rng.integers(len(pool))]
    if rng.random() < 0.5:
        picture = picture.swapaxes(0, 1)
    margin = _REACH + 2 * int(np.ceil(np.abs(shifts).max())) + 1
    window = 2 * size + 2 * margin
    top, left = rng.integers(0, len(picture) - window, 2)
    patch = picture[top : top + window, left : left + window].astype(np.float32) / 255
    return np.stack([draw(patch, margin, shift, size) for shift in shifts])


def draw(patch: np.ndarray, margin: float, shift: np.ndarray, size: int) -> np.ndarray:
    """Draw a frame of half the resolution, displaced by `shift` = (dx, dy) px of the frame.

    Parameters
    ----------
    patch : ndarray, float32, shape (S, S, channels)
    margin : float
        Row and column of the patch where the undisplaced frame begins.
    shift : ndarray, shape (2,)
    size : int
        Side of the frame.

    Returns
    -------
    ndarray, float32, shape (size, size, channels)
    """
    place = margin + 0.5 - 2 * np.asarray(shift)  # canvas column and row of the first pixel
    left, top = (int(np.floor(p)) for p in place)
    columns, rows = (_taps(p - np.floor(p)) for p in place)
    window = patch[top - 3 : top + 2 * size + 3, left - 3 : left + 2 * size + 3]
    drawn = cv2.sepFilter2D(np.ascontiguousarray(window), -1, columns, rows, anchor=(3, 3))
    return drawn[3:-3:2, 3:-3:2].reshape(size, size, -1)


def _taps(fraction: float) -> np.ndarray:
    """Weights of 8 pixels of a line, from 3 before a place to 4 after: a cubic stretched by two."""
    x = np.abs(np.arange(-3, 5) - fraction) / 2
    kernel = np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2) * (x < 2)
    return (kernel / kernel.sum()).astype(np.float32)


def _canvas(rng: np.random.Generator, side: int) -> np.ndarray:
    """Colour noise with a spectrum 1 / f^b under random flat blobs, uint8 (side, side, 3)."""
    slope = rng.uniform(1, 2)
    own, common = rng.uniform(0.1, 0.6), _noise(rng, side, slope)
    picture = np.stack([common + own * _noise(rng, side, slope) for _ in range(3)], axis=-1)
    picture = rng.uniform(0.25, 0.75, 3) + rng.uniform(0.08, 0.25) * picture
    picture = np.clip(picture * 255, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(5, 40)):
        centre, axes = rng.integers(0, side, 2).tolist(), rng.integers(3, side // 6, 2).tolist()
        corner = int(rng.choice([10, 60, 90, 120]))  # degrees: from a round blob to a triangle
        outline = cv2.ellipse2Poly(centre, axes, int(rng.integers(180)), 0, 360, corner)
        cv2.fillPoly(picture, [np.array(outline)], rng.integers(0, 256, 3).tolist())
    return picture


def _mask(rng: np.random.Generator, side: int) -> np.ndarray:
    """Soft-edged blobs that cover a part of the picture, uint8 (side, side, 1)."""
    smooth = cv2.GaussianBlur(rng.standard_normal((side, side)), (0, 0), rng.uniform(10, 30))
    cover = (smooth / smooth.std() - rng.uniform(0.2, 1.0)) / rng.uniform(0.02, 0.3)
    return (np.clip(cover + 0.5, 0, 1) * 255).astype(np.uint8)[..., None]


def _noise(rng: np.random.Generator, side: int, slope: float) -> np.ndarray:
    """Noise of unit variance with an amplitude spectrum 1 / f^slope."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal((side, side))) * frequency**-slope
    noise = np.fft.irfft2(spectrum, s=(side, side))
    return noise / noise.std()
