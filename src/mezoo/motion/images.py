"""Check of the two images that every flow method takes."""

from __future__ import annotations

import numpy as np

from mezoo.errors import ConfigError

#: Smallest side that any flow method accepts: the coarsest level of a pyramid is at least this large.
MIN_SIDE = 16


def check_pair(reference: np.ndarray, moving: np.ndarray) -> None:
    """Raise `ConfigError` unless both are uint8 grey images of one shape, each side at least 16 px."""
    for name, image in (("reference", reference), ("moving", moving)):
        good = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 2
        if not good or min(image.shape) < MIN_SIDE:
            raise ConfigError(
                f"{name} image of {getattr(image, 'dtype', type(image).__name__)}, shape {np.shape(image)}",
                f"uint8 grey levels (H, W), each side at least {MIN_SIDE} px",
                "Convert the image to grey levels 0-255",
            )
    if reference.shape != moving.shape:
        raise ConfigError(
            f"images of shape {reference.shape} and {moving.shape}", "one shape", "Crop both to the same box"
        )
