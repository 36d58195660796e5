"""One look for all figures: colours that the colour-blind can tell apart, and small files.

Colours of Okabe and Ito (2008). What a colour says is also said by shape: hits are filled, misses are not.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageColor

matplotlib.use("Agg")

KIND_COLOURS = {"micro": "#0072b2", "macro": "#d55e00"}
HIT, FALSE = "#009e73", "#cc79a7"
CURVE_COLOURS = {"onset": "#56b4e9", "apex": "#222222", "offset": "#e69f00", "motion": "#222222"}
CURVE_COLOURS |= {"left brow": "#56b4e9", "right brow": "#e69f00", "nose": FALSE, "mouth": HIT}
TRUTH = "#444444"
GRID = "#d9d9d9"
#: Colours of strain, from black over red and yellow to white.
STRAIN_MAP = "inferno"
_HUES = (CURVE_COLOURS["onset"], CURVE_COLOURS["offset"], HIT, FALSE)
#: Steps from each colour to white, and greys, that a PNG keeps: enough for smooth edges.
_SHADES, _GREYS = 20, 80
_DPI = 100

_RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": "#333333",
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "hatch.linewidth": 0.7,
}


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of width x height hundred pixels in the common look."""
    matplotlib.rcParams.update(_RC)
    figure = Figure(figsize=(width, height), dpi=_DPI)
    FigureCanvasAgg(figure)
    return figure


def rgb(figure: Figure) -> NDArray[np.uint8]:
    """Draw a figure; pixels of shape (H, W, 3)."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


@cache
def _palette() -> NDArray[np.int64]:
    """Build the colours of all figures and their way to white, (n, 3); thin lines would lose chosen ones."""
    hues = np.array([ImageColor.getrgb(hue) for hue in (*KIND_COLOURS.values(), *_HUES)])
    towards_white = np.linspace(0, 1, _SHADES)[:, None, None]
    greys = np.repeat(np.linspace(0, 255, _GREYS)[:, None], 3, axis=1)
    colours = np.concatenate([(hues + (255 - hues) * towards_white).reshape(-1, 3), greys])
    return colours.round().astype(np.int64)


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure as a PNG with a palette: a third of the size of full colour, the same bytes each time."""
    pixels = rgb(figure).astype(np.int64) @ np.array([65536, 256, 1])
    packed, inverse = np.unique(pixels, return_inverse=True)
    present = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1)
    nearest = ((present[:, None] - _palette()) ** 2).sum(axis=-1).argmin(axis=1).astype(np.uint8)
    image = Image.fromarray(nearest[inverse.reshape(pixels.shape)])
    image.putpalette(_palette().astype(np.uint8).tobytes())
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
