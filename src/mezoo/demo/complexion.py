"""Colours and texture of synthetic subjects: skin, hair, brows, beard, freckles, clothes and the wall behind them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.demo.traits import LOOKS, WALLS, Traits

Image = NDArray[np.float32]

# (blue, green, red) gain and gamma of the skin, (blue, green, red) of the hair: pairs seen in people.
_LOOKS = (
    ((1.00, 1.00, 1.00), 1.00, (58, 78, 100)),
    ((0.62, 0.72, 0.82), 1.15, (30, 30, 34)),
    ((1.10, 1.06, 1.05), 0.92, (104, 148, 180)),
    ((0.44, 0.52, 0.62), 1.25, (38, 36, 38)),
    ((0.80, 0.91, 0.98), 1.05, (34, 48, 70)),
    ((0.96, 0.93, 1.04), 0.95, (156, 158, 162)),
    ((0.52, 0.58, 0.68), 1.10, (30, 36, 48)),
    ((1.04, 1.02, 1.03), 0.95, (40, 74, 132)),
    ((0.72, 0.82, 0.92), 1.10, (40, 44, 52)),
)
_WALLS = ((200, 204, 204), (150, 138, 128), (122, 136, 130), (92, 96, 108), (168, 178, 160))
assert (len(_LOOKS), len(_WALLS)) == (LOOKS, WALLS)


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> Image:
    """Return Gaussian noise blurred to `sigma` px and scaled to unit variance, float32, shape (H, W)."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), sigma)
    return noise / noise.std()


def colour_wall(traits: Traits, shape: tuple[int, int], rng: np.random.Generator) -> Image:
    """Return the wall, float32, shape (H, W, 3), BGR: a soft gradient with faint stains."""
    height, width = shape
    stains = 5 * smooth_noise(rng, shape, width / 10) + 2 * smooth_noise(rng, shape, 2.0)
    fall = np.linspace(8, -14, height, dtype=np.float32)[:, None] + np.linspace(
        -6, 6, width, dtype=np.float32
    )
    return np.array(_WALLS[traits.wall], np.float32) + (stains + fall)[..., None]


