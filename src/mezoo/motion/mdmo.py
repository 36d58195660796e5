"""MDMO, main directional mean optical flow, in the variant of AUW-GCN: two numbers per region and frame pair.

The feature follows Liu et al., "A main directional mean optical flow feature for spontaneous micro-expression
recognition", IEEE Trans. Affective Computing 7 (2016) 299-310, as changed by Yin et al. (AUW-GCN, ICME 2023,
official code): 12 square regions, head motion taken from the nose and subtracted, four direction bins of
unequal width, only the largest vectors of the main direction.

Deviations from the official code: flow in px as floating point (there 8-bit JPEG in units of 20 px), regions
cut at the image border, and flow t is read at the landmarks of frame t, where it is defined (there t + 1).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mezoo.errors import ConfigError, DataError
from mezoo.motion.rois import frame_boxes

#: Bounds of the direction bins in degrees (x right, y down); what lies outside of them is the last bin.
ROI_BINS = np.array([30, 150, 210, 330], np.float32)
NOSE_BINS = np.array([45, 135, 225, 315], np.float32)
#: Share of the vectors of the main direction that is kept, largest first.
ROI_KEEP = 0.60
NOSE_KEEP = 0.88
_TINY = 1e-6


def main_direction(vectors: np.ndarray, *, bins: np.ndarray, keep: float) -> np.ndarray:
    """Mean magnitude along the summed direction of the largest vectors of the most populated bin.

    Parameters
    ----------
    vectors : ndarray, float32, shape (n, 2)
        (dx, dy).
    bins : ndarray, float32, shape (4,)
        Bounds in degrees. The first of equally populated bins counts.
    keep : float
        Share of the vectors of that bin that is kept; rounded down.

    Returns
    -------
    ndarray, float32, shape (2,)
        (dx, dy); zero when no vector is kept.
    """
    x, y = np.ascontiguousarray(vectors[:, 0]), np.ascontiguousarray(vectors[:, 1])
    # OpenCV's arctangent, not numpy's: quantised flow lies on the bounds of bins, where the last bit counts.
    angle = cv2.cartToPolar(x, y, angleInDegrees=True)[1].ravel()
    bin_of = (np.searchsorted(bins, angle, side="right") - 1) % bins.size
    members = vectors[bin_of == np.bincount(bin_of, minlength=bins.size).argmax()]
    magnitude = np.sqrt(members[:, 0] ** 2 + members[:, 1] ** 2)
    n_kept = int(keep * len(members))
    if n_kept == 0:
        return np.zeros(2, np.float32)
    kept = np.argsort(magnitude, kind="stable")[-n_kept:]
    total = members[kept].sum(axis=0)
    return (total / (np.linalg.norm(total) + _TINY) * magnitude[kept].mean()).astype(np.float32)


def mdmo_of_regions(nose: np.ndarray, regions: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """MDMO from the flow of the nose rectangle and of the regions.

    Parameters
    ----------
    nose : ndarray, float32, shape (h, w, 2)
    regions : sequence of ndarray, float32, shape (h, w, 2)
        Flow in px, not empty.

    Returns
    -------
    features : ndarray, float32, shape (len(regions), 2)
    global_vector : ndarray, float32, shape (2,)
        Motion of the head, already subtracted from the features.
    """
    head = main_direction(nose.reshape(-1, 2), bins=NOSE_BINS, keep=NOSE_KEEP)
    features = [main_direction(r.reshape(-1, 2) - head, bins=ROI_BINS, keep=ROI_KEEP) for r in regions]
    return np.stack(features), head


def mdmo(flow: np.ndarray, landmarks: np.ndarray, *, radius: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """MDMO features of one frame pair.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    landmarks : ndarray, shape (68, 2)
        (x, y) in px of the frame at whose pixels the flow is defined.
    radius : int
        Half width of the regions in px; a region is 2 radius + 1 px wide.

    Returns
    -------
    features : ndarray, float32, shape (12, 2)
        (dx, dy) in px per frame pair, in the order of `rois.ROI_LANDMARKS`.
    global_vector : ndarray, float32, shape (2,)
        Motion of the head that was subtracted.

    Raises
    ------
    ConfigError
        Shapes do not fit.
    DataError
        The landmarks cannot be a face, or a region lies outside of the image.
    """
    if flow.ndim != 3 or flow.shape[2] != 2 or np.shape(landmarks) != (68, 2):
        raise ConfigError(
            f"flow of shape {flow.shape} and landmarks of shape {np.shape(landmarks)}",
            "flow (H, W, 2) and landmarks (68, 2)",
            "Give one flow field and the landmarks of its first frame",
        )
    nose, rois, usable = frame_boxes(landmarks, radius=radius, shape=(flow.shape[0], flow.shape[1]))
    if not usable:
        raise DataError(
            "landmarks that are no upright face inside the image",
            "inner eye corners and mouth corners from left to right, the nose below the eyes",
            "Leave the frame out",
        )
    origin = np.zeros(2, np.int64)
    return mdmo_of_regions(cut(flow, nose, origin), [cut(flow, box, origin) for box in rois])


def cut(flow: np.ndarray, box: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Cut a box (left, top, right, bottom) out of flow whose top left pixel is at `origin` (x, y)."""
    left, top, right, bottom = box.tolist()
    x, y = origin.tolist()
    return flow[top - y : bottom - y, left - x : right - x].astype(np.float32, copy=False)
