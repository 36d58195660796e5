"""The apex frame of the face, grey: the input of Macro2Micro, MicroAttention and the spatial half of ATNet.

Peng et al., FG 2018; Wang et al., Neurocomputing 2020; Peng et al., ACII 2019: one frame, resized to 224 px, grey
levels as they are. Without a coded apex (SMIC) by default the middle frame, floor((n - 1) / 2) of n counted from 0, as
in ATNet's released lists.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input


@clip_input(
    "apex_image",
    stages=("faces",),
    shape=(1, "size", "size"),
    axes="grey, H, W",
    units="grey level, 0 to 255",
    dtype="uint8",
    arguments=("size",),
    paper="Peng et al., Macro2Micro, FG 2018",
    reads_apex=True,
)
def apex_image(clip: Clip, *, size: int) -> np.ndarray:
    """Give the face crop of the apex frame, resized to a square.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    size : int
        Side in px.

    Returns
    -------
    ndarray, uint8, shape (1, size, size)
        Grey levels.

    Raises
    ------
    DataError
        The apex lies outside the video, or no face was found in it.
    """
    clip.require_face(clip.apex)
    return square(clip.artifacts["faces"]["frames"][clip.apex], size)[None]


def square(image: np.ndarray, size: int) -> np.ndarray:
    """Resize a grey image, uint8 (H, W), to (size, size): averaged when it shrinks, linear when it grows."""
    import cv2

    way = cv2.INTER_AREA if size <= min(image.shape) else cv2.INTER_LINEAR
    return cv2.resize(image, (size, size), interpolation=way)
