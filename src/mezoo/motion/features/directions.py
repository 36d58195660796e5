"""Directions of flow vectors, and into which of equal direction bins they fall."""

from __future__ import annotations

import numpy as np

from mezoo.errors import ConfigError


def check_flow(flow: np.ndarray, smallest: int = 1) -> None:
    """Raise `ConfigError` unless `flow` is one field (H, W, 2) of at least `smallest` px on each side."""
    shape = np.shape(flow)
    if len(shape) != 3 or shape[2] != 2 or min(shape[:2]) < smallest:
        raise ConfigError(
            f"flow of shape {shape}",
            f"one field (H, W, 2) of at least {smallest}x{smallest} px",
            "Give the fields one by one, (dx, dy) on the last axis",
        )


def angles(vectors: np.ndarray) -> np.ndarray:
    """Directions atan2(dy, dx) of vectors (..., 2), float64 (...) in (-pi, pi]; 0 for a zero vector."""
    # double precision: cached flow is float16, in which many vectors lie exactly on the bound of two bins;
    # + 0.0 turns -0.0 into 0.0, so that a vector to the left has the angle pi and never -pi
    return np.arctan2(vectors[..., 1].astype(np.float64) + 0.0, vectors[..., 0].astype(np.float64) + 0.0)


def direction_bins(angle: np.ndarray, *, n_bins: int, start: float, span: float = 2 * np.pi) -> np.ndarray:
    """Bins of angles: bin k is [start + k w, start + (k + 1) w) with w = span / n_bins.

    Parameters
    ----------
    angle : ndarray, float64
        In rad.
    n_bins : int
        At least 1.
    start : float
        Lower bound of bin 0 in rad.
    span : float
        Width of all bins together in rad.

    Returns
    -------
    ndarray, int64
        The upper bound of the last bin belongs to it; angles below `start` go around the circle.

    Raises
    ------
    ConfigError
        No bin.
    """
    if n_bins < 1:
        raise ConfigError(f"{n_bins} direction bins", "at least 1", "Correct the number of bins")
    position = np.floor((angle - start) * (n_bins / span)).astype(np.int64)
    return np.minimum(position, n_bins - 1) % n_bins
