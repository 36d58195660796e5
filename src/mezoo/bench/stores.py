"""Ways to keep flow on disk, each as a function that writes and reads it back in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from mezoo.motion.features.flow_jpeg import flow_jpeg, from_levels


def _float16(flow: np.ndarray) -> np.ndarray:
    """Half precision, as in our artifacts."""
    return flow.astype(np.float16).astype(np.float32)


def _jpeg(flow: np.ndarray, *, bound: float) -> np.ndarray:
    """One 8-bit JPEG per component, as the tool denseflow writes it; AUW-GCN reads such files of bound 10."""
    return from_levels(flow_jpeg(flow, bound=bound), bound=bound)


#: Name -> function of flow (H, W, 2) in px that returns what is read back.
STORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "float16": _float16,
    "8-bit JPEG, bound 10": partial(_jpeg, bound=10),
    "8-bit JPEG, bound 20": partial(_jpeg, bound=20),
}
