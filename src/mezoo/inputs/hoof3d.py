"""HOOF over time ("3D HOOF"): the flow histogram of the whole face, once for each step of a clip of one length.

After the HOOF features released beside ATNet (Peng, Wang, Bi, Shi, Zhou, Chen, ACII 2019): clips interpolated to 10
frames, one histogram per flow frame, each made to sum to 1: 8 bins x 9 frames, ``hoof3d-10-8``. Its flow is not
named; ours is TV-L1 between neighbouring interpolated frames. The release also has clips of 64 frames with 64 (not 63)
histograms, which needs a 65th frame: ask for ``hoof3d-65-8``.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.even_frames import even_frames
from mezoo.inputs.registry import clip_input
from mezoo.motion.features.hoof import hoof


@clip_input(
    "hoof3d",
    stages=("faces",),
    shape=("F",),
    axes="flow between neighbouring frames x direction bins from -pi on",
    units="share of the motion of a step",
    arguments=("length", "bins"),
    paper="Peng et al., ATNet, ACII 2019 (released HOOF features)",
)
def hoof3d(clip: Clip, *, length: int, bins: int) -> np.ndarray:
    """Concatenate the HOOF of the whole face of every flow field of an interpolated clip.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    length : int
        Frames after temporal interpolation, at least 2.
    bins : int
        Equal bins over (-pi, pi].

    Returns
    -------
    ndarray, float32, shape ((length - 1) * bins,)
        Each step sums to 1, or is 0 where nothing moves.

    Raises
    ------
    DataError
        See `even_frames`.
    """
    from mezoo.motion.pair_flows import flow_method

    method, _ = flow_method("native", scales=5, profile="exact")  # the defaults of the flow stages
    frames = even_frames(clip, length)
    steps = (method(before, after) for before, after in zip(frames[:-1], frames[1:], strict=True))
    return np.concatenate([hoof(flow, n_bins=bins, n_blocks=1, norm="sum") for flow in steps])
