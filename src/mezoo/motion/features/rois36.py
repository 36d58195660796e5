"""The 36 regions of Liu et al. on a face: quadrilaterals between the 68 landmarks, from brows to jaw.

Liu, Zhang, Yan, Wang, Zhao, Fu, "A main directional mean optical-flow feature for spontaneous micro-expression
recognition", IEEE Trans. Affective Computing 7 (2016) 299-310, section 3.2, as its public ports draw them. There
the brows are raised by 20 px, whatever the size of the face; here by a tenth of its width.
"""

from __future__ import annotations

import cv2
import numpy as np

from mezoo.errors import ConfigError

N_ROIS = 36
#: How far the strip above the brows reaches, as a share of the distance between the ends of the jaw.
RAISED_SHARE = 0.10
_LEFT_JAW, _RIGHT_JAW = 0, 16

#: Points beside the landmarks: brow points raised into the forehead, and midpoints of two landmarks.
_RAISED = {"b0": 17, "b1": 19, "b2": 21, "b4": 22, "b5": 24, "b6": 26}
_MIDDLE = {
    "b7": (3, 29),
    "b8": (13, 29),
    "b9": (4, 33),
    "b10": (12, 33),
    "b13": (5, 59),
    "b14": (11, 55),
    "b15": (2, 41),
    "b16": (14, 46),
    "b18": (6, 58),
    "b19": (8, 57),
    "b20": (10, 56),
}
#: Corners of the regions in order; a number is a landmark, 0-based.
_CORNERS = """
17 b0 b1 19|19 b1 b2 21|21 b2 b3 27|27 b3 b4 22|22 b4 b5 24|24 b5 b6 26
1 0 17 36|36 17 19 38|38 19 21 39|39 21 27 28|28 27 22 42|42 22 24 43|43 24 26 45|45 26 16 15
3 2 b15 b7|b7 b15 41 39|b7 39 28 29|29 28 42 b8|b8 42 46 b16|b8 b16 14 13|b9 b7 29 33|33 29 b8 b10
b13 b9 33 59|55 33 b10 b14
b18 b13 59 58|b19 b18 58 57|b20 b19 57 56|b14 b20 56 55
4 3 b7 b9|b10 b8 13 12|5 4 b9 b13|b14 b10 12 11|6 5 b13 b18|8 6 b18 b19|10 8 b19 b20|11 10 b20 b14
"""
_REGIONS = [corners.split() for line in _CORNERS.split("\n") for corners in line.split("|") if corners]


def rois36(landmarks: np.ndarray, delta: float | None = None) -> np.ndarray:
    """Corners of the 36 regions.

    Parameters
    ----------
    landmarks : ndarray, shape (68, 2)
        (x, y) in px.
    delta : float, optional
        How far the brows are raised, px; `RAISED_SHARE` of the width of the face when absent.

    Returns
    -------
    ndarray, float64, shape (36, 4, 2)
        (x, y) in px. Regions 1-6 lie above the brows, 7-14 at the eyes, 15-22 on cheeks and nose, 23-24 beside
        and 25-28 below the mouth, 29-36 along the jaw.

    Raises
    ------
    ConfigError
        Another shape, or landmarks that are not finite.
    """
    points = np.asarray(landmarks, np.float64)
    if points.shape != (68, 2) or not np.isfinite(points).all():
        raise ConfigError(
            f"landmarks of shape {points.shape}", "68 finite points (x, y)", "Give those of one usable frame"
        )
    if delta is None:
        delta = RAISED_SHARE * float(np.linalg.norm(points[_RIGHT_JAW] - points[_LEFT_JAW]))
    named = {str(k): point for k, point in enumerate(points)}
    named |= {name: points[k] - [0, delta] for name, k in _RAISED.items()}
    named |= {name: (points[a] + points[b]) / 2 for name, (a, b) in _MIDDLE.items()}
    named["b3"] = (named["b2"] + named["b4"]) / 2
    return np.array([[named[corner] for corner in corners] for corners in _REGIONS])


def roi_masks(vertices: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels of regions, border included: neighbours share pixels.

    Parameters
    ----------
    vertices : ndarray, shape (n, 4, 2)
        (x, y) in px; fractions are cut off.
    shape : tuple of int
        (H, W); what lies outside is left out.

    Returns
    -------
    ndarray, bool, shape (n, H, W)
    """
    masks = np.zeros((len(vertices), *shape), np.uint8)
    for mask, corners in zip(masks, np.asarray(vertices).astype(np.int32), strict=True):
        cv2.fillPoly(mask, [corners], 1)
    return masks.astype(bool)
