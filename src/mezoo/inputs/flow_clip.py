"""Flow between neighbouring frames of an expression brought to one length: the input of DTSCNN.

Peng, Wang, Chen, Liu, Fu, "Dual temporal scale convolutional neural network for micro-expression recognition",
Frontiers in Psychology 8:1745, 2017: clips of 64 and 128 frames, flow in place of the frames. Flow method and
coding of the channels are not known. A later network after the paper shows direction as hue and magnitude as
value, stretched in each frame from its least to its largest, which hides how far a face moves; here the numbers
stay px.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.frames import tim_frames
from mezoo.inputs.registry import clip_input

#: Side in px of the frames whose flow is computed, the paper's; a smaller field is averaged from it.
_SIDE = 128


@clip_input(
    "flow_clip",
    stages=("faces",),
    shape=(3, "length", "size", "size"),
    axes="(dx right, dy down, magnitude), frame pair, H, W",
    units="px per frame pair, of frames of max(size, 128) px",
    dtype="float16",
    arguments=("length", "size"),
    paper="Peng et al., DTSCNN, Frontiers in Psychology 8:1745, 2017",
)
def flow_clip(clip: Clip, *, length: int, size: int) -> np.ndarray:
    """Give the flow between neighbours of ``length + 1`` frames in even steps from onset to offset.

    The frames come first and the flow after them, so that every step takes the same share of the expression
    whatever the frame rate. The flow is our TV-L1, each pair starting from the one before. On seven clips of the
    synthetic corpora, where a face moves 0.1 px from onset to apex on average, it takes the time of Farnebäck's
    method, and its pairs together come nearer to the true motion (0.10 px away on average against 0.14 px). Where the
    face does move it tells 0.6 of the motion, Farnebäck's 0.9.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    length : int
        Frame pairs.
    size : int
        Side in px. Below 128 the flow of frames of 128 px is averaged over a coarser grid, in px of those: a face of
        32 px moves less than flow can tell.

    Returns
    -------
    ndarray, float16, shape (3, length, size, size)
        dx, dy and their magnitude in px per frame pair.

    Raises
    ------
    DataError
        As for `frames.tim_frames`.
    """
    import cv2

    from mezoo.motion.backends import get_backend

    pictures = tim_frames(clip, length=length + 1, size=max(size, _SIDE))[:, 0]
    method = get_backend("native", profile="stream")
    out = np.empty((3, length, size, size), np.float16)
    for step, pair in enumerate(zip(pictures, pictures[1:], strict=False)):
        flow = method(*pair)
        if size < _SIDE:
            flow = cv2.resize(flow, (size, size), interpolation=cv2.INTER_AREA)
        out[:2, step] = flow.transpose(2, 0, 1)
        out[2, step] = np.hypot(flow[..., 0], flow[..., 1])
    return out
