"""MDMO on an equal grid instead of facial regions, for faces without landmarks.

The cheap form in which Li et al., "AKMNet" (arXiv 2009.09179, experiments), run MDMO as a baseline: 6x6 equal
blocks over the face crop. Definition of main direction, mean and balance as in `mdmo_liu`; no landmarks are
read, so the motion of the head stays in unless it was removed before.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mezoo.motion.features.blocks import equal_blocks
from mezoo.motion.features.main_direction import Mdmo, Regions, balanced, mean_over_frames, opened


def mdmo_grid(flows: Iterable[np.ndarray], *, n_blocks: int = 6, alpha: float = 0.8) -> Mdmo:
    """MDMO feature of one clip on n_blocks x n_blocks blocks.

    Parameters
    ----------
    flows : iterable of ndarray, float, shape (H, W, 2)
        Flow from the first frame to each later one, (dx right, dy down) in px; read one by one.
    n_blocks : int
        Blocks along each side.
    alpha : float
        Weight of the magnitudes in the feature; the angles get 1 - alpha.

    Returns
    -------
    Mdmo
        feature (2 n_blocks**2,), rho and theta (n_blocks**2,), blocks row by row.

    Raises
    ------
    ConfigError
        Another shape, or more blocks than pixels.
    DataError
        No field.
    """
    shape, fields = opened(flows)
    return balanced(mean_over_frames(fields, grid_regions(shape, n_blocks)), alpha)


def grid_regions(shape: tuple[int, int], n_blocks: int) -> Regions:
    """Equal blocks of an image (H, W) as regions, row by row."""
    rows, columns = (np.zeros(length, np.int64) for length in shape)
    for side in (rows, columns):
        for k, block in enumerate(equal_blocks(len(side), n_blocks)):
            side[block] = k
    region = (rows[:, None] * n_blocks + columns).ravel()
    return Regions(np.arange(region.size), region, n_blocks**2)
