"""Flow from onset to apex with its strain, resized: the input of STSTNet and its relatives.

Liong et al., "Shallow triple stream three-dimensional CNN (STSTNet)", FG 2019 (u, v and strain, 28 x 28); Gan et al.,
"OFF-ApexNet", SPIC 2019 (u and v). The published code shrinks 8-bit pictures of each channel; here the numbers stay
floating point, so that how far a face moves is not lost. Xia et al., "Spatiotemporal recurrent convolutional networks"
(STRCN), IEEE TMM 22(3), 2020, feed a rectangle of 300 x 245 px.
"""

from __future__ import annotations

import numpy as np

from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input
from mezoo.inputs.resizing import resize

_AXES, _UNITS = "(dx right, dy down, strain), H, W", "px of the face crop; px/px"


@clip_input(
    "apex_flow",
    stages=("flow_apex",),
    shape=(3, "size", "size"),
    axes=_AXES,
    units=_UNITS,
    arguments=("size",),
    paper="Liong et al., STSTNet, FG 2019",
)
def apex_flow(clip: Clip, *, size: int) -> np.ndarray:
    """Give flow and strain of the apex as a square of `size` px; see `apex_flow_rect`."""
    return apex_flow_rect(clip, height=size, width=size)


@clip_input(
    "apex_flow_rect",
    stages=("flow_apex",),
    shape=(3, "height", "width"),
    axes=_AXES,
    units=_UNITS,
    arguments=("height", "width"),
    paper="Xia et al., STRCN, TMM 2020",
)
def apex_flow_rect(clip: Clip, *, height: int, width: int) -> np.ndarray:
    """Give flow and strain of the apex, averaged over the pixels of a coarser grid, or interpolated in a finer one.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``flow_apex``.
    height, width : int
        In px.

    Returns
    -------
    ndarray, float32, shape (3, height, width)
        dx, dy in px of the face crop (not of the resized picture), and strain.
    """
    artifact = clip.artifacts["flow_apex"]
    row = clip.row("flow_apex")
    dx, dy = np.moveaxis(artifact["flow"][row], -1, 0)
    fields = np.stack([dx, dy, artifact["strain"][row]]).astype(np.float32)
    return resize(fields, height, width)
