"""The strip of one expression: its faces, how the skin has moved since the onset, and the strain.

Seven cells: onset, apex and offset; flow from onset to apex in colours and as arrows; flow from onset to
offset in the same colours; strain at the apex. All strips have one size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from mezoo.motion.show import color_wheel, flow_colors
from mezoo.motion.strain import optical_strain
from mezoo.report.drawing import arrow_scale, arrows, fitting, heat, lettering, paste, rgb_of, strain_top
from mezoo.report.style import GRID, KIND_COLOURS

#: Side of a cell, gap between cells, margin, heights of the two lines above and of those below, in px.
CELL, GAP, MARGIN, HEAD, LINE = 144, 6, 8, 46, 15
N_CELLS = 7
WIDTH = 2 * MARGIN + N_CELLS * CELL + (N_CELLS - 1) * GAP
HEIGHT = MARGIN + HEAD + CELL + 2 * LINE + MARGIN
#: Diameter of the wheel in the first cell with colours.
_WHEEL = 34
#: Arrows along the longer side of a face.
_ARROWS = 14
_INK, _SOFT, _WARN = "#22262b", "#5c646e", "#8a4b00"


@dataclass(frozen=True, eq=False)
class Moment:
    """One of the faces.

    Attributes
    ----------
    image : ndarray, uint8, shape (H, W), or None
        None where nothing is coded.
    words : tuple of str
        Two lines below it.
    """

    image: np.ndarray | None
    words: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Strip:
    """What is drawn of one expression.

    Attributes
    ----------
    title, facts : str
        The two lines above; too long ones are shortened.
    kind : str
        ``micro``, ``macro`` or empty.
    moments : sequence of 3 Moment
        Onset, apex (or the middle), offset; empty where the expression cannot be shown.
    to_apex, to_offset : ndarray, float, shape (H, W, 2), or None
        Flow from the onset in px of the face crop.
    reason : str
        Why nothing can be shown.
    """

    title: str
    facts: str
    kind: str
    moments: Sequence[Moment] = ()
    to_apex: np.ndarray | None = None
    to_offset: np.ndarray | None = None
    reason: str = ""


def draw_strip(strip: Strip) -> np.ndarray:
    """Draw a strip, or the reason why there is none; uint8 (HEIGHT, WIDTH, 3), RGB."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    x = MARGIN
    if strip.kind:
        chip = lettering(strip.kind, 12, "#ffffff", KIND_COLOURS.get(strip.kind, _SOFT), bold=True)
        paste(picture, chip, x, MARGIN)
        x += chip.shape[1] + 2
    _write(picture, strip.title, x, MARGIN, WIDTH - MARGIN - x, size=13, bold=True)
    _write(picture, strip.facts, MARGIN - 6, MARGIN + 21, WIDTH - 2 * MARGIN, size=12, ink=_SOFT)
    if strip.reason:
        _placeholder(picture, strip.reason)
    else:
        _cells(picture, strip)
    return picture


def _write(
    picture: np.ndarray,
    words: str,
    x: int,
    y: int,
    width: int,
    *,
    size: int = 11,
    ink: str = _INK,
    bold: bool = False,
) -> None:
    if words:
        line = fitting(words, size, width, bold=bold)
        paste(picture, lettering(line, size, ink, "#ffffff", bold=bold), x, y)


def _placeholder(picture: np.ndarray, reason: str) -> None:
    top = MARGIN + HEAD
    picture[top : top + CELL, MARGIN : WIDTH - MARGIN] = rgb_of("#f6f7f9")
    line = fitting(f"not shown: {reason}", 13, WIDTH - 4 * MARGIN)
    patch = lettering(line, 13, _WARN, "#f6f7f9")
    paste(picture, patch, (WIDTH - patch.shape[1]) // 2, top + (CELL - patch.shape[0]) // 2)


def _cells(picture: np.ndarray, strip: Strip) -> None:
    onset = strip.moments[0].image
    if onset is None or strip.to_apex is None:
        raise ValueError("a strip without its onset or the flow to its apex needs a reason")
    for place, moment in enumerate(strip.moments):
        _put(picture, place, None if moment.image is None else cv2.merge([moment.image] * 3), moment.words)
    largest = _longest(strip.to_apex)  # a blink at the offset would make the expression pale
    cell = _put(
        picture,
        3,
        flow_colors(strip.to_apex, largest=largest),
        ("flow onset → apex", f"rim of wheel {largest:.2g} px"),
    )
    cell[-_WHEEL - 2 : -2, 2 : _WHEEL + 2] = _wheel()
    step = max(2, round(max(onset.shape) / _ARROWS))
    places, vectors, factor = arrow_scale(strip.to_apex, step)

    def draw(patch: np.ndarray, enlarged: float) -> None:
        arrows(patch, places, vectors * factor, enlarged=enlarged)

    _put(picture, 4, cv2.merge([onset] * 3), ("arrows onset → apex", f"drawn {factor:g} × as long"), draw)
    if strip.to_offset is None:
        _put(picture, 5, None, ("flow onset → offset", "offset not coded"))
    else:
        words = f"largest {_longest(strip.to_offset):.2g} px"
        _put(picture, 5, flow_colors(strip.to_offset, largest=largest), ("flow onset → offset", words))
    strain = optical_strain(strip.to_apex)
    top = strain_top(strain)
    _put(picture, 6, heat(strain, top), ("strain at the apex", f"white = {top:.2g} px/px"))


def _longest(flow: np.ndarray) -> float:
    return float(np.hypot(flow[..., 0], flow[..., 1]).max())


def _put(
    picture: np.ndarray,
    place: int,
    image: np.ndarray | None,
    words: tuple[str, str],
    draw: Callable[[np.ndarray, float], None] | None = None,
) -> np.ndarray:
    """Enlarge or reduce an image into a cell, let `draw` add to it, and write below; return the cell."""
    x, y = MARGIN + place * (CELL + GAP), MARGIN + HEAD
    cell = picture[y : y + CELL, x : x + CELL]
    if image is None:
        cell[:] = rgb_of("#f6f7f9")
    else:
        factor = CELL / max(image.shape[:2])
        size = (max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))
        patch = cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
        if draw is not None:
            draw(patch, factor)
        left, top = (CELL - size[0]) // 2, (CELL - size[1]) // 2
        cell[top : top + size[1], left : left + size[0]] = patch
        frame = (left, top), (left + size[0] - 1, top + size[1] - 1)
        border = np.ascontiguousarray(cell)
        cv2.rectangle(border, *frame, rgb_of(GRID), 1)
        cell[:] = border
    for line, (text, ink) in enumerate(zip(words, (_INK, _SOFT), strict=True)):
        _write(picture, text, x - 5, y + CELL + line * LINE, CELL + GAP + 5, ink=ink)
    return cell


@cache
def _wheel() -> np.ndarray:
    """Wheel on white, drawn large and reduced, so that its rim is smooth."""
    return cv2.resize(color_wheel(4 * _WHEEL), (_WHEEL, _WHEEL), interpolation=cv2.INTER_AREA)
