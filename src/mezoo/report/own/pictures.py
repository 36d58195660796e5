"""Small pictures of one interval: its faces, how the skin moved, and the apex with that motion made larger."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import numpy as np

from mezoo.errors import MezooError
from mezoo.magnify.lagrangian import lagrangian
from mezoo.motion import head_motion
from mezoo.motion.backends import Backend
from mezoo.report.drawing import fitting, lettering, paste
from mezoo.report.strip_picture import CELL, GAP, HEAD, LINE, MARGIN, N_CELLS, Moment, Strip, draw_strip

FACTOR = 4.0
_NAMES = ("onset", "apex", "offset", "flow in colours", "flow as arrows", "flow to the offset", "strain")
_QUALITY = 82


@dataclass(frozen=True)
class Picture:
    """One picture as text for a page, and what it shows."""

    name: str
    source: str


def pictures(
    frames: np.ndarray, landmarks: np.ndarray, times: tuple[str, str, str], method: Backend
) -> list[Picture]:
    """Draw the cells of one interval.

    Parameters
    ----------
    frames : ndarray, uint8, shape (3, H, W)
        Face crops at onset, apex and offset.
    landmarks : ndarray, float, shape (68, 2)
        Of the onset, (x, y) in px of the crop.
    times : tuple of str
        What is written below the faces.
    method : Backend
        Flow method.

    Returns
    -------
    list of Picture
        Onset, apex, offset, apex magnified, flow in colours and as arrows, flow to the offset, strain.
    """
    to_apex, to_offset = (_flow(frames[0], moving, landmarks, method) for moving in frames[1:])
    moments = [Moment(frame, (name, time)) for frame, name, time in zip(frames, _NAMES, times, strict=False)]
    strip = draw_strip(Strip("", "", "", moments, to_apex, to_offset))
    top, height = MARGIN + HEAD, CELL + 2 * LINE
    cells = []
    for place in range(N_CELLS):
        left = MARGIN + place * (CELL + GAP)
        cells.append(Picture(_NAMES[place], _encode(strip[top : top + height, left : left + CELL])))
    cells.insert(3, Picture(f"apex magnified {FACTOR:g} times", _encode(_magnified(frames[:2], landmarks))))
    return cells


def _flow(reference: np.ndarray, moving: np.ndarray, landmarks: np.ndarray, method: Backend) -> np.ndarray:
    flow = method(reference, moving)
    try:
        return head_motion.remove(flow, landmarks)
    except MezooError:  # points on a line tell no head motion
        return flow


def _magnified(pair: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    try:
        apex = lagrangian(pair, 30.0, FACTOR, background="landmarks", landmarks=landmarks)[0][1]
    except MezooError:
        apex = lagrangian(pair, 30.0, FACTOR)[0][1]
    cell = np.full((CELL + 2 * LINE, CELL, 3), 255, np.uint8)
    factor = CELL / max(apex.shape)
    face = cv2.resize(apex, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)[:CELL, :CELL]
    left, top = (CELL - face.shape[1]) // 2, (CELL - face.shape[0]) // 2
    cell[top : top + face.shape[0], left : left + face.shape[1]] = cv2.merge([face] * 3)
    for line, words in enumerate((f"apex, motion × {FACTOR:g}", "the head is kept")):
        # begins at the left edge, as in the strip
        patch = lettering(fitting(words, 11, CELL), 11, "#22262b", "#ffffff")[:, 5:]
        paste(cell, patch, 0, CELL + line * LINE)
    return cell


def _encode(cell: np.ndarray) -> str:
    data = cv2.imencode(".webp", np.ascontiguousarray(cell[..., ::-1]), [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])[
        1
    ]
    return "data:image/webp;base64," + base64.b64encode(data.tobytes()).decode()
