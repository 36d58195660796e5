"""LBP-TOP of an expression: the baseline of most papers and of the MEGC 2019 challenge, one vector per clip.

See, Yap, Li, Hong, Wang, "MEGC 2019 - the second facial micro-expressions grand challenge", FG 2019: clips of 10 frames
by temporal interpolation, 5x5 blocks without overlap, R = (1, 1, 4), 4 neighbours. In a name the two spatial radii are
one number, because no published setting tells them apart: ``lbptop-10-4-1-4-5`` is that setting, 1125 numbers.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.even_frames import even_frames
from mezoo.inputs.lbp_top_codes import lbp_top, lbp_top_feature
from mezoo.inputs.registry import clip_input


@clip_input(
    "lbptop",
    stages=("faces",),
    shape=("F",),
    axes="blocks row by row x (XY, XT, YT) x pattern",
    units="share of the pixels of a block",
    arguments=("length", "neighbours", "radius", "interval", "blocks"),
    paper="See et al., MEGC 2019, FG 2019",
)
def lbptop(
    clip: Clip, *, length: int, neighbours: int, radius: int, interval: int, blocks: int
) -> np.ndarray:
    """Histograms of uniform patterns, each plane of each block divided by its own sum.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    length : int
        Frames after temporal interpolation; more than twice the interval.
    neighbours : int
        4 or 8.
    radius : int
        Rx = Ry, in px of the face crop.
    interval : int
        Rt, in frames of the interpolated clip.
    blocks : int
        Blocks along each side.

    Returns
    -------
    ndarray, float32, shape (blocks**2 * 3 * bins,)
        15 bins for 4 neighbours, 59 for 8.

    Raises
    ------
    DataError
        See `even_frames`; `ConfigError` for numbers that do not go together.
    """
    counts = lbp_top(
        even_frames(clip, length),
        radii=(radius, radius, interval),
        n_neighbours=neighbours,
        blocks=(1, blocks, blocks),
    )
    return lbp_top_feature(counts)
