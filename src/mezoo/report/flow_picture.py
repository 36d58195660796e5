"""The picture of `mezoo flow`: flow in colours with their wheel, as arrows on the image, and its strain.

Colour wheel: Baker et al., IJCV 92 (2011) 1-31 (`mezoo.motion.show`); strain: `mezoo.motion.strain`.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mezoo.atomic import write_bytes
from mezoo.motion.show import color_wheel, flow_between, flow_colors
from mezoo.motion.strain import optical_strain
from mezoo.report.drawing import ARROW_COLOUR, arrow_scale, strain_top
from mezoo.report.style import GRID, STRAIN_MAP, new_figure, rgb

#: Width of a panel and room around the panels, in hundred px; images are enlarged to that width or height.
_PANEL, _TALLEST = 3.6, 4.8
_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP, _BAR = 0.2, 0.75, 0.95, 0.95, 0.3, 0.12
#: Arrows along the longer side of the image.
_ARROWS = 20


def flow_picture(
    first: str | Path,
    second: str | Path,
    out: str | Path,
    *,
    backend: str = "native",
    profile: str | None = None,
) -> None:
    """Compute the flow between two image files and draw it.

    Parameters
    ----------
    first, second, backend, profile : see `mezoo.motion.show.flow_between`
    out : Path
        PNG.

    Raises
    ------
    ConfigError
        As `flow_between`.
    """
    image, flow, method = flow_between(first, second, backend=backend, profile=profile)
    title = f"{Path(first).name} → {Path(second).name} · {method.name}"
    figure = draw_flow(image, flow, title=title)
    write_bytes(out, cv2.imencode(".png", rgb(figure)[..., ::-1])[1].tobytes())


def draw_flow(image: NDArray[np.uint8], flow: NDArray[np.floating], *, title: str) -> Figure:
    """Draw three panels of one size: colours, arrows, strain.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W)
        The image on whose pixels the flow is defined.
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    title : str

    Returns
    -------
    Figure
    """
    height, width = image.shape
    magnitude = np.hypot(flow[..., 0], flow[..., 1])
    shape = np.array([width, height]) * min(_PANEL / width, _TALLEST / height)
    size = np.array([_LEFT + 3 * _PANEL + 2 * _GAP + _RIGHT, _TOP + shape[1] + _BOTTOM])
    figure = new_figure(*size)
    panels = [
        figure.add_axes((*(np.array([_LEFT + k * (_PANEL + _GAP), _BOTTOM]) / size), *(shape / size)))
        for k in range(3)
    ]
    for axes, name in zip(
        panels, ("direction and magnitude", "arrows on the first image", "strain"), strict=True
    ):
        axes.set(xticks=[], yticks=[], title=name)
        axes.spines[:].set(visible=True, color=GRID)
    _colours(figure, panels[0], flow, float(magnitude.max()))
    _arrows(panels[1], image, flow)
    _strain(figure, panels[2], optical_strain(flow))
    figure.text(_LEFT / size[0], 1 - 0.12 / size[1], title, size=11, weight="bold", va="top")
    told = f"{width} × {height} px · mean {magnitude.mean():.3g} px, largest {magnitude.max():.3g} px"
    figure.text(_LEFT / size[0], 1 - 0.38 / size[1], told, size=9, color="#555555", va="top")
    return figure


def _colours(figure: Figure, axes: Axes, flow: NDArray[np.floating], largest: float) -> None:
    """Flow in colours, and below it the wheel whose border has the largest magnitude."""
    axes.imshow(flow_colors(flow, largest=largest), interpolation="nearest")
    across, down = figure.get_size_inches()
    box = axes.get_position()
    wheel = figure.add_axes((box.x0, 0.08 / down, 0.78 / across, 0.78 / down))
    wheel.imshow(color_wheel(156), interpolation="antialiased")
    wheel.set_axis_off()
    figure.text(
        box.x0 + 0.9 / across,
        0.47 / down,
        f"colour = direction\nborder of the wheel = {largest:.3g} px",
        size=8.5,
        va="center",
        color="#333333",
    )


def _arrows(axes: Axes, image: NDArray[np.uint8], flow: NDArray[np.floating]) -> None:
    """Mean flow of squares as arrows, all magnified by one factor that the panel states."""
    step = max(2, round(max(image.shape) / _ARROWS))
    places, vectors, factor = arrow_scale(flow, step)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    axes.quiver(
        *places.T,
        *(vectors * factor).T,
        color=ARROW_COLOUR,
        angles="xy",
        scale_units="xy",
        scale=1,
        units="dots",
        width=2.4,
        headwidth=3.4,
        headlength=3.6,
        headaxislength=3.2,
        minlength=0.6,
        edgecolor="black",
        linewidth=0.35,
    )
    text = f"arrows are {factor:g} times as long as the motion\nand each the mean of {step} × {step} px"
    axes.text(0, -0.045, text, transform=axes.transAxes, size=8.5, va="top", color="#333333")


def _strain(figure: Figure, axes: Axes, strain: NDArray[np.floating]) -> None:
    """Strain as a heat map with its bar."""
    top = strain_top(strain)
    shown = axes.imshow(strain, cmap=STRAIN_MAP, vmin=0, vmax=top, interpolation="nearest")
    across = figure.get_size_inches()[0]
    box = axes.get_position()
    place = figure.add_axes((box.x1 + 0.08 / across, box.y0, _BAR / across, box.height))
    bar = figure.colorbar(shown, cax=place, extend="max" if strain.max() > top else "neither")
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2, labelsize=8)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
    text = f"how much the skin is stretched or sheared,\npx per px; largest {strain.max():.3g}"
    axes.text(0, -0.045, text, transform=axes.transAxes, size=8.5, va="top", color="#333333")
