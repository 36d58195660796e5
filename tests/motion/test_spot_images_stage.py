"""Stage spot_images: one image per frame and interval, of the flow that the backend finds on the scaled faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.motion import get_backend, spot_images_file
from mezoo.motion.spot_images import KINDS, flow_image


def run(folder, images, **settings):
    spot_images_file(folder / "faces.h5", folder / "out.h5", images=images, backend="dis", **settings)
    return Artifact(folder / "out.h5")


def test_content(write_faces, tmp_path):
    valid = np.ones(12, bool)
    valid[9] = False
    write_faces(tmp_path / "faces.h5", n_frames=12, valid=valid, index=np.arange(5, 29, 2))
    with Artifact(tmp_path / "faces.h5") as faces:
        frames, landmarks = faces["frames"][:], faces["landmarks"][:]
    with run(tmp_path, "softnet-100") as out:  # 3 frames at 30/s
        assert out.ok and out.attrs["interval"] == 3 and out.attrs["fps"] == 30
        assert out["index"][:].tolist() == list(range(5, 23, 2))
        assert out["valid"][:].tolist() == [t not in (6, 9) for t in range(9)]
        assert (out["images"][6] == 0).all()
        assert out.params["images"] == "softnet-100" and out.params["backend"] == "dis"
        pair = [cv2.resize(frames[t], (128, 128), interpolation=cv2.INTER_AREA) for t in (4, 7)]
        image, span = flow_image(get_backend("dis")(*pair), landmarks[4] * 128 / 160, KINDS["softnet"])
        assert np.array_equal(out["images"][4], image) and np.array_equal(out["span"][4], span)


def test_faces(write_faces, tmp_path):
    write_faces(tmp_path / "faces.h5", n_frames=5)
    with run(tmp_path, "face48-0") as out:
        assert out["images"].shape == (5, 48, 48, 1) and out["valid"][:].all()
        assert out["images"][:].std() > 10 and "backend" not in out.params


def test_what_cannot_be_used(write_faces, tmp_path):
    write_faces(tmp_path / "faces.h5", n_frames=6)
    with run(tmp_path, "mean-1000") as out:
        assert not out.ok and "at least 31" in out.reason
    write_faces(tmp_path / "faces.h5", n_frames=6, valid=np.zeros(6, bool))
    with run(tmp_path, "mean-100") as out:
        assert not out.ok and "no pair of frames" in out.reason
    with pytest.raises(ConfigError, match="images 'nothing-1'"):
        run(tmp_path, "nothing-1")
