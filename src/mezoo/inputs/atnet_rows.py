"""Direction and magnitude of the flow around the apex, row by row: the input of the temporal half of ATNet.

Peng et al., "A novel apex-time network for cross-dataset micro-expression recognition", ACII 2019. The rows stay where
the feature puts them, the apex in the middle; moving them to the end, as the official data layer does, is a choice of
the network (``align``), so that one pack serves both.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input


@clip_input(
    "atnet_rows",
    stages=("features-atnet_rows",),
    shape=(64, 128),
    axes="frame pair, 8x8 blocks x (direction, magnitude)",
    units="rad, px of the face crop",
    paper="Peng et al., ATNet, ACII 2019",
)
def atnet_rows(clip: Clip) -> np.ndarray:
    """Give the rows of one expression.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``features-atnet_rows``.

    Returns
    -------
    ndarray, float32, shape (64, 128)
        0 before the onset and from the offset on.
    """
    return clip.artifacts["features-atnet_rows"]["feature"][clip.row("features-atnet_rows")]
