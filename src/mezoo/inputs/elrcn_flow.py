"""Pictures of flow, strain and grey levels along a short clip: the input of ELRCN.

Khor, See, Phan, Lin, "Enriched long-term recurrent convolutional network for facial micro-expression recognition",
FG 2018, and its official code: the clip is brought to 10 frames by the temporal interpolation model, TV-L1 flow is
computed from each to the next, and everything is kept as 8-bit pictures.

Deviations: the pictures are rounded, not cut off; the grey frame of a pair is the one its flow starts from
(the paper does not say which).
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.even_frames import even_frames
from mezoo.inputs.registry import clip_input
from mezoo.inputs.resizing import resize

#: Grey levels per px of flow, grey level of no motion, and grey levels per unit of strain (official code).
LEVELS_PER_PX, REST, LEVELS_PER_STRAIN = 16, 128, 255


@clip_input(
    "elrcn_flow",
    stages=("faces",),
    shape=(5, "pairs", "size", "size"),
    axes="(dx, dy, magnitude, strain, grey), pair of frames, H, W",
    units="grey level: 16 per px of the face crop from 128 on; 255 per px/px; grey",
    dtype="uint8",
    arguments=("pairs", "size"),
    paper="Khor et al., ELRCN, FG 2018",
)
def elrcn_flow(clip: Clip, *, pairs: int, size: int) -> np.ndarray:
    """Give the pictures of all pairs of neighbouring frames of a clip of `pairs` + 1 frames.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    pairs : int
        The paper has 9, of 10 frames.
    size : int
        Side of the pictures in px; flow is computed at the size of the crop.

    Returns
    -------
    ndarray, uint8, shape (5, pairs, size, size)
        Channels first, so that each is normalised for itself.

    Raises
    ------
    DataError
        The frames are not coded, lie outside of the video, are one only, or one has no valid face.
    """
    from mezoo.motion.backends import get_backend

    frames = even_frames(clip, pairs + 1)
    method = get_backend("native")
    pictures = [
        flow_picture(method(frame, following), frame, size=size)
        for frame, following in zip(frames, frames[1:], strict=False)
    ]
    return np.stack(pictures, axis=1)


def flow_picture(flow: np.ndarray, grey: np.ndarray, *, size: int) -> np.ndarray:
    """Turn a flow field and the frame it starts from into five 8-bit pictures.

    Parameters
    ----------
    flow : ndarray, float32, shape (H, W, 2)
        (dx right, dy down) in px.
    grey : ndarray, uint8, shape (H, W)
    size : int
        Side of the pictures in px.

    Returns
    -------
    ndarray, uint8, shape (5, size, size)
        128 + 16 dx, 128 + 16 dy, 128 + 16 magnitude, 255 strain (backward differences), grey.
    """
    from mezoo.interpolate.clips import to_grey_levels
    from mezoo.motion.strain import optical_strain

    dx, dy = np.moveaxis(flow, -1, 0)
    strain = optical_strain(flow, differences="backward")
    fields = resize(np.stack([dx, dy, np.hypot(dx, dy), strain, grey]), size, size)
    fields[:3] = fields[:3] * LEVELS_PER_PX + REST
    fields[3] *= LEVELS_PER_STRAIN
    return to_grey_levels(fields)
