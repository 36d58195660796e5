"""One crop per video: the face box of the first frame, enlarged, cuts every frame.

AUW-GCN (Yin et al., ICME 2023; official ``new_crop.py``) cuts every frame by the first frame's tight box,
on which faces are then often not found again; hence the margin. A fixed box keeps the camera's geometry,
so that motion inside the crop is motion in the video.
"""

from __future__ import annotations

import cv2
import numpy as np


def enlarge_box(box: np.ndarray, *, margin: float, shape: tuple[int, int]) -> np.ndarray:
    """Enlarge a face box on every side and clip it to the frame.

    Parameters
    ----------
    box : ndarray, float, shape (4,)
        (left, top, right, bottom) in pixels.
    margin : float
        Share of the box's width (height) added on the left and right (top and bottom).
    shape : tuple of int
        (H, W) of the frame.

    Returns
    -------
    ndarray, int32, shape (4,)
        (left, top, right, bottom), right and bottom exclusive.
    """
    left, top, right, bottom = box
    dx, dy = margin * (right - left), margin * (bottom - top)
    height, width = shape
    outer = np.rint([left - dx, top - dy, right + dx, bottom + dy])
    return np.clip(outer, 0, [width, height, width, height]).astype(np.int32)


def crop_frame(frame: np.ndarray, box: np.ndarray, *, size: int | None = None) -> np.ndarray:
    """Cut a box out of a frame and, when `size` is given, scale it to that width.

    Parameters
    ----------
    frame : ndarray, uint8, shape (H, W)
    box : ndarray, int, shape (4,)
        (left, top, right, bottom), right and bottom exclusive, inside the frame.
    size : int, optional
        Width of the crop in pixels; the height follows in proportion. Native resolution when absent.

    Returns
    -------
    ndarray, uint8, shape (h, w)
    """
    left, top, right, bottom = (int(v) for v in box)
    crop = frame[top:bottom, left:right]
    if size is None or size == right - left:
        return np.ascontiguousarray(crop)
    height = max(1, round((bottom - top) * size / (right - left)))
    way = cv2.INTER_AREA if size < right - left else cv2.INTER_LINEAR
    return cv2.resize(crop, (size, height), interpolation=way)
