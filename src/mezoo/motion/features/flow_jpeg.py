"""Flow in 8 bits and JPEG, as the tool denseflow stores it, to measure what published features lost by it.

AUW-GCN (Yin et al., ICME 2023) and others read such flow: with a bound of 10 px one grey level is 0.08 px, more
than most of a micro-expression moves from frame to frame, and no motion is not a grey level at all. Nothing in
this project reads the result but comparisons.
"""

from __future__ import annotations

import cv2
import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.features.directions import check_flow

#: Longest flow that AUW-GCN's preparation keeps, px; denseflow's own default is 32.
BOUND = 10.0
#: OpenCV's default.
QUALITY = 95


def flow_jpeg(flow: np.ndarray, *, bound: float = BOUND, quality: int = QUALITY) -> np.ndarray:
    """Grey levels of one flow field after 8-bit coding and JPEG; `from_levels` makes flow of them.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    bound : float
        Longer components are cut, px.
    quality : int
        Of the JPEG file, 0 to 100.

    Returns
    -------
    ndarray, uint8, shape (H, W, 2)
        Of dx and of dy.

    Raises
    ------
    ConfigError
        Another shape, bound not positive, or quality out of range.
    """
    if not 0 <= quality <= 100:
        raise ConfigError(f"JPEG quality {quality!r}", "0 to 100", "Correct the quality of flow_jpeg")
    levels = to_levels(flow, bound=bound)
    images = [np.ascontiguousarray(levels[..., k]) for k in range(2)]
    files = [cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for image in images]
    return np.stack([np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)) for data in files], axis=-1)


def to_levels(flow: np.ndarray, *, bound: float = BOUND) -> np.ndarray:
    """Grey levels round(255 (flow + bound) / (2 bound)), halves to even, cut to 0..255; uint8 (H, W, 2)."""
    check_flow(flow)
    if not bound > 0:
        raise ConfigError(f"bound {bound!r}", "more than 0 px", "Correct the bound of flow_jpeg")
    levels = np.rint((np.asarray(flow, np.float64) + bound) * (255 / (2 * bound)))
    return np.clip(levels, 0, 255).astype(np.uint8)


def from_levels(levels: np.ndarray, *, bound: float = BOUND) -> np.ndarray:
    """Flow in px that grey levels stand for, float32; level 127.5, which there is not, would be no motion."""
    return (levels * (2 * bound / 255) - bound).astype(np.float32)
