"""Stage mdmo: features of a video from windows or whole flow fields."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, digest, write_failed
from mezoo.errors import ConfigError
from mezoo.motion import flow_pair_file, mdmo_file
from mezoo.motion.mdmo import mdmo


@pytest.fixture
def video(tmp_path, write_faces):
    valid = np.ones(9, bool)
    valid[4] = False
    write_faces(tmp_path / "faces.h5", n_frames=9, valid=valid)
    for keep in ("windows", "full"):
        flow_pair_file(tmp_path / "faces.h5", tmp_path / f"{keep}.h5", backend="dis", keep=keep)
    return tmp_path


@pytest.mark.parametrize("radius", [3, 5, 8])
def test_windows_give_exactly_what_the_full_flow_gives(video, radius):
    for keep in ("windows", "full"):
        mdmo_file(video / f"{keep}.h5", video / "faces.h5", video / f"mdmo_{keep}.h5", radius=radius)
    with Artifact(video / "mdmo_windows.h5") as windows, Artifact(video / "mdmo_full.h5") as full:
        for name in ("mdmo", "valid", "index"):
            np.testing.assert_array_equal(windows[name][:], full[name][:])
        assert np.abs(windows["mdmo"][:]).max() > 0.05


def test_content(video):
    mdmo_file(video / "full.h5", video / "faces.h5", video / "mdmo.h5", radius=4)
    with (
        Artifact(video / "mdmo.h5") as out,
        Artifact(video / "full.h5") as flow,
        Artifact(video / "faces.h5") as faces,
    ):
        assert out.ok and out.stage == "mdmo" and out.attrs["fps"] == 30
        assert out.params == {"radius": 4, "radius_unit": "px"}
        assert out.inputs == {"flow": digest(video / "full.h5"), "faces": digest(video / "faces.h5")}
        assert out["mdmo"].shape == (8, 12, 2) and out["mdmo"].dtype == np.float32
        assert out["index"].dtype == np.int32 and out["index"][:].tolist() == list(range(1, 9))
        assert out["valid"][:].tolist() == [True] * 3 + [False] * 2 + [True] * 3
        for t in range(8):
            expected = np.zeros((12, 2))
            if out["valid"][t]:
                expected, _ = mdmo(flow["flow"][t].astype(np.float32), faces["landmarks"][t], radius=4)
            np.testing.assert_array_equal(out["mdmo"][t], expected)


def test_pairs_further_apart(video):
    flow_pair_file(video / "faces.h5", video / "flow.h5", backend="dis", keep="full", stride=3)
    mdmo_file(video / "flow.h5", video / "faces.h5", video / "mdmo.h5", radius=4)
    with (
        Artifact(video / "mdmo.h5") as out,
        Artifact(video / "flow.h5") as flow,
        Artifact(video / "faces.h5") as faces,
    ):
        assert out["mdmo"].shape == (6, 12, 2) and out["index"][:].tolist() == [1, 2, 3, 4, 5, 6]
        assert out["valid"][:].tolist() == [True, False, True, True, False, True]
        expected, _ = mdmo(flow["flow"][2].astype(np.float32), faces["landmarks"][2], radius=4)
        np.testing.assert_array_equal(out["mdmo"][2], expected)


def test_interocular_radius(video):
    mdmo_file(video / "full.h5", video / "faces.h5", video / "a.h5", radius=0.11, radius_unit="interocular")
    mdmo_file(video / "full.h5", video / "faces.h5", video / "b.h5", radius=6)
    with Artifact(video / "a.h5") as relative, Artifact(video / "b.h5") as absolute:
        np.testing.assert_array_equal(relative["mdmo"][:], absolute["mdmo"][:])


def test_implausible_frames_are_invalid(tmp_path, write_faces, face_points):
    landmarks = np.stack([face_points()] * 5)
    landmarks[2, 48, 0] = landmarks[2, 54, 0] + 2
    write_faces(tmp_path / "faces.h5", n_frames=5, landmarks=landmarks)
    for keep in ("windows", "full"):
        flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis", keep=keep)
        mdmo_file(tmp_path / "flow.h5", tmp_path / "faces.h5", tmp_path / f"{keep}.h5")
        with Artifact(tmp_path / f"{keep}.h5") as out:
            assert out["valid"][:].tolist() == [True, True, False, True]
            assert not out["mdmo"][2].any() and np.isfinite(out["mdmo"][:]).all()


def test_windows_too_small_for_the_radius(video):
    with pytest.raises(ConfigError, match="radius of 9 px.*at most 8 px.*flow.keep"):
        mdmo_file(video / "windows.h5", video / "faces.h5", video / "mdmo.h5", radius=9)
    assert not (video / "mdmo.h5").exists()


def test_failed_flow_passes_on(video):
    write_failed(video / "flow.h5", stage="flow_pair", params={}, inputs={}, reason="no pair of frames")
    mdmo_file(video / "flow.h5", video / "faces.h5", video / "mdmo.h5")
    with Artifact(video / "mdmo.h5") as out:
        assert not out.ok and out.reason == "no pair of frames"


def test_flow_of_other_faces_is_refused(video, write_faces):
    write_faces(video / "others.h5", n_frames=9, shape=(120, 120))
    mdmo_file(video / "windows.h5", video / "others.h5", video / "mdmo.h5")
    with Artifact(video / "mdmo.h5") as out:
        assert not out.ok and "other faces" in out.reason


def test_no_usable_pair(video, write_faces, face_points):
    write_faces(video / "high.h5", n_frames=3, landmarks=np.stack([face_points() - [0, 47]] * 3))
    flow_pair_file(video / "high.h5", video / "flow.h5", backend="dis", keep="full")
    mdmo_file(video / "flow.h5", video / "high.h5", video / "mdmo.h5", radius=2)  # brows are above the image
    with Artifact(video / "mdmo.h5") as out:
        assert not out.ok and "no pair of frames" in out.reason
