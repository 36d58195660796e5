"""A real face whose motion is known, because the picture is moved by a known amount."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from published_weights import draw_state

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


def write_published(network, path: Path, scaled: str, factor: float) -> Path:
    """Write drawn weights of a network as its authors' files hold them; names matching `scaled` times a factor."""
    import torch

    state = draw_state({name: value.shape for name, value in network.state_dict().items()})
    for name in state:
        if re.search(scaled, name):
            state[name] *= factor
    torch.save({"epoch": 50, "state_dict": {f"module.{name}": value for name, value in state.items()}}, path)
    return path


def empty(make, *args):
    """Make a network without memory for its weights."""
    import torch

    with torch.device("meta"):
        return make(*args)


@pytest.fixture(scope="session")
def retinaface_file(tmp_path_factory):
    """Return a file of drawn weights of RetinaFace by its backbone, scaled as for the reference numbers."""
    from mezoo.faces.retinaface_net import RetinaFace

    def file_of(backbone: str) -> Path:
        path = tmp_path_factory.getbasetemp() / f"{backbone}.pth"
        if not path.exists():
            write_published(empty(RetinaFace, backbone), path, r"Head\.\d\.conv1x1\.weight$", 0.01)
        return path

    return file_of


@pytest.fixture(scope="session")
def san_file(tmp_path_factory) -> Path:
    """File of drawn weights of SAN, scaled as for the reference numbers."""
    from mezoo.faces.san_net import SAN

    path = tmp_path_factory.mktemp("san") / "checkpoint_49.pth.tar"
    return write_published(
        empty(SAN), path, r"^(features|CPM_feature|stage[123])\.\d+\.weight$", np.float32(1.4142135)
    )
