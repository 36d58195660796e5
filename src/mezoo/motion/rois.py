"""Regions of AUW-GCN on a face: 12 square windows and the rectangle on the nose that tells head motion.

Yin et al., "AU-aware graph convolutional network for macro- and micro-expression spotting", ICME 2023, and
its official code: window centres at brows, nose and mouth, nose rectangle around landmarks 29 and 30 whose
size follows the distance between the inner eye corners.

Deviations from the official code: regions are cut at the image border (there an index runs over it), the
radius may follow the size of the face, and landmarks that cannot be a face are reported instead of giving an
empty region.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from mezoo.errors import ConfigError

#: Centres of the 12 regions, 0-based points of the 68: left brow, right brow (as seen in the image), nose
#: (bridge, tip), mouth (left corner, upper lip, right corner, lower lip). Their order is that of the graph.
ROI_LANDMARKS = (18, 19, 20, 23, 24, 25, 28, 30, 48, 51, 54, 57)
NOSE_LANDMARKS = (29, 30)
#: Half the distance between the inner eye corners, times this, is the margin around the nose landmarks.
NOSE_SHARE = 0.35

_LEFT_EYE, _RIGHT_EYE = slice(36, 42), slice(42, 48)
_LEFT_INNER, _RIGHT_INNER, _NOSE_TIP, _LEFT_MOUTH, _RIGHT_MOUTH = 39, 42, 30, 48, 54

RadiusUnit = Literal["px", "interocular"]


def plausible(landmarks: np.ndarray) -> np.ndarray:
    """Tell which frames have landmarks that can be an upright face.

    Parameters
    ----------
    landmarks : ndarray, shape (..., 68, 2)
        (x, y) in px.

    Returns
    -------
    ndarray, bool, shape (...)
        False where a value is not finite, the inner eye corners or the mouth corners are exchanged, or the
        nose tip is not below the inner eye corners.
    """
    x, y = landmarks[..., 0], landmarks[..., 1]
    with np.errstate(invalid="ignore"):
        eyes = x[..., _LEFT_INNER] < x[..., _RIGHT_INNER]
        mouth = x[..., _LEFT_MOUTH] < x[..., _RIGHT_MOUTH]
        nose = 2 * y[..., _NOSE_TIP] > y[..., _LEFT_INNER] + y[..., _RIGHT_INNER]
    return np.asarray(np.isfinite(landmarks).all(axis=(-1, -2)) & eyes & mouth & nose)


def interocular(landmarks: np.ndarray) -> np.ndarray:
    """Distance between the centres of the eyes in px, shape (...) for landmarks of shape (..., 68, 2)."""
    eyes = landmarks[..., _RIGHT_EYE, :].mean(axis=-2) - landmarks[..., _LEFT_EYE, :].mean(axis=-2)
    return np.hypot(eyes[..., 0], eyes[..., 1])


def radius_px(radius: float, unit: RadiusUnit, *, eye_distance: float) -> int:
    """Half width of the ROI windows in whole px, at least 1; a window is 2 r + 1 px wide.

    Parameters
    ----------
    radius : float
        In px, or as a share of `eye_distance`.
    unit : {'px', 'interocular'}
    eye_distance : float
        Distance between the eye centres of this video in px.

    Raises
    ------
    ConfigError
        Radius not positive or unit unknown.
    """
    if unit not in ("px", "interocular") or not radius > 0:
        raise ConfigError(
            f"ROI radius {radius!r} in {unit!r}",
            "a positive number in 'px' or 'interocular'",
            "Correct mdmo.radius and mdmo.radius_unit",
        )
    return max(1, round(radius if unit == "px" else radius * eye_distance))


def frame_boxes(
    landmarks: np.ndarray, *, radius: int, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes of the nose rectangle and of the 12 regions, cut at the image border.

    The nose rectangle is the bounding box of `NOSE_LANDMARKS`, widened on all sides by `NOSE_SHARE` times
    half the distance between the inner eye corners. Landmarks are rounded to whole px first, as there.

    Parameters
    ----------
    landmarks : ndarray, shape (..., 68, 2)
        (x, y) in px.
    radius : int
        Half width of the regions in px.
    shape : tuple of int
        (height, width) of the image.

    Returns
    -------
    nose : ndarray, int64, shape (..., 4)
        (left, top, right, bottom), right and bottom exclusive.
    rois : ndarray, int64, shape (..., 12, 4)
    usable : ndarray, bool, shape (...)
        False where the landmarks are not `plausible` or a box has no pixel; boxes are all zero there.
    """
    good = plausible(landmarks)
    points = np.rint(np.where(good[..., None, None], landmarks, 0)).astype(np.int64)
    half = (points[..., _RIGHT_INNER, 0] - points[..., _LEFT_INNER, 0]) / 2
    margin = (NOSE_SHARE * half).astype(np.int64)[..., None]
    nose, centres = points[..., NOSE_LANDMARKS, :], points[..., ROI_LANDMARKS, :]
    nose_box = _cut(nose.min(axis=-2) - margin, nose.max(axis=-2) + margin + 1, shape)
    boxes = _cut(centres - radius, centres + radius + 1, shape)
    usable = np.asarray(good & _has_area(nose_box) & _has_area(boxes).all(axis=-1))
    return nose_box * usable[..., None], boxes * usable[..., None, None], usable


def _cut(low: np.ndarray, high: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    size = np.array(shape[::-1])
    return np.concatenate([np.clip(low, 0, size), np.clip(high, 0, size)], axis=-1)


def _has_area(boxes: np.ndarray) -> np.ndarray:
    return np.asarray((boxes[..., 2:] > boxes[..., :2]).all(axis=-1))


def window_origins(boxes: np.ndarray, *, window: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Top left corners of windows of one size that cover the boxes and lie inside the image.

    Parameters
    ----------
    boxes : ndarray, int, shape (..., 4)
        (left, top, right, bottom), each at most as large as the window.
    window, shape : tuple of int
        (height, width) of the windows and of the image; the windows fit into the image.

    Returns
    -------
    ndarray, int64, shape (..., 2)
        (x, y).
    """
    size = np.array(window[::-1])
    spare = size - (boxes[..., 2:] - boxes[..., :2])
    return np.clip(boxes[..., :2] - spare // 2, 0, np.array(shape[::-1]) - size)
