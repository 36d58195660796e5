"""Features made from cached flow: one method per file, pure functions on arrays, and the registry of them.

The stage ``features`` (`mezoo.motion.features_stage`) runs any of them on cached flow. This module is read by the
Snakefile, so that nothing slow may be imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mezoo.motion.features.atnet_rows import atnet_rows
from mezoo.motion.features.biwoof import biwoof
from mezoo.motion.features.flow_hsv import flow_hsv
from mezoo.motion.features.flow_jpeg import flow_jpeg
from mezoo.motion.features.hoof import hoof
from mezoo.motion.features.mdmo_grid import mdmo_grid
from mezoo.motion.features.mdmo_liu import mdmo_liu

Source = Literal["flow_apex", "flow_onset", "flow_pair"]


@dataclass(frozen=True)
class Output:
    """One array of a feature.

    Attributes
    ----------
    shape : tuple of int or str
        With the default options; ``H`` and ``W`` are those of the flow.
    axes : str
        What the axes are, after that of the items.
    units : str
    dtype : str
    """

    shape: tuple[int | str, ...]
    axes: str
    units: str = ""
    dtype: str = "float32"

    def of_image(self, height: int, width: int) -> tuple[int, ...]:
        """Shape for flow of H x W px."""
        sides = {"H": height, "W": width}
        return tuple(sides[side] if isinstance(side, str) else side for side in self.shape)


@dataclass(frozen=True)
class Feature:
    """A feature of the registry.

    Attributes
    ----------
    source : {'flow_apex', 'flow_onset', 'flow_pair'}
        Stage whose flow it is made of.
    per : {'event', 'frame'}
        One result for each annotated expression, or for each stored field.
    function : callable
        Gets one field (H, W, 2), or, for an event of ``flow_onset`` and ``flow_pair``, an iterable of fields;
        then what it `reads` and its options by keyword. Returns an array, or a named tuple of arrays.
    outputs : mapping of str to Output
        Datasets of the artifact. An array is stored as ``feature``, a named tuple under its names.
    paper : str
    reads : tuple of str
        Further arguments: ``strain`` (H, W); ``landmarks`` (68, 2) of the reference frame; ``onset`` and
        ``apex``, positions of the first field's and of the apex frame.
    """

    source: Source
    per: Literal["event", "frame"]
    function: Callable[..., Any]
    outputs: Mapping[str, Output]
    paper: str
    reads: tuple[str, ...] = ()

    @property
    def needs_labels(self) -> bool:
        """Whether the event table has to be given: ``flow_pair`` does not know the events."""
        return self.source == "flow_pair" and self.per == "event"


def _mdmo(n: int, regions: str) -> dict[str, Output]:
    return {
        "feature": Output((2 * n,), f"{n} weighed magnitudes, {n} weighed angles"),
        "rho": Output((n,), regions, "share of the largest"),
        "theta": Output((n,), regions, "rad"),
    }


#: All features by name; the name is part of the artifact's path.
FEATURES: dict[str, Feature] = {
    "mdmo_liu": Feature(
        "flow_onset", "event", mdmo_liu, _mdmo(36, "ROI"), "Liu et al., TAC 2016", ("landmarks",)
    ),
    "mdmo_grid": Feature(
        "flow_onset", "event", mdmo_grid, _mdmo(36, "block row by row"), "Li et al., AKMNet, 2020"
    ),
    "hoof": Feature(
        "flow_apex",
        "event",
        hoof,
        {"feature": Output((288,), "6x6 blocks row by row x 8 direction bins")},
        "Chaudhry et al., CVPR 2009",
    ),
    "biwoof": Feature(
        "flow_apex",
        "event",
        biwoof,
        {"feature": Output((200,), "5x5 blocks row by row x 8 direction bins")},
        "Liong et al., SPIC 2018",
        ("strain",),
    ),
    "atnet_rows": Feature(
        "flow_pair",
        "event",
        atnet_rows,
        {"feature": Output((64, 128), "frame pair, 8x8 blocks x (direction, magnitude)", "rad, px")},
        "Peng et al., ACII 2019",
        ("onset", "apex"),
    ),
    "flow_hsv": Feature(
        "flow_onset",
        "frame",
        flow_hsv,
        {"feature": Output(("H", "W", 3), "H, W, (red, green, blue)", dtype="uint8")},
        "Zhang et al., SLSTT, TAC 2022",
    ),
    "flow_jpeg": Feature(
        "flow_pair",
        "frame",
        flow_jpeg,
        {"feature": Output(("H", "W", 2), "H, W, (dx, dy)", "grey level", dtype="uint8")},
        "denseflow; Yin et al., AUW-GCN, ICME 2023",
    ),
}

__all__ = ["FEATURES", "Feature", "Output"]
