"""Facial action units as smooth displacement fields anchored on landmarks (Facial Action Coding System, FACS).

Each action unit (AU) is a sum of Gaussian pushes.  A field is scaled so that the landmark the AU is known by moves by
exactly 1 px; an activation in pixels then multiplies it.  Sizes are given for a face 160 px wide and scale with it.
Sides are the subject's own, as FACS writes them: ``R`` lies on the left of the image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mezoo.demo.complexion import lip_line
from mezoo.demo.person import MIRROR

Field = NDArray[np.float32]


@dataclass(frozen=True)
class Push:
    """One Gaussian push, described on the image-left half of the face.

    `anchor` lists the landmarks whose mean is the centre; `shift`, `move` and `spread` are (outward, down) in pixels of
    a 160 px face.  `lip` keeps the push to the upper or the lower side of the line between the lips.
    """

    anchor: tuple[int, ...]
    move: tuple[float, float]
    spread: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)
    lip: str = ""
    central: bool = False


# The first push of an AU holds the landmark the AU is known by.
AUS: dict[int, tuple[Push, ...]] = {
    1: (Push((21,), (0.0, -1.0), (15, 17)), Push((20,), (0.0, -0.45), (13, 16))),
    2: (Push((18,), (0.0, -1.0), (15, 16)), Push((17,), (0.1, -0.4), (13, 15))),
    4: (Push((21,), (-0.4, 0.9), (15, 15)), Push((19, 20), (-0.2, 0.45), (16, 15))),
    5: (Push((37, 38), (0.0, -1.0), (12, 6)),),
    6: (Push((41, 48), (0.15, -1.0), (18, 14)), Push((40, 41), (0.0, -0.35), (12, 6))),
    7: (Push((40, 41), (0.0, -1.0), (12, 6)), Push((37, 38), (0.0, 0.4), (12, 6))),
    9: (
        Push((31,), (0.1, -1.0), (11, 13)),
        Push((27, 39), (0.0, -0.4), (9, 12)),
        Push((21,), (-0.1, 0.45), (14, 13)),
    ),
    10: (Push((50,), (0.0, -1.0), (12, 13), lip="upper"), Push((31,), (0.2, -0.3), (10, 10))),
    12: (Push((48,), (0.8, -0.75), (16, 15)), Push((31, 48), (0.25, -0.3), (16, 16), shift=(8, 0))),
    14: (Push((48,), (0.9, -0.15), (12, 11)), Push((48,), (-0.35, 0.0), (9, 14), shift=(18, 0))),
    15: (Push((48,), (0.15, 1.0), (15, 14)),),
    17: (
        Push((8, 57), (0.0, -1.0), (18, 13), central=True),
        Push((57,), (0.0, -0.3), (20, 10), central=True),
    ),
    20: (Push((48,), (1.0, 0.15), (16, 13)),),
    25: (
        Push((57,), (0.0, 1.0), (17, 14), lip="lower", central=True),
        Push((51,), (0.0, -0.3), (17, 12), lip="upper", central=True),
    ),
    26: (
        Push((57,), (0.0, 0.8), (24, 20), lip="lower", central=True),
        Push((8,), (0.0, 0.9), (36, 22), lip="lower", central=True),
    ),
}


def support(landmarks: NDArray[np.float32], shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom), exclusive right and bottom: the part of the frame that any AU can move."""
    unit = face_unit(landmarks)
    left, top = (int(v) for v in landmarks.min(axis=0) - np.array((26, 34)) * unit)
    right, bottom = (int(v) for v in landmarks.max(axis=0) + np.array((26, 44)) * unit)
    return max(left, 0), max(top, 0), min(right, shape[1]), min(bottom, shape[0])


def face_unit(landmarks: NDArray[np.float32]) -> float:
    """Return the size of the face relative to one 160 px wide."""
    return float(np.linalg.norm(landmarks[16] - landmarks[0])) / 160


def au_field(
    name: str, landmarks: NDArray[np.float32], box: tuple[int, int, int, int], shape: tuple[int, int]
) -> NDArray[np.float16]:
    """Build the displacement field of one action unit.

    Parameters
    ----------
    name : str
        AU number with an optional side: ``12`` (both sides), ``L12``, ``R12``.
    landmarks : ndarray, float32, shape (68, 2)
        Rest landmarks, (x, y) in frame pixels.
    box : tuple of int
        From `support`.
    shape : tuple of int
        (H, W) of the frame.

    Returns
    -------
    ndarray, float16, shape (bottom - top, right - left, 2)
        (dx right, dy down) by which each point of the resting face moves at activation 1 px.
    """
    side, number = (name[0], int(name[1:])) if name[0] in "LR" else ("", int(name))
    left, top, right, bottom = box
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    field = np.zeros((*x.shape, 2), np.float32)
    for push in AUS[number]:
        for half in (1,) if push.central else (-1, 1):
            if push.central or side in ("", "R" if half < 0 else "L"):
                field += _push(push, landmarks, x, y, half)
    field *= _window(box, shape, landmarks)[..., None]
    point = anchor(name, landmarks)
    peak = field[int(round(point[1])) - top, int(round(point[0])) - left]
    return (field / np.linalg.norm(peak)).astype(np.float16)


