"""MDMO of Liu et al.: of each of 36 regions of the face, how far and which way its main motion goes over a clip.

Liu, Zhang, Yan, Wang, Zhao, Fu, "A main directional mean optical-flow feature for spontaneous micro-expression
recognition", IEEE Trans. Affective Computing 7 (2016) 299-310, section 3. Flow goes from the first frame to
every other; the motion of the head is removed in the flow; main direction and mean per region and frame; mean
over the frames; magnitudes divided by the largest; magnitudes and angles weighed against each other.

The variant of AUW-GCN for spotting (12 regions, neighbouring frames) is `mezoo.motion.mdmo`. The paper's body
was not at hand: where the public ports err (`mdmo_liu_official`), the definition is followed.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mezoo.motion import head_motion
from mezoo.motion.features.main_direction import Mdmo, Regions, balanced, mean_over_frames, opened
from mezoo.motion.features.mdmo_liu_official import official_mdmo
from mezoo.motion.features.rois36 import roi_masks, rois36

#: By how many px the ports raise the brows.
_OFFICIAL_DELTA = 20.0


def mdmo_liu(
    flows: Iterable[np.ndarray],
    landmarks: np.ndarray,
    *,
    alpha: float = 0.8,
    align: bool = True,
    delta: float | None = None,
    official: bool = False,
) -> Mdmo:
    """MDMO feature of one clip.

    Parameters
    ----------
    flows : iterable of ndarray, float, shape (H, W, 2)
        Flow from the first frame (the onset) to each later one, (dx right, dy down) in px; read one by one.
    landmarks : ndarray, shape (68, 2)
        (x, y) in px of the first frame; the regions stay there.
    alpha : float
        Weight of the magnitudes in the feature; the angles get 1 - alpha.
    align : bool
        Whether to remove the motion of the head (`mezoo.motion.head_motion`). Doing so twice changes nothing.
    delta : float, optional
        How far the strip of forehead reaches above the brows, px (`rois36`).
    official : bool
        Reproduce the published numbers of the usual port, errors included: brows raised by 20 px unless
        `delta` is given, no alignment. For comparison only.

    Returns
    -------
    Mdmo
        feature (72,), rho (36,), theta (36,). A region outside of the image counts as one without motion.

    Raises
    ------
    ConfigError
        Shapes do not fit.
    DataError
        No field, or stable points that tell no motion of the head.
    """
    shape, fields = opened(flows)
    if official and delta is None:
        delta = _OFFICIAL_DELTA
    regions = Regions.of_masks(roi_masks(rois36(landmarks, delta), shape))
    if official:
        return official_mdmo(fields, regions, alpha=alpha)
    if align:
        fields = (head_motion.remove(flow, landmarks) for flow in fields)
    return balanced(mean_over_frames(fields, regions), alpha)
