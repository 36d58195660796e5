"""Stage faces_magnified: whole videos, against a running reference, read by the flow stages like faces."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.magnify import get_magnifier
from mezoo.magnify.faces_stage import RUNNING_METHODS, faces_magnified_file


@pytest.mark.parametrize("method", RUNNING_METHODS)
def test_content(tmp_path, write_faces, method):
    """Two blocks and a part of one: the same frames as magnified in one go, and everything else as it was."""
    write_faces(tmp_path / "faces.h5", shape=(64, 72), n_frames=70)
    faces_magnified_file(tmp_path / "faces.h5", tmp_path / "out.h5", method=method, factor=3.0)
    with Artifact(tmp_path / "faces.h5") as faces, Artifact(tmp_path / "out.h5") as out:
        assert out.ok and out.stage == "faces_magnified" and out.attrs["fps"] == 30
        assert out.params["factor"] == 3.0 and out.params["method"] == method
        assert set(out.names()) == set(faces.names())
        expected = get_magnifier(method).magnify(faces["frames"][:], 30.0, 3.0)
        np.testing.assert_array_equal(out["frames"][:], expected)
        for name in set(faces.names()) - {"frames"}:
            np.testing.assert_array_equal(out[name][:], faces[name][:])
            assert out[name].attrs["axes"] == faces[name].attrs["axes"]


def test_later_frames_do_not_enter(tmp_path, write_faces):
    """What a frame becomes depends on those before it only."""
    frames = []
    for n in (40, 60):
        write_faces(tmp_path / f"{n}.h5", shape=(64, 72), n_frames=n)
        faces_magnified_file(tmp_path / f"{n}.h5", tmp_path / f"out{n}.h5")
        with Artifact(tmp_path / f"out{n}.h5") as out:
            frames.append(out["frames"][:40])
    np.testing.assert_array_equal(*frames)


def test_a_method_without_a_temporal_band_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="'lagrangian' of a whole video.*eulerian, phase"):
        faces_magnified_file(tmp_path / "faces.h5", tmp_path / "out.h5", method="lagrangian")


def test_an_unknown_frame_rate_is_a_failed_item(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", shape=(64, 72), n_frames=4, fps=float("nan"))
    faces_magnified_file(tmp_path / "faces.h5", tmp_path / "out.h5")
    with Artifact(tmp_path / "out.h5") as out:
        assert not out.ok and "frame rate is unknown" in out.reason
