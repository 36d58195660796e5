"""Shape conventions of AUW-GCN: expression types, output channels, clip geometry, published constants.

Yin et al., "AU-aware graph convolutional network for macro- and micro-expression spotting", ICME 2023
(arXiv 2303.09114), and its official configuration. Shared by the network, its targets and its proposals.
"""

from __future__ import annotations

from dataclasses import dataclass

N_ROIS = 12
"""ROIs in node order: left brow 0-2, right brow 3-5, nose 6-7, mouth 8-11 (left, upper, right, lower)."""

CLIP = 256
"""Frames of one training clip."""

CONTEXT = 7
"""Frames of real context on either side of a clip; the network itself sees 5."""

TYPES = ("micro", "macro")
"""Order of the type axis in targets."""

START, END, NEITHER = 0, 1, 2
"""Classes of the start/end head."""

OFFICIAL_MEAN = (0.003463, 0.003873)
"""Channel means (dx, dy) that the official code applies to the released features of both corpora."""

OFFICIAL_STD = (0.548588, 0.645621)
"""Channel standard deviations that belong to `OFFICIAL_MEAN`."""


@dataclass(frozen=True)
class Channels:
    """Output channels of one expression type: `start_end` holds the classes START, END, NEITHER in order."""

    start_end: slice
    apex: int
    action: int


CHANNELS = {
    "micro": Channels(start_end=slice(0, 3), apex=6, action=8),
    "macro": Channels(start_end=slice(3, 6), apex=7, action=9),
}
N_CHANNELS = 10
