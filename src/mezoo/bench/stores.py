"""Ways to keep flow on disk, each as a function that writes and reads it back in memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def _float16(flow: np.ndarray) -> np.ndarray:
    """Half precision, as in our artifacts."""
    return flow.astype(np.float16).astype(np.float32)


#: Name -> function of flow (H, W, 2) in px that returns what is read back.
STORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {"float16": _float16}
