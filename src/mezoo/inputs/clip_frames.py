"""Grey frames of an expression as a clip of one length and size: the input of 3-D convolutions such as MER-GCN.

Lo, Xie, Shuai, Cheng, "MER-GCN", MIPR 2020, arXiv 2004.08915; length, size and blending are ours. The cheapest way
from a clip of any length to one of a fixed length; the stage ``interpolated`` has better ones.
"""

from __future__ import annotations

import numpy as np

from mezoo.errors import DataError
from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input


@clip_input(
    "clip_frames",
    stages=("faces",),
    shape=(1, "length", "size", "size"),
    axes="grey, T, H, W",
    units="grey level",
    dtype="uint8",
    arguments=("length", "size"),
    paper="Lo et al., MER-GCN, MIPR 2020",
)
def clip_frames(clip: Clip, *, length: int, size: int) -> np.ndarray:
    """Give the expression from onset to offset in even steps, blended linearly in time.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    length : int
        Frames, at least 2: the first is the onset, the last the offset (the apex where no offset is coded).
    size : int
        Side in px; the crop is averaged over the pixels of a coarser grid.

    Returns
    -------
    ndarray, uint8, shape (1, length, size, size)

    Raises
    ------
    ConfigError
        A length below 2.
    DataError
        The expression cannot be used: it lies outside the video, ends before it begins, or lacks a face.
    """
    import cv2

    from mezoo.interpolate.clips import even_positions
    from mezoo.interpolate.linear import render_linear

    first, last = clip.onset, clip.offset
    if last < first:
        raise DataError(
            f"the last frame {clip.kept.numbers[last]} is before the onset {clip.kept.numbers[first]}",
            "a later frame",
            "Correct the coding file",
        )
    clip.require_face(*range(first, last + 1))
    frames = clip.artifacts["faces"]["frames"][first : last + 1]
    small = np.stack([cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA) for frame in frames])
    return render_linear(small, even_positions(len(small), length))[None]
