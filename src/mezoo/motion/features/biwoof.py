"""Bi-WOOF, bi-weighted oriented optical flow: flow histograms of blocks, weighted once more by the strain.

Liong, See, Wong, Phan, "Less is more: micro-expression recognition from video using apex frame", Signal
Processing: Image Communication 62 (2018) 82-92. A pixel adds its magnitude to the direction histogram of its
block (local weight), and a block counts as much as its skin is strained (global weight).

Deviations from the authors' released file: blocks do not overlap, and the last direction bin keeps its pixels
(there those above 135 degrees are lost). Both can be had for comparison. The paper's words make the
global weight a mean, the released file a sum; they differ by the size of the last blocks only.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.features.blocks import block_histograms, sums_to_one, unit_length
from mezoo.motion.features.directions import angles, check_flow, direction_bins

#: Blocks along each side, and direction bins of 45 degrees from -180 degrees on.
N_BLOCKS, N_BINS = 5, 8

Form = Literal["definition", "overlapping", "official"]
Weight = Literal["sum", "mean"]
FORMS, WEIGHTS = ("definition", "overlapping", "official"), ("sum", "mean")


def biwoof(
    flow: np.ndarray, strain: np.ndarray, *, form: Form = "definition", weight: Weight = "sum"
) -> np.ndarray:
    """Bi-WOOF of one flow field, from the onset to the apex in the paper.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    strain : ndarray, float, shape (H, W)
        Optical strain magnitude of that flow (`mezoo.motion.strain`).
    form : {'definition', 'overlapping', 'official'}
        ``definition``: blocks of H // 5 x W // 5 px side by side, the last ones take the rest.
        ``overlapping``: as released, neighbours share two rows or columns. ``official``: these blocks, and
        of the last direction bin only what lies at exactly 135 degrees, as the released file gives.
    weight : {'sum', 'mean'}
        Of the strain in a block.

    Returns
    -------
    ndarray, float32, shape (200,)
        Blocks row by row, in each 8 bins from -pi on; unit length, without unit. All 0 for no motion.

    Raises
    ------
    ConfigError
        Shapes do not fit or are smaller than 15 px, or an unknown form or weight.
    """
    check_flow(flow, 3 * N_BLOCKS)
    if np.shape(strain) != np.shape(flow)[:2] or form not in FORMS or weight not in WEIGHTS:
        raise ConfigError(
            f"strain of shape {np.shape(strain)}, form {form!r} and weight {weight!r}",
            f"strain {np.shape(flow)[:2]}, one of {', '.join(FORMS)}, and one of {', '.join(WEIGHTS)}",
            "Correct the options of biwoof",
        )
    vectors, strained = np.asarray(flow, np.float32), np.asarray(strain, np.float32)
    rows, columns = (_blocks(length, overlapping=form != "definition") for length in strained.shape)
    bins = direction_bins(angles(vectors), n_bins=N_BINS, start=-np.pi)
    magnitude = np.hypot(vectors[..., 0], vectors[..., 1])
    if form == "official":  # only the lower edges are handed on there: the last bin keeps just its own edge
        magnitude[(bins == N_BINS - 1) & (vectors[..., 0] != -vectors[..., 1])] = 0
    local = block_histograms(bins, magnitude, rows=rows, columns=columns, n_bins=N_BINS)
    patches = [strained[row, column] for row in rows for column in columns]
    strength = [getattr(patch, weight)(dtype=np.float64) for patch in patches]
    return unit_length((sums_to_one(local) * np.array(strength)[:, None]).ravel())


def _blocks(length: int, *, overlapping: bool) -> list[slice]:
    """Extents of the five blocks along one side of `length` px."""
    step, margin = length // N_BLOCKS, int(overlapping)
    starts = [max(0, k * step - margin) for k in range(N_BLOCKS)]
    stops = [(k + 1) * step + margin for k in range(N_BLOCKS - 1)] + [length]
    return [slice(start, stop) for start, stop in zip(starts, stops, strict=True)]
