"""One picture of MagNet's shape representation, in numpy: what FGRMER and Graph-TCN cut their patches from.

Lei et al., CVPR Workshops 2021; the reduction is that of the reproduction by Justin900429. Apart from `magnet`, so that
the inputs of networks can use it without torch.
"""

from __future__ import annotations

import numpy as np


def shape_map(shape: np.ndarray) -> np.ndarray:
    """One picture of a shape representation, one number per place.

    Each channel is stretched to [0, 1] over the picture and all are averaged; a constant channel counts 0 (the
    reproduction by Justin900429 divides by zero there).

    Parameters
    ----------
    shape : ndarray, shape (..., C, h, w)

    Returns
    -------
    ndarray, float32, shape (..., h, w)
    """
    values = shape.astype(np.float32)
    low = values.min(axis=(-2, -1), keepdims=True)
    span = values.max(axis=(-2, -1), keepdims=True) - low
    return ((values - low) / np.where(span > 0, span, 1)).mean(axis=-3)
