"""Text, arrows and heat maps as pixels: a hundred times faster than a figure, for videos and many pictures.

Pictures are uint8 (H, W, 3), RGB.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from mezoo.motion.show import round_scale, sparse_flow

ARROW_COLOUR = "#e8a200"
#: Length of the longest arrow in units of their distance.
LONGEST_ARROW = 2.4
#: Share of the pixels whose strain is inside the colour scale.
_STRAIN_SHARE = 99.5
#: Arrows are drawn in sixteenths of a pixel.
_SHIFT = 4


def rgb_of(name: str) -> tuple[int, ...]:
    """RGB of a colour like ``#0072b2``."""
    return ImageColor.getrgb(name)


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = f"DejaVuSans{'-Bold' * bold}.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf" / name), size)


@lru_cache(maxsize=512)
def lettering(words: str, size: int, ink: str, ground: str, *, bold: bool = False) -> np.ndarray:
    """Draw a line of text on a ground, with a margin of half its size at both ends; (h, w, 3), read only."""
    font = _font(size, bold)
    left, _, right, _ = font.getbbox(words)
    ascent, descent = font.getmetrics()
    image = Image.new("RGB", (round(right - left) + size, ascent + descent + size // 2), ground)
    ImageDraw.Draw(image).text((size // 2, size // 4), words, fill=ink, font=font)
    return np.asarray(image)


def fitting(words: str, size: int, width: float, *, bold: bool = False) -> str:
    """Shorten a line of text that would be wider than `width` px, margins included."""
    font = _font(size, bold)
    if font.getlength(words) + size <= width:
        return words
    while words and font.getlength(words + "…") + size > width:
        words = words[:-1]
    return words.rstrip() + "…"


def paste(picture: np.ndarray, patch: np.ndarray, x: int, y: int) -> None:
    """Put a patch at (x, y) into a picture; what lies outside is cut off at the right and below."""
    place = picture[max(y, 0) : y + patch.shape[0], max(x, 0) : x + patch.shape[1]]
    place[:] = patch[: place.shape[0], : place.shape[1]]


def arrow_scale(flow: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Choose the arrows of a flow field.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
    step : int
        Their distance in px.

    Returns
    -------
    places, vectors : ndarray, float64, shape (N, 2)
        As `mezoo.motion.show.sparse_flow`.
    factor : float
        A round number by which they are drawn longer than the motion; 1 where nothing moves.
    """
    places, vectors = sparse_flow(flow, step)
    longest = float(np.hypot(*vectors.T).max())
    return places, vectors, round_scale(LONGEST_ARROW * step / longest) if longest > 0 else 1.0


def arrows(
    picture: np.ndarray,
    places: np.ndarray,
    vectors: np.ndarray,
    *,
    enlarged: float = 1.0,
) -> None:
    """Draw arrows into a picture, dark at the edge; none where it would be shorter than three pixels.

    Parameters
    ----------
    picture : ndarray, uint8, shape (H, W, 3)
    places, vectors : ndarray, float, shape (N, 2)
        Where they start and how far they go, (x, y) in px before the picture was enlarged.
    enlarged : float
    """
    starts = (places + 0.5) * enlarged - 0.5
    ends = starts + vectors * enlarged
    lengths = np.hypot(*(ends - starts).T)
    points = np.rint(np.stack([starts, ends], axis=1) * 2**_SHIFT).astype(int)
    for ink, width in (((0, 0, 0), 2), (rgb_of(ARROW_COLOUR), 1)):
        for (start, end), length in zip(points[lengths >= 3].tolist(), lengths[lengths >= 3], strict=True):
            tip = min(0.5, 4.0 / length)
            cv2.arrowedLine(picture, start, end, ink, width, cv2.LINE_AA, _SHIFT, tip)


def strain_top(strain: np.ndarray) -> float:
    """Strain at the end of the colour scale, beyond which little lies; above 0."""
    return float(np.percentile(strain, _STRAIN_SHARE)) or 1e-6


def heat(strain: np.ndarray, top: float) -> np.ndarray:
    """Colour strain (H, W) as `mezoo.report.style.STRAIN_MAP`, which ends at `top`."""
    grey = (np.clip(strain / top, 0, 1) * 255).astype(np.uint8)
    return cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)[..., ::-1]
