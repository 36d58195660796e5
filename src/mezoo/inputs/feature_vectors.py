"""Hand-crafted features as inputs: what the stage ``features`` made of one expression, and bare pixels of flow.

One vector per expression, for a support vector machine. The features are described where they are computed
(`mezoo.motion.features`); the recipes tell with which machine each paper reads them.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from mezoo.inputs.apex_flow import apex_flow
from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input
from mezoo.motion.features import FEATURES


def _stored(clip: Clip, *, stage: str) -> np.ndarray:
    """Give the row of an expression; `DataError` with the reason of the stage where there is none."""
    return np.asarray(clip.artifacts[stage]["feature"][clip.row(stage)], np.float32)


def _register_stored(name: str) -> None:
    output, stage = FEATURES[name].outputs["feature"], f"features-{name}"
    enter = clip_input(
        name,
        stages=(stage,),
        shape=output.shape,
        axes=output.axes,
        units=output.units,
        paper=FEATURES[name].paper,
    )
    enter(partial(_stored, stage=stage))


for _name in ("hoof", "biwoof", "mdmo_liu", "mdmo_grid"):
    _register_stored(_name)


@clip_input(
    "flow_pixels",
    stages=("flow_apex",),
    shape=("F",),
    axes="(dx right, dy down, strain) x rows x columns",
    units="px of the face crop; px/px",
    arguments=("size",),
    paper="Varanka et al., TAFFC 2024 (MEB)",
)
def flow_pixels(clip: Clip, *, size: int) -> np.ndarray:
    """Flow and strain of the apex on a grid of size x size, laid end to end: float32 (3 * size**2,)."""
    return apex_flow(clip, size=size).ravel()
