"""Motion of the head: an affine map fitted at points that expressions leave in place, and its removal.

After the alignment in the flow domain of Liu et al., "A main directional mean optical flow feature for
spontaneous micro-expression recognition", IEEE Trans. Affective Computing 7 (2016) 299-310. A public port of
the authors' code fits a 2x2 map, without translation, and does not apply it; here it is 2x3 and applied.
"""

from __future__ import annotations

import numpy as np

from mezoo.errors import ConfigError, DataError

#: Both sides of the jaw without the chin, and the tip of the nose.
STABLE_POINTS = (*range(6), *range(11, 17), 30)
#: Points whose extent across their main axis is a smaller share of that along it tell no affine map.
_MIN_SPREAD = 0.02


def fit(flow: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Least-squares affine map A from the displaced stable points back to where they were.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px, from the reference frame to the moving one.
    landmarks : ndarray, float, shape (68, 2)
        (x, y) in px of the reference frame, where the flow is defined. The flow is read at the nearest
        pixel inside the image.

    Returns
    -------
    ndarray, float64, shape (3, 2)
        [x + dx, y + dy, 1] A = [x, y] at the stable points, as nearly as an affine map can.

    Raises
    ------
    ConfigError
        Shapes do not fit.
    DataError
        The points lie almost on one line or are not finite, so that they tell no map.
    """
    if np.ndim(flow) != 3 or flow.shape[2] != 2 or np.shape(landmarks) != (68, 2):
        raise ConfigError(
            f"flow of shape {np.shape(flow)} and landmarks of shape {np.shape(landmarks)}",
            "flow (H, W, 2) and landmarks (68, 2)",
            "Give one flow field and the landmarks of its reference frame",
        )
    height, width, _ = flow.shape
    points = np.asarray(landmarks, np.float64)[list(STABLE_POINTS)]
    pixels = np.clip(np.rint(np.nan_to_num(points)), 0, [width - 1, height - 1]).astype(np.int64)
    moved = pixels + flow[pixels[:, 1], pixels[:, 0]].astype(np.float64)
    if not (np.isfinite(points).all() and np.isfinite(moved).all() and _spread(moved)):
        raise DataError(
            "stable points (jaw and nose tip) that lie on one line or nowhere",
            "landmarks of a face inside the image",
            "Look at the landmarks of this frame, or set flow.head_motion to 'keep'",
        )
    return np.linalg.lstsq(_homogeneous(moved), pixels.astype(np.float64), rcond=None)[0]


def remove(flow: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Flow without the motion of the head: [x + dx, y + dy, 1] A - [x, y] with A of `fit`.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    landmarks : ndarray, float, shape (68, 2)
        (x, y) in px of the reference frame.

    Returns
    -------
    ndarray, float32, shape (H, W, 2)
        (dx, dy) in px of the reference frame.

    Raises
    ------
    ConfigError, DataError
        As `fit`.
    """
    affine = fit(flow, landmarks)
    x, y = np.arange(flow.shape[1]), np.arange(flow.shape[0])[:, None]
    still = np.empty(flow.shape, np.float32)
    for k, (a, b, c) in enumerate(affine.T):
        # where A takes a pixel that does not move; so apart, it costs no arrays of places
        at_rest = (a - (k == 0)) * x + c + (b - (k == 1)) * y
        still[..., k] = a * flow[..., 0] + b * flow[..., 1] + at_rest
    return still


def _homogeneous(points: np.ndarray) -> np.ndarray:
    return np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1)


def _spread(points: np.ndarray) -> bool:
    along, across = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(across > _MIN_SPREAD * along)
