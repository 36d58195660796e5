"""Grids of blocks over an image, and direction histograms of their pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mezoo.errors import ConfigError


def equal_blocks(length: int, n_blocks: int) -> list[slice]:
    """Cut `length` px into `n_blocks` neighbours: block i is [i length // n, (i + 1) length // n).

    Raises
    ------
    ConfigError
        Fewer pixels than blocks, or no block.
    """
    if not 1 <= n_blocks <= length:
        raise ConfigError(
            f"{n_blocks} blocks along {length} px", "at least one px per block", "Ask for fewer blocks"
        )
    return [slice(i * length // n_blocks, (i + 1) * length // n_blocks) for i in range(n_blocks)]


def block_histograms(
    bins: np.ndarray, weights: np.ndarray, *, rows: Sequence[slice], columns: Sequence[slice], n_bins: int
) -> np.ndarray:
    """Weighted direction histogram of each block; blocks may overlap.

    Parameters
    ----------
    bins : ndarray, int64, shape (H, W)
        Bin of each pixel.
    weights : ndarray, float, shape (H, W)
        What each pixel adds to its bin.
    rows, columns : sequence of slice
        Extents of the blocks.
    n_bins : int

    Returns
    -------
    ndarray, float64, shape (len(rows) * len(columns), n_bins)
        Blocks row by row.
    """
    return np.stack(
        [
            np.bincount(bins[row, column].ravel(), weights[row, column].ravel(), n_bins)
            for row in rows
            for column in columns
        ]
    )


def sums_to_one(histograms: np.ndarray) -> np.ndarray:
    """Each row divided by its sum; a row of zeros (no motion) stays zero."""
    total = histograms.sum(axis=-1, keepdims=True)
    return np.divide(histograms, total, out=np.zeros_like(histograms), where=total > 0)


def unit_length(vector: np.ndarray) -> np.ndarray:
    """Divide a vector by its Euclidean length; a zero vector stays zero. Returns float32."""
    length = float(np.linalg.norm(vector))
    return (vector / (length if length > 0 else 1.0)).astype(np.float32)