def anchor(name: str, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the point (x, y) whose movement an AU's activation measures (image left, unless ``L``)."""
    points = list(AUS[int(name.lstrip("LR"))][0].anchor)
    return landmarks[MIRROR[points] if name[0] == "L" else points].mean(axis=0)


def _push(push: Push, landmarks: NDArray[np.float32], x: Field, y: Field, half: int) -> Field:
    """Return one push on one half of the face (half -1: image left, 1: image right), shape (h, w, 2)."""
    unit = face_unit(landmarks)
    points = list(push.anchor)
    centre = landmarks[MIRROR[points] if half > 0 and not push.central else points].mean(axis=0)
    centre = centre + np.array((push.shift[0] * half, push.shift[1])) * unit
    along = ((x - centre[0]) / (push.spread[0] * unit)) ** 2 + (
        (y - centre[1]) / (push.spread[1] * unit)
    ) ** 2
    weight = np.exp(-along / 2)
    if push.lip:
        below = _below_lips(landmarks, x, y)
        weight *= below if push.lip == "lower" else 1 - below
    move = (0.0 if push.central else push.move[0] * half, push.move[1])
    return np.stack([weight * move[0], weight * move[1]], axis=-1).astype(np.float32)


def _below_lips(landmarks: NDArray[np.float32], x: Field, y: Field) -> Field:
    """Return 0 above the line between the lips and 1 below it; sharp between the lips, ever softer beside the mouth."""
    unit = face_unit(landmarks)
    level = lip_line(landmarks, x[0])
    centre, reach = landmarks[[48, 54], 0].mean(), np.ptp(landmarks[[48, 54], 0]) / 2
    beside = np.maximum(np.abs(x[0] - centre) - 0.7 * reach, 0)
    step = np.clip((y - level) / (2.4 * unit + 1.6 * beside) + 0.5, 0, 1)
    return step * step * (3 - 2 * step)


def _window(box: tuple[int, int, int, int], shape: tuple[int, int], landmarks: NDArray[np.float32]) -> Field:
    """Fade to zero towards the sides of the box that lie inside the frame, so that no field ends in a step."""
    margin = 12 * face_unit(landmarks)

    def fade(low: int, high: int, length: int) -> Field:
        place = np.arange(low, high)
        near = place - low if low > 0 else np.full(high - low, margin)
        far = high - 1 - place if high < length else np.full(high - low, margin)
        inside = np.clip(np.minimum(near, far) / margin, 0, 1)
        return (0.5 - 0.5 * np.cos(np.pi * inside)).astype(np.float32)

    left, top, right, bottom = box
    return fade(top, bottom, shape[0])[:, None] * fade(left, right, shape[1])


def blink_field(landmarks: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float16]:
    """Build the field of a full blink: the upper lids come down onto the lower ones.

    Parameters
    ----------
    landmarks, box
        As for `au_field`.

    Returns
    -------
    ndarray, float16, shape (bottom - top, right - left)
        Downward displacement in pixels at full closure.  It grows over the skin between brow and lid and falls over
        the eye, so that every column stays in order (the slope of ``y + field`` is positive everywhere).
    """
    left, top, right, bottom = box
    unit = face_unit(landmarks)
    columns = np.arange(left, right, dtype=np.float64)
    rows = np.arange(top, bottom, dtype=np.float64)[:, None]
    total = np.zeros((bottom - top, right - left))
    for eye in (landmarks[36:42], landmarks[42:48]):
        upper, lower = _lid(eye[[0, 1, 2, 3]], columns), _lid(eye[[0, 5, 4, 3]], columns)
        gap = np.maximum(lower - upper, 0) * ((columns > eye[0, 0]) & (columns < eye[3, 0]))
        travel = 0.86 * gap
        skin = np.clip((rows - (upper - 13 * unit)) / (13 * unit), 0, 1)
        eyeball = np.clip((lower + 0.6 * unit - rows) / (gap + 0.6 * unit), 0, 1)
        total += travel * np.where(rows < upper, skin**2 * (3 - 2 * skin), eyeball)
    return total.astype(np.float16)


def _lid(points: NDArray[np.float32], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of a lid in each column: the cubic through its four landmarks."""
    start, span = points[0, 0], points[3, 0] - points[0, 0]
    curve = np.polynomial.Polynomial.fit(
        (points[:, 0] - start) / span, points[:, 1], 3, domain=[0, 1], window=[0, 1]
    )
    return curve(np.clip((columns - start) / span, 0, 1))
