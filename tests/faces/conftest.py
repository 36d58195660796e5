"""A real face whose motion is known, because the picture is moved by a known amount."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from mezoo.faces.detect import FaceModels, load_models


@pytest.fixture(scope="session")
def models() -> FaceModels:
    return load_models()


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """Grey portrait (240, 320), one face about 92 px wide around (164, 133)."""
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)[:240, 60:380]


@pytest.fixture(scope="session")
def moved(portrait):
    """Return the portrait moved by (dx, dy) pixels, with camera noise of two grey levels."""
    rng = np.random.default_rng(0)

    def move(dx: float, dy: float) -> np.ndarray:
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        image = cv2.warpAffine(
            portrait, matrix, (320, 240), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        return np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8)

    return move