def colour_clothes(
    traits: Traits, landmarks: NDArray[np.float32], shape: tuple[int, int], rng: np.random.Generator
) -> tuple[Image, Image]:
    """Return cover (H, W, 1) in [0, 1] and colour (H, W, 3) of the clothes: shoulders and a round neckline."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    face = landmarks[16, 0] - landmarks[0, 0]
    away = np.maximum(np.abs(x - landmarks[8, 0]) - 0.30 * face, 0)
    neckline = np.sqrt(np.clip(1 - ((x - landmarks[8, 0]) / (0.30 * face)) ** 2, 0, 1))
    shoulder = landmarks[8, 1] + face * (0.085 * neckline - 0.02) + 0.32 * away + 0.0008 * away**2
    cover = np.clip((y - shoulder) / 2, 0, 1)[..., None]
    folds = 10 * smooth_noise(rng, shape, face / 12) + 4 * smooth_noise(rng, shape, 0.9)
    return cover, np.array(traits.clothes, np.float32) + folds[..., None]


def colour_head(
    face: Image, hair: Image, landmarks: NDArray[np.float32], traits: Traits, rng: np.random.Generator
) -> Image:
    """Recolour a warped head.

    Parameters
    ----------
    face : ndarray, float32, shape (H, W, 3)
        Warped portrait, BGR, 0..255.
    hair : ndarray, float32, shape (H, W, 1)
        Hair mask in [0, 1].
    landmarks : ndarray, float32, shape (68, 2)
        Landmarks in the same pixels.
    traits : Traits
        The subject.
    rng : numpy.random.Generator
        Source of the texture.

    Returns
    -------
    ndarray, float32, shape (H, W, 3)
        BGR, 0..255.
    """
    unit = (landmarks[16, 0] - landmarks[0, 0]) / 160
    shape = face.shape[:2]
    gain, gamma, hair_colour = _LOOKS[traits.look]
    skin = 255 * (face / 255) ** gamma * np.array(gain, np.float32)
    eyes = _region(landmarks[36:42], shape, unit) + _region(landmarks[42:48], shape, unit)
    skin += 0.55 * eyes * (face - skin)
    # Fine pores give optical flow something to hold on to: the enlarged portrait is smooth.
    pores = 0.022 * smooth_noise(rng, shape, 0.9 * unit) + 0.018 * smooth_noise(rng, shape, 2.5 * unit)
    blotches = 0.03 * smooth_noise(rng, shape, 14 * unit)
    skin += _lips(landmarks, shape, unit) * (
        0.25 * skin + 0.75 * skin.mean((0, 1)) * (0.7, 0.62, 0.95) - skin
    )
    skin *= (1 + pores + blotches)[..., None]
    skin *= 1 - _freckles(traits, landmarks, shape, rng, unit)[..., None]
    strands = np.array(hair_colour, np.float32)
    skin += _beard(traits, landmarks, shape, unit, rng) * (0.6 * strands + 0.15 * skin - skin)
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)[..., None]
    locks = strands * (grey / 100) ** 0.8 * (1 + 0.05 * smooth_noise(rng, shape, 0.8 * unit))[..., None]
    skin += hair * (locks - skin)
    brows = _brows(traits, landmarks, shape, unit) * (1 - hair)
    skin += brows * (0.55 * strands - skin)
    skin += _lip_shadow(landmarks, shape, unit) * (np.array((26, 22, 44), np.float32) - skin)
    return np.clip(skin, 0, 255)


def _region(points: NDArray[np.float32], shape: tuple[int, int], soft: float) -> Image:
    mask = np.zeros(shape, np.float32)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], (1.0,), cv2.LINE_8, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)[..., None]


def _lips(landmarks: NDArray[np.float32], shape: tuple[int, int], unit: float) -> Image:
    return 0.55 * _region(landmarks[48:60], shape, 1.2 * unit)


def lip_line(landmarks: NDArray[np.float32], columns: NDArray) -> NDArray[np.float64]:
    """Height of the line between closed lips in each image column: the parabola through corners and middle, px."""
    (x0, y0), (x1, y1) = landmarks[[48, 54]].astype(np.float64)
    sag = landmarks[[61, 62, 63, 65, 66, 67], 1].mean() - (y0 + y1) / 2
    along = np.clip((columns - x0) / (x1 - x0), 0, 1)
    return y0 + along * (y1 - y0) + 4 * sag * along * (1 - along)


def _lip_shadow(landmarks: NDArray[np.float32], shape: tuple[int, int], unit: float) -> Image:
    """Cover of the dark line between closed lips, shape (H, W, 1); parting lips stretch it into an open mouth."""
    columns = np.arange(shape[1])
    away = (np.arange(shape[0])[:, None] - lip_line(landmarks, columns)) / (0.85 * unit)
    ends = np.minimum(columns - landmarks[48, 0], landmarks[54, 0] - columns) / (4 * unit)
    return (0.95 * np.clip(ends, 0, 1) * np.exp(-(away**2) / 2))[..., None].astype(np.float32)


def _freckles(
    traits: Traits,
    landmarks: NDArray[np.float32],
    shape: tuple[int, int],
    rng: np.random.Generator,
    unit: float,
) -> Image:
    """Darkening in [0, 1], shape (H, W): freckles over cheeks and nose and two moles."""
    spots = np.zeros(shape, np.float32)
    low, high = landmarks[[1, 28]].min(axis=0), landmarks[[15, 33]].max(axis=0)
    places = rng.uniform(low, high, (traits.freckles + 2, 2))
    sizes = np.append(rng.uniform(0.5, 1.1, traits.freckles), (1.5, 1.9)) * unit
    for place, size in zip(places, sizes, strict=True):
        cv2.circle(
            spots, tuple(int(v) for v in np.round(place * 16)), round(size * 16), (1.0,), -1, cv2.LINE_8, 4
        )
    return 0.3 * cv2.GaussianBlur(spots, (0, 0), 0.7 * unit)


def _beard(
    traits: Traits,
    landmarks: NDArray[np.float32],
    shape: tuple[int, int],
    unit: float,
    rng: np.random.Generator,
) -> Image:
    """Stubble cover in [0, 1], shape (H, W, 1), around the mouth and along the jaw, lips left free."""
    jaw = np.concatenate([landmarks[3:14], (landmarks[13] + landmarks[54])[None] / 2, landmarks[[54, 35]]])
    jaw = np.concatenate([jaw, landmarks[[31, 48]], (landmarks[3] + landmarks[48])[None] / 2])
    cover = _region(jaw, shape, 6 * unit) * (1 - _region(landmarks[48:60], shape, 1.5 * unit))
    grain = 1 + 0.18 * smooth_noise(rng, shape, 0.7 * unit)
    return np.clip(traits.beard * cover * grain[..., None], 0, 0.8)


def _brows(traits: Traits, landmarks: NDArray[np.float32], shape: tuple[int, int], unit: float) -> Image:
    """Brow cover in [0, 1], shape (H, W, 1): a stroke along each brow, thinner at its ends."""
    cover = np.zeros(shape, np.float32)
    for brow in (landmarks[17:22], landmarks[22:27]):
        width = max(1, round((2.0 + 3.2 * traits.brow_weight) * unit))
        points = np.round((brow + (0, 1.2 * unit)) * 16).astype(np.int32)
        cv2.polylines(cover, [points], False, (0.65,), max(1, width - 2), cv2.LINE_AA, 4)
        cv2.polylines(cover, [points[1:-1]], False, (1.0,), width, cv2.LINE_AA, 4)
    return (0.35 + 0.55 * traits.brow_weight) * cv2.GaussianBlur(cover, (0, 0), 1.3 * unit)[..., None]
