"""Flow from onset to apex with its strain, resized: the input of STSTNet and its relatives.

Liong et al., "Shallow triple stream three-dimensional CNN (STSTNet)", FG 2019 (u, v and strain, 28 x 28); Gan et al.,
"OFF-ApexNet", SPIC 2019 (u and v). The published code shrinks 8-bit pictures of each channel; here the numbers stay
floating point, so that how far a face moves is not lost.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input


@clip_input(
    "apex_flow",
    stages=("flow_apex",),
    shape=(3, "size", "size"),
    axes="(dx right, dy down, strain), H, W",
    units="px of the face crop; px/px",
    arguments=("size",),
    paper="Liong et al., STSTNet, FG 2019",
)
def apex_flow(clip: Clip, *, size: int) -> np.ndarray:
    """Give flow and strain of the apex, averaged over the pixels of a coarser grid.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``flow_apex``.
    size : int
        Side in px.

    Returns
    -------
    ndarray, float32, shape (3, size, size)
        dx, dy in px of the face crop (not of the small picture), and strain.
    """
    import cv2

    artifact = clip.artifacts["flow_apex"]
    row = clip.row("flow_apex")
    fields = np.concatenate([artifact["flow"][row], artifact["strain"][row][..., None]], axis=-1)
    small = cv2.resize(fields.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small.transpose(2, 0, 1))
