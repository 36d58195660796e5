"""Flow warping: both neighbours are warped to the new time along their optical flow, then blended.

Jiang et al., "Super SloMo", CVPR 2018, eq. 1 and 4, without its networks: the flows from the new time t to the
two frames are combined from the flows between them, which holds while the flow of a pixel and of the place it
moves to are alike. No occlusion is reasoned about; neighbouring frames of a face hide next to nothing.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.interpolate.clips import to_grey_levels
from mezoo.motion import Backend, get_backend


def render_flow_warp(
    frames: NDArray[np.uint8], positions: NDArray[np.float64], *, backend: str, flow: dict[str, Any]
) -> NDArray[np.uint8]:
    """Frames at `positions`; the flow of a pair of neighbours is computed once.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W[, 3])
        Each side at least 16 px; the flow is taken from the grey levels of RGB frames.
    positions : ndarray, float64, shape (L,)
        In frames, from 0 to T - 1.
    backend : str
        Name of a flow method.
    flow : dict
        Its parameters.

    Returns
    -------
    ndarray, uint8, shape (L, H, W[, 3])
    """
    method = get_backend(backend, **flow)
    method.restart()
    out = np.empty((len(positions), *frames.shape[1:]), np.uint8)
    known: tuple[int, np.ndarray, np.ndarray] | None = None
    for k in np.argsort(positions, kind="stable"):
        left = int(positions[k])
        t = positions[k] - left
        if t == 0:
            out[k] = frames[left]
            continue
        if known is None or known[0] != left:
            known = (left, *_both_ways(frames[left], frames[left + 1], method))
        out[k] = _at(frames[left], frames[left + 1], *known[1:], t)
    return out


def _both_ways(a: np.ndarray, b: np.ndarray, method: Backend) -> tuple[np.ndarray, np.ndarray]:
    grey_a, grey_b = (cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) if f.ndim == 3 else f for f in (a, b))
    forward = method(grey_a, grey_b)
    method.restart()  # the way back is not the next pair of a video
    return forward, method(grey_b, grey_a)


def _at(a: np.ndarray, b: np.ndarray, forward: np.ndarray, back: np.ndarray, t: float) -> np.ndarray:
    to_a = -(1 - t) * t * forward + t * t * back
    to_b = (1 - t) ** 2 * forward - t * (1 - t) * back
    return to_grey_levels((1 - t) * _warp(a, to_a) + t * _warp(b, to_b))


def _warp(image: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Look up `image` at x + flow(x); cubic, because linear look-ups at half pixels blur twice."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    places = (x + flow[..., 0]).astype(np.float32), (y + flow[..., 1]).astype(np.float32)
    return cv2.remap(image.astype(np.float32), *places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
