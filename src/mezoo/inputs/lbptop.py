"""LBP-TOP of an expression: the baseline of most papers and of the MEGC 2019 challenge, one vector per clip.

See, Yap, Li, Hong, Wang, "MEGC 2019 - the second facial micro-expressions grand challenge", FG 2019: clips of 10 frames
by temporal interpolation, 5x5 blocks without overlap, R = (1, 1, 4), 4 neighbours. In a name the two spatial radii are
one number, because no published setting tells them apart: ``lbptop-10-4-1-4-5`` is that setting, 1125 numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.inputs.clip import Clip
from mezoo.inputs.even_frames import even_frames, even_magnified_frames
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
    return _feature(even_frames(clip, length), neighbours, radius, interval, blocks)


@clip_input(
    "lbptop_magnified",
    stages=("magnified-phase-{factor}",),
    shape=("F",),
    axes="blocks row by row x (XY, XT, YT) x pattern",
    units="share of the pixels of a block",
    arguments=("factor", "length", "neighbours", "radius", "interval", "blocks"),
    paper="Guo et al., ELBPTOP, 2019 (with Eulerian magnification)",
)
def lbptop_magnified(
    clip: Clip, *, factor: int, length: int, neighbours: int, radius: int, interval: int, blocks: int
) -> np.ndarray:
    """Histograms of `lbptop` after the motion since the onset was magnified by phase.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``magnified-phase-<factor>``.
    factor : int
        Total factor.
    length, neighbours, radius, interval, blocks : int
        See `lbptop`.

    Returns
    -------
    ndarray, float32, shape (blocks**2 * 3 * bins,)

    Raises
    ------
    DataError
        The magnified artifact could not use the expression, or a frame of it has no valid face.
    """
    return _feature(even_magnified_frames(clip, factor, length), neighbours, radius, interval, blocks)


def _feature(
    frames: NDArray[np.uint8], neighbours: int, radius: int, interval: int, blocks: int
) -> np.ndarray:
    radii = (radius, radius, interval)
    return lbp_top_feature(lbp_top(frames, radii=radii, n_neighbours=neighbours, blocks=(1, blocks, blocks)))
