"""Faces and event tables of made videos, and a network with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
from motion.conftest import face_points, write_faces, write_labels

from mezoo.artifact import ArtifactWriter

__all__ = ["face_points", "magnet_weights", "write_faces", "write_labels"]


@pytest.fixture(scope="session")
def magnet_weights(tmp_path_factory) -> Path:
    """Write a random small MagNet as an artifact."""
    torch = pytest.importorskip("torch")
    from mezoo.magnify.magnet_net import MagNet, MagNetLayout

    path = tmp_path_factory.mktemp("weights") / "magnet.h5"
    torch.manual_seed(0)
    network = MagNet(MagNetLayout(8, 1, 1, 1, 1, residual=True))
    numbers = torch.cat([value.reshape(-1) for value in network.state_dict().values()]).numpy()
    with ArtifactWriter(path, stage="magnet", params={"seed": 0}, inputs={}) as writer:
        writer.write("weights", numbers, axes="(P)")
        layout = {name: getattr(network.layout, name) for name in MagNetLayout.__dataclass_fields__}
        writer.attrs |= {"layout": layout, "training": {"small_substitute": True}}
    return path
