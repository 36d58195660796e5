"""Flow as a colour image, the input of SLSTT: direction is the hue, magnitude the brightness.

Zhang, Hong, Arandjelovic, Zhao, "Short and long range relation based spatio-temporal transformer for
micro-expression recognition", IEEE Trans. Affective Computing 13 (2022) 1973-1985, official code. There every
frame is stretched to the full range of brightness, so that magnitude is lost (``value="frame"``); here a fixed
number of pixels is full brightness, and the growth of the motion towards the apex stays visible.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.features.directions import check_flow

Value = Literal["fixed", "frame"]
#: Longer flow is shown as this long, px: several times what a micro-expression moves; 1/51 px per grey level.
FULL_SCALE = 5.0


def flow_hsv(flow: np.ndarray, *, value: Value = "fixed", full_scale: float = FULL_SCALE) -> np.ndarray:
    """Colour image of one flow field.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    value : {'fixed', 'frame'}
        ``fixed``: magnitude `full_scale` and above is full brightness. ``frame``: the least magnitude of the
        frame is black, the largest full brightness, as in the official code.
    full_scale : float
        In px; not read for ``frame``.

    Returns
    -------
    ndarray, uint8, shape (H, W, 3)
        Red, green, blue. OpenCV writes images the other way round: reverse the last axis for it.

    Raises
    ------
    ConfigError
        Another shape, unknown value, or full scale not positive.
    """
    return cv2.cvtColor(hsv(flow, value=value, full_scale=full_scale), cv2.COLOR_HSV2RGB)


def hsv(flow: np.ndarray, *, value: Value = "fixed", full_scale: float = FULL_SCALE) -> np.ndarray:
    """Hue (degrees / 2, 0..179), saturation (255) and value of `flow_hsv`, uint8 (H, W, 3)."""
    check_flow(flow)
    if value not in ("fixed", "frame") or not full_scale > 0:
        raise ConfigError(
            f"value {value!r} with a full scale of {full_scale!r} px",
            "'fixed' or 'frame', and more than 0 px",
            "Correct the options of flow_hsv",
        )
    x, y = (np.ascontiguousarray(flow[..., k], np.float32) for k in range(2))
    magnitude, angle = cv2.cartToPolar(x, y)  # OpenCV's arctangent and truncation, for equal bytes
    if value == "frame":
        brightness = cv2.normalize(magnitude, np.empty_like(magnitude), 0, 255, cv2.NORM_MINMAX).astype(
            np.uint8
        )
    else:
        brightness = np.rint(np.minimum(magnitude * (255 / full_scale), 255)).astype(np.uint8)
    # truncated as in the official code; an angle just below 2 pi may round to 180, which is no hue
    hue = np.minimum(angle * 180 / np.pi / 2, 179).astype(np.uint8)
    return np.stack([hue, np.full_like(hue, 255), brightness], axis=-1)
