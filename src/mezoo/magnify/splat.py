"""Forward warping: carry values along a displacement field to the pixels where they arrive.

`softmax`: every pixel spreads its value over the four pixels around its target, nearer ones weighing more and where
several arrive the one with the largest importance prevailing (Niklaus, Liu, "Softmax splatting for video frame
interpolation", CVPR 2020, section 3). `mesh`: the pixel grid as two triangles per cell, drawn at their new places,
the most important one on top.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Sharpness of the softmax per unit of importance.
_SHARPNESS = 2.0


def softmax(
    values: np.ndarray, displacement: np.ndarray, importance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Softmax splatting.

    Parameters
    ----------
    values : ndarray, float32, shape (H, W, 2)
        What is carried.
    displacement : ndarray, float32, shape (H, W, 2)
        (dx, dy) in px: where to.
    importance : ndarray, float32, shape (H, W)
        Larger values are in front.

    Returns
    -------
    carried : ndarray, float32, shape (H, W, 2)
        0 in holes.
    filled : ndarray, bool, shape (H, W)
        False in holes, where nothing arrives.
    """
    weight = np.exp(_SHARPNESS * (importance - importance.max())).astype(np.float32)
    carried, total = _spread(values, displacement, weight)
    filled = total > 0
    return np.divide(carried, total[..., None], out=carried, where=filled[..., None]), filled


def mesh(
    values: np.ndarray, displacement: np.ndarray, importance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mesh splatting; arguments and results as `softmax`. Holes are only outside of the moved grid."""
    return _draw(values, displacement, importance.astype(np.float32))


@njit(cache=True)
def _spread(values, displacement, weight):
    height, width, n = values.shape
    out = np.zeros(values.shape, np.float32)
    total = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            to_x, to_y = x + displacement[y, x, 0], y + displacement[y, x, 1]
            left, top = int(np.floor(to_x)), int(np.floor(to_y))
            for v in range(top, top + 2):
                for u in range(left, left + 2):
                    share = (1 - abs(to_x - u)) * (1 - abs(to_y - v)) * weight[y, x]
                    if 0 <= u < width and 0 <= v < height and share > 0:
                        total[v, u] += share
                        for k in range(n):
                            out[v, u, k] += share * values[y, x, k]
    return out, total


@njit(cache=True)
def _draw(values, displacement, importance):
    height, width, n = values.shape
    out = np.zeros(values.shape, np.float32)
    front = np.full((height, width), -np.inf, np.float32)
    corner_x, corner_y = np.empty(3), np.empty(3)
    for y in range(height - 1):
        for x in range(width - 1):
            for half in range(2):
                # corners of the triangle: (half, half) and the two off the diagonal of the cell
                rows, columns = (y + half, y, y + 1), (x + half, x + 1, x)
                for k in range(3):
                    corner_x[k] = columns[k] + displacement[rows[k], columns[k], 0]
                    corner_y[k] = rows[k] + displacement[rows[k], columns[k], 1]
                ax, ay = corner_x[1] - corner_x[0], corner_y[1] - corner_y[0]
                bx, by = corner_x[2] - corner_x[0], corner_y[2] - corner_y[0]
                area = ax * by - ay * bx
                if area == 0:
                    continue
                for v in range(max(0, int(np.ceil(corner_y.min()))), min(height, int(corner_y.max()) + 1)):
                    for u in range(max(0, int(np.ceil(corner_x.min()))), min(width, int(corner_x.max()) + 1)):
                        px, py = u - corner_x[0], v - corner_y[0]
                        s, t = (px * by - py * bx) / area, (ax * py - ay * px) / area
                        if s < -1e-6 or t < -1e-6 or s + t > 1 + 1e-6:
                            continue
                        r = 1 - s - t
                        depth = (
                            r * importance[rows[0], columns[0]]
                            + s * importance[rows[1], columns[1]]
                            + t * importance[rows[2], columns[2]]
                        )
                        if depth > front[v, u]:
                            front[v, u] = depth
                            for k in range(n):
                                out[v, u, k] = (
                                    r * values[rows[0], columns[0], k]
                                    + s * values[rows[1], columns[1], k]
                                    + t * values[rows[2], columns[2], k]
                                )
    return out, front > -np.inf
