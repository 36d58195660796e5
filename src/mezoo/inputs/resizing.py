"""Fields at another size: pixels are averaged where they become fewer, interpolated where they become more."""

from __future__ import annotations

import numpy as np


def resize(fields: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize each of several fields.

    Parameters
    ----------
    fields : ndarray, float32, shape (C, H, W)
    height, width : int
        In px.

    Returns
    -------
    ndarray, float32, shape (C, height, width)
        The numbers keep their unit.
    """
    import cv2

    coarser = height <= fields.shape[1] and width <= fields.shape[2]
    method = cv2.INTER_AREA if coarser else cv2.INTER_LINEAR  # area repeats pixels when it enlarges
    # one by one: not every method takes more than four channels
    return np.stack([cv2.resize(field, (width, height), interpolation=method) for field in fields])
