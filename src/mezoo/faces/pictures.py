"""A picture as each back-end wants it: dlib reads grey levels, RetinaFace and SAN read colours."""

from __future__ import annotations

import cv2
import numpy as np


def as_grey(picture: np.ndarray) -> np.ndarray:
    """Grey levels, uint8 (H, W), of a grey or RGB picture."""
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def as_rgb(picture: np.ndarray) -> np.ndarray:
    """Red, green and blue, uint8 (H, W, 3), of a grey or RGB picture; equal for a grey one."""
    return picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
