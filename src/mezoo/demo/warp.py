"""Composition and inversion of the movements of a synthetic face.

A point p of the resting face goes through three maps: blink, expression, head pose::

    p1 = p  + closure * blink(p)          (vertical only)
    p2 = p1 + sum_k activation_k * basis_k(p1)
    x  such that  x + weight(x) * pose(x) = p2

The pose is given backwards (frame to face) because that is what rendering needs; its inverse is a fixed point.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def sample(field: Field, points: Field, origin: tuple[int, int]) -> Field:
    """Sample a field at points by bilinear interpolation; outside, the nearest border value counts.

    Parameters
    ----------
    field : ndarray, float32, shape (h, w) or (h, w, C)
        Values on a pixel grid whose first pixel lies at `origin` (x, y) of the frame.
    points : ndarray, float32, shape (H, W, 2)
        (x, y) in frame pixels.
    origin : tuple of int
        See `field`.
    """
    return look_up(field, points[..., 0] - np.float32(origin[0]), points[..., 1] - np.float32(origin[1]))


def look_up(field: Field, x: Field, y: Field) -> Field:
    """Sample a field at (x, y) of its own pixel grid, two planes of shape (H, W); as `sample`, without copies."""
    found = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def invert(field: Field, levels: int) -> Field:
    """Invert ``x = p + a * field(p)`` for a = 0, 1/levels, ... 1 on the field's own grid.

    Newton's method with the vertical slope only: parting lips stretch strongly, but just up and down.  Each level
    starts from the one before; steps of about half a pixel converge everywhere to better than 0.05 px.

    Parameters
    ----------
    field : ndarray, float32, shape (h, w, 2)
        Forward displacement (dx, dy), px; the slope of ``y + dy`` must be positive.
    levels : int
        Number of steps.

    Returns
    -------
    ndarray, float32, shape (levels + 1, h, w, 2)
        Backward displacements b with ``p = x + b(x)``, px.
    """
    height, width = field.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    grid = np.stack([x, y], axis=-1)
    packed = np.concatenate([field, np.gradient(field[..., 1], axis=0)[..., None]], axis=-1)
    found = np.zeros((levels + 1, height, width, 2), np.float32)
    for level in range(1, levels + 1):
        amount, back = level / levels, found[level]
        back[:] = found[level - 1]
        for _ in range(5):
            there = amount * sample(packed, grid + back, (0, 0))
            back[..., 0] = -there[..., 0]
            back[..., 1] -= (back[..., 1] + there[..., 1]) / np.maximum(1 + there[..., 2], 0.3)
    return found


def invert_columns(drop: Field) -> Field:
    """Invert a purely vertical, order-preserving displacement ``y + drop``; float32, shape (h, w), both ways."""
    rows = np.arange(drop.shape[0], dtype=np.float64)
    back = np.zeros_like(drop, np.float32)
    for column in np.flatnonzero(drop.any(axis=0)):
        back[:, column] = np.interp(rows, rows + drop[:, column], rows) - rows
    return back


def pose_basis(weight: Field, centre: tuple[float, float]) -> Field:
    """Return the five planes from which the pose map is mixed, float32, shape (5, H * W).

    Planes: x, y, weight * (x - cx), weight * (y - cy), weight.
    """
    height, width = weight.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    planes = [x, y, weight * (x - centre[0]), weight * (y - centre[1]), weight]
    return np.stack([plane.ravel() for plane in planes]).astype(np.float32)


def pose_map(basis: Field, pose: NDArray[np.float64], shape: tuple[int, int]) -> Field:
    """Map frame pixels to the unposed face.

    Parameters
    ----------
    basis : ndarray
        From `pose_basis`.
    pose : ndarray, shape (4,)
        (grow, turn, x, y): relative size, clockwise angle in rad, translation in px of the head.
    shape : tuple of int
        (H, W).

    Returns
    -------
    ndarray, float32, shape (2, H, W)
        Where each frame pixel comes from: x plane, y plane.
    """
    grow, turn, x, y = pose
    mix = np.array([[1, 0, -grow, turn, -x], [0, 1, -turn, -grow, -y]], np.float32)
    return (mix @ basis).reshape(2, *shape)


def pose_weight(shape: tuple[int, int]) -> NDArray[np.float16]:
    """Return how far each pixel follows the head, shape (H, W): 1 on head and body, 0 at the left, right and top."""
    height, width = shape

    def fade(length: int) -> NDArray[np.float64]:
        return 0.5 - 0.5 * np.cos(np.pi * np.clip(np.arange(length) / (0.16 * length), 0, 1))

    across = fade(width) * fade(width)[::-1]
    return (fade(height)[:, None] * across).astype(np.float16)
