"""Optical strain: how much the skin is stretched and sheared, from the derivatives of the flow.

Infinitesimal strain e = (grad u + grad u^T) / 2 and its magnitude over all four terms, as in Liong et al.,
"Spontaneous subtle expression detection and recognition based on facial strain", Signal Processing: Image
Communication 47 (2016) 170-182. Strain does not see translation; a rotation leaves terms of second order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mezoo.errors import ConfigError

Differences = Literal["central", "backward"]
DIFFERENCES = ("central", "backward")


def optical_strain(flow: np.ndarray, *, differences: Differences = "central") -> np.ndarray:
    """Strain magnitude sqrt(exx^2 + eyy^2 + exy^2 + eyx^2) = sqrt(ux^2 + vy^2 + (uy + vx)^2 / 2).

    Published code differs: some weigh the shear by 1/4 (three terms), some take differences to the next
    pixel or Sobel sums; none of these is done here.

    Parameters
    ----------
    flow : ndarray, float, shape (..., H, W, 2)
        (dx right, dy down) in px; H and W at least 2.
    differences : {'central', 'backward'}
        ``central``: (f[+1] - f[-1]) / 2, one-sided at the border. ``backward``: f[0] - f[-1], 0 across the
        upper and the left border, as Khor et al. (ELRCN, FG 2018, official code) take it.

    Returns
    -------
    ndarray, float32, shape (..., H, W)
        Strain, px per px.

    Raises
    ------
    ConfigError
        Another shape, or an unknown kind of differences.
    """
    shape = np.shape(flow)
    if len(shape) < 3 or shape[-1] != 2 or min(shape[-3:-1]) < 2 or differences not in DIFFERENCES:
        raise ConfigError(
            f"flow of shape {shape} and differences {differences!r}",
            f"flow (..., H, W, 2) of at least 2x2 px, and one of {', '.join(DIFFERENCES)}",
            "Give flow fields with (dx, dy) on the last axis",
        )
    u, v = (np.ascontiguousarray(flow[..., k], np.float32) for k in range(2))
    (u_y, u_x), (v_y, v_x) = (_derivatives(part, differences) for part in (u, v))
    return np.sqrt(u_x**2 + v_y**2 + np.float32(0.5) * (u_y + v_x) ** 2)


def _derivatives(part: np.ndarray, differences: Differences) -> Sequence[np.ndarray]:
    """Differentiate along y and along x."""
    if differences == "central":
        return np.gradient(part, axis=(-2, -1))
    return [np.diff(part, axis=k, prepend=part.take([0], axis=k)) for k in (-2, -1)]
