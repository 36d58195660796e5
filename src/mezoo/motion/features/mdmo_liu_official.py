"""The usual public port of MDMO with its errors, to compare with numbers that were published with it.

Port of the authors' MATLAB code in the benchmark library of Varanka et al. ("MEB"). It differs from the
definition (`mdmo_liu`) in four ways, each kept here:

- bin 0 reaches from 292.5 to 22.5 degrees: two bins instead of one are joined to it when the circle is closed;
- the angles of a bin are averaged as numbers, though those of bin 0 lie on both sides of 0 degrees;
- frames are weighted by the sum of their angles over the sum of all magnitudes;
- the angle is shifted by pi instead of being wrapped, so that it points the opposite way.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from mezoo.motion.features.main_direction import (
    N_DIRECTIONS,
    Mdmo,
    Regions,
    mean_of_fullest,
    vectors_of,
    weighed,
)


def official_mdmo(flows: Iterable[np.ndarray], regions: Regions, *, alpha: float) -> Mdmo:
    """MDMO of one clip as the port computes it; parameters and result as in `mdmo_liu`.

    Angles are those of OpenCV's approximate arctangent (off by up to 1.7e-4 rad), as in the port.
    """
    rho, theta = np.stack([_polar_means(flow, regions) for flow in flows]).transpose(2, 0, 1)
    weights = theta.sum(axis=1, keepdims=True) / (rho.sum() if rho.any() else 1.0)
    x, y = (np.sum(weights * rho * part(theta), axis=0) for part in (np.cos, np.sin))
    magnitude, angle = cv2.cartToPolar(x.astype(np.float32), y.astype(np.float32))
    return weighed(magnitude.ravel(), angle.ravel() - np.float32(np.pi), alpha)


def _polar_means(flow: np.ndarray, regions: Regions) -> np.ndarray:
    """Mean magnitude and mean angle (0 to 2 pi) in the fullest bin of each region, (R, 2)."""
    x, y = np.ascontiguousarray(vectors_of(flow, regions).T)
    polar = np.stack([part.ravel() for part in cv2.cartToPolar(x, y)], axis=-1)
    bins = np.digitize(polar[:, 1], np.deg2rad(22.5 + 45 * np.arange(N_DIRECTIONS)))
    bins[bins >= N_DIRECTIONS - 1] = 0
    return mean_of_fullest(polar, regions.region * N_DIRECTIONS + bins, regions.n).mean
