"""One look for all figures: colours that the colour-blind can tell apart, and small files.

Colours of Okabe and Ito (2008). What a colour says is also said by shape: hits are filled, misses are not.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

matplotlib.use("Agg")

KIND_COLOURS = {"micro": "#0072b2", "macro": "#d55e00"}
CURVE_COLOURS = {"onset": "#56b4e9", "apex": "#222222", "offset": "#e69f00", "motion": "#222222"}
HIT, FALSE = "#009e73", "#cc79a7"
TRUTH = "#444444"
GRID = "#d9d9d9"
#: Colours kept in a PNG; enough for smoothed lines in a dozen hues.
_N_COLOURS = 96
_DPI = 100

_RC = {
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
    """An empty figure of width x height hundred pixels in the common look."""
    matplotlib.rcParams.update(_RC)
    figure = Figure(figsize=(width, height), dpi=_DPI, layout=None)
    FigureCanvasAgg(figure)
    return figure


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure as a PNG with a palette: a third of the size of one in full colour, same bytes each time."""
    canvas: Any = figure.canvas
    canvas.draw()
    image = Image.fromarray(_rgb(canvas))
    stream = io.BytesIO()
    image.quantize(_N_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True
    )
    return stream.getvalue()


def _rgb(canvas: Any) -> Any:
    import numpy as np

    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def save_png(figure: Figure, path: Path) -> None:
    """Write a figure into a folder that is published as a whole later."""
    path.write_bytes(png_bytes(figure))
