"""What a frozen vision transformer says about the images of SLSTT: one vector for each of the 11 frames.

Zhang et al., "Short and long range relation based spatio-temporal transformer (SLSTT)", IEEE TAC 13(4), 2022. The
transformer is not trained in the official code, so that its output is computed once and shared by all folds.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input


@clip_input(
    "slstt_tokens",
    stages=("slstt_tokens-{dim}",),
    shape=(11, "dim"),
    axes="frame, number",
    arguments=("dim",),
    paper="Zhang et al., SLSTT, IEEE TAC 2022",
)
def slstt_tokens(clip: Clip, *, dim: int) -> np.ndarray:
    """Read the class tokens of an expression.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``slstt_tokens-<dim>`` (`mezoo.learning.slstt_tokens`).
    dim : int
        Length of a token: 768 for ViT-B/16, 64 for the small substitute.

    Returns
    -------
    ndarray, float32, shape (11, dim)
        In the order of time.
    """
    stage = f"slstt_tokens-{dim}"
    return clip.artifacts[stage]["tokens"][clip.row(stage)]
