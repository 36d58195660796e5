"""HOOF, histogram of oriented optical flow: which way the pixels of a block move, weighted by how far.

Chaudhry, Ravichandran, Hager, Vidal, "Histograms of oriented optical flow and Binet-Cauchy kernels on nonlinear
dynamical systems for the recognition of human actions", CVPR 2009, section 3. There left and right are folded
onto each other, because people walk both ways; a raised and a stretched corner of the mouth differ by just that,
so faces keep the full circle here (``folded=True`` is the original).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.features.blocks import block_histograms, equal_blocks, sums_to_one, unit_length
from mezoo.motion.features.directions import angles, check_flow, direction_bins

Norm = Literal["sum", "l2"]


def hoof(
    flow: np.ndarray, *, n_bins: int = 8, n_blocks: int = 6, norm: Norm = "l2", folded: bool = False
) -> np.ndarray:
    """HOOF of one flow field.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    n_bins : int
        Equal bins over (-pi, pi], the first begins at -pi; a pixel adds its magnitude to its bin.
    n_blocks : int
        The image is cut into n_blocks x n_blocks; 1 is the whole image.
    norm : {'l2', 'sum'}
        Every block is made to sum to 1. ``l2`` then also gives the whole vector unit length.
    folded : bool
        The original: directions are mirrored to the right, bins over [-pi/2, pi/2].

    Returns
    -------
    ndarray, float32, shape (n_blocks**2 * n_bins,)
        Blocks row by row, in each the bins by rising angle; without unit. Blocks without motion are 0.

    Raises
    ------
    ConfigError
        Another shape, more blocks than pixels, or unknown norm.
    """
    check_flow(flow)
    if norm not in ("sum", "l2"):
        raise ConfigError(f"norm {norm!r}", "'sum' or 'l2'", "Correct the norm of hoof")
    vectors = np.asarray(flow, np.float32)
    if folded:
        mirrored = np.stack([np.abs(vectors[..., 0]), vectors[..., 1]], axis=-1)
        bins = direction_bins(angles(mirrored), n_bins=n_bins, start=-np.pi / 2, span=np.pi)
    else:
        bins = direction_bins(angles(vectors), n_bins=n_bins, start=-np.pi)
    histograms = block_histograms(
        bins,
        np.hypot(vectors[..., 0], vectors[..., 1]),
        rows=equal_blocks(flow.shape[0], n_blocks),
        columns=equal_blocks(flow.shape[1], n_blocks),
        n_bins=n_bins,
    )
    feature = sums_to_one(histograms).ravel()
    return unit_length(feature) if norm == "l2" else feature.astype(np.float32)
