"""Pictures of ELRCN: grey levels of a known flow, and the pairs of a clip."""

from __future__ import annotations

import numpy as np
import pytest
from motion.conftest import face_points, write_faces

from mezoo.artifact import Artifact
from mezoo.catalog_items import EventRecord
from mezoo.errors import DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip
from mezoo.inputs.elrcn_flow import flow_picture
from mezoo.interpolate import get_interpolator
from mezoo.motion import backends

__all__ = ["face_points", "write_faces"]


def test_grey_levels():
    y, x = np.mgrid[:64, :64].astype(np.float32)
    flow = np.stack(
        [0.125 * x - 4, np.full_like(x, -1.0)], -1
    )  # strain 1/8 everywhere but at the left border
    grey = np.full((64, 64), 77, np.uint8)
    dx, dy, magnitude, strain, level = flow_picture(flow, grey, size=64).astype(int)
    np.testing.assert_array_equal(dx, np.rint(np.float32(16) * flow[..., 0] + 128))
    assert (dy == 112).all() and (level == 77).all()
    np.testing.assert_array_equal(magnitude, np.rint(128 + 16 * np.hypot(flow[..., 0], -1.0)))
    assert (strain[:, 1:] == 32).all() and (strain[:, 0] == 0).all()


def test_large_motion_is_cut_off():
    flow = np.full((32, 32, 2), (20.0, -20.0), np.float32)
    dx, dy, magnitude, strain, _ = flow_picture(flow, np.zeros((32, 32), np.uint8), size=32)
    assert (dx == 255).all() and (dy == 0).all() and (magnitude == 255).all() and (strain == 0).all()


@pytest.mark.parametrize("size", [16, 21, 48, 51])
def test_resizing_keeps_the_unit(size):
    flow = np.full((32, 32, 2), (1.0, 0.5), np.float32)
    dx, dy, *_ = flow_picture(flow, np.zeros((32, 32), np.uint8), size=size)
    assert dx.shape == (size, size) and (dx == 144).all() and (dy == 136).all()


@pytest.fixture
def farneback(monkeypatch):
    """Compute flow by a method that needs no compilation."""
    quick = backends.get_backend("farneback")
    monkeypatch.setattr(backends, "get_backend", lambda name: quick)
    return quick


def make(path, event, **video):
    with Artifact(path) as faces:
        record = EventRecord("d", "v", "s", "e0", *event)
        return request("elrcn_flow-4-48").make(Clip(record, {"faces": faces})), faces["frames"][:]


def test_pairs_of_a_clip(tmp_path, write_faces, farneback):
    write_faces(tmp_path / "faces.h5", n_frames=12, shape=(96, 96))
    found, frames = make(tmp_path / "faces.h5", (3, 6, 11))
    assert found.shape == (5, 4, 48, 48) and found.dtype == np.uint8
    clip = get_interpolator("tim").bring_to(frames[2:11], 5)
    for k in range(4):
        expected = flow_picture(farneback(clip[k], clip[k + 1]), clip[k], size=48)
        np.testing.assert_array_equal(found[:, k], expected)
    assert (found[0] != 128).any()


def test_unusable_expressions(tmp_path, write_faces, farneback):
    valid = np.ones(12, bool)
    valid[5] = False
    write_faces(tmp_path / "faces.h5", n_frames=12, shape=(96, 96), valid=valid)
    with pytest.raises(DataError, match="no valid face in frame 6"):
        make(tmp_path / "faces.h5", (3, 6, 11))
    with pytest.raises(DataError, match="lies outside"):
        make(tmp_path / "faces.h5", (20, 22, 30))
