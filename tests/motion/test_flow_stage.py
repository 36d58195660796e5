"""Stage flow_pair: a made faces artifact in, windows or whole fields out."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from mezoo.artifact import Artifact, digest, write_failed
from mezoo.errors import ConfigError
from mezoo.motion import flow_pair_file, get_backend
from mezoo.motion.rois import frame_boxes


def test_full_is_the_flow_of_the_backend(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", n_frames=4)
    flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", keep="full")
    with Artifact(tmp_path / "faces.h5") as faces, Artifact(tmp_path / "flow.h5") as flow:
        assert flow.ok and flow.attrs["fps"] == 30
        assert flow.inputs == {"faces": digest(tmp_path / "faces.h5")}
        assert flow.params["method"] == get_backend("native").params
        assert flow["flow"].shape == (3, 160, 160, 2) and flow["flow"].dtype == np.float16
        assert flow["flow"].attrs["units"] == "px"
        for t in range(3):
            expected = get_backend("native")(faces["frames"][t], faces["frames"][t + 1])
            np.testing.assert_array_equal(flow["flow"][t], expected.astype(np.float16))
        assert flow["valid"][:].all()


def test_windows_are_cut_from_the_full_flow(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", n_frames=5)
    for keep in ("windows", "full"):
        flow_pair_file(tmp_path / "faces.h5", tmp_path / f"{keep}.h5", keep=keep, radius=4, margin=2)
    with Artifact(tmp_path / "windows.h5") as windows, Artifact(tmp_path / "full.h5") as full:
        assert windows["roi"].shape == (4, 12, 13, 13, 2)
        for t in range(4):
            field = full["flow"][t]
            for k, (x, y) in enumerate(windows["roi_origin"][t]):
                np.testing.assert_array_equal(windows["roi"][t][k], field[y : y + 13, x : x + 13])
            (x, y), (height, width) = windows["nose_origin"][t], windows["nose"].shape[1:3]
            np.testing.assert_array_equal(windows["nose"][t], field[y : y + height, x : x + width])


def test_windows_cover_regions_and_nose_of_every_frame(tmp_path, write_faces, face_points):
    landmarks = np.stack([face_points(s) for s in (120, 150, 159, 140)])  # the head comes nearer
    landmarks[2] += [0, 6]  # the mouth comes near the lower border
    write_faces(tmp_path / "faces.h5", n_frames=4, landmarks=landmarks)
    flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis", radius=14, margin=0)
    with Artifact(tmp_path / "flow.h5") as flow:
        nose, rois, usable = frame_boxes(landmarks[:3], radius=14, shape=(160, 160))
        assert usable.all()
        for name, boxes in (("roi", rois), ("nose", nose)):
            low = flow[f"{name}_origin"][:]
            high = low + np.array(flow[name].shape[-3:-1][::-1])
            assert (low <= boxes[..., :2]).all() and (high >= boxes[..., 2:]).all()
            assert (low >= 0).all() and (high <= 160).all()
        sizes = (nose[:, 2:] - nose[:, :2]).max(axis=0)
        assert flow["nose"].shape[1:3] == (sizes[1], sizes[0])


@pytest.mark.parametrize("keep", ["windows", "full"])
def test_pairs_with_an_invalid_face_are_zero(tmp_path, write_faces, keep):
    valid = np.array([True, True, False, True, True, True])
    write_faces(tmp_path / "faces.h5", n_frames=6, valid=valid)
    flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", keep=keep)
    with Artifact(tmp_path / "flow.h5") as flow:
        assert flow["valid"][:].tolist() == [True, False, False, True, True]
        name = "roi" if keep == "windows" else "flow"
        moved = flow[name][:].reshape(5, -1).any(axis=1)
        assert moved.tolist() == flow["valid"][:].tolist()


def test_implausible_landmarks_give_empty_windows(tmp_path, write_faces, face_points):
    landmarks = np.stack([face_points()] * 4)
    landmarks[1, 39, 0] = landmarks[1, 42, 0] + 3
    write_faces(tmp_path / "faces.h5", n_frames=4, landmarks=landmarks)
    flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis")
    with Artifact(tmp_path / "flow.h5") as flow:
        assert flow["roi"][:].reshape(3, -1).any(axis=1).tolist() == [True, False, True]
        assert not flow["roi_origin"][1].any() and not flow["nose"][1].any()


def test_radius_follows_the_face(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", n_frames=3)
    settings = {"backend": "dis", "radius": 0.2, "radius_unit": "interocular", "margin": 0}
    flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", **settings)
    with Artifact(tmp_path / "flow.h5") as flow:
        assert flow["roi"].shape[2] == 2 * round(0.2 * 0.34 * 160) + 1
        assert flow.params.items() >= settings.items()


def test_scales_reach_tvl1_only(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", n_frames=2)
    for backend in ("native", "farneback"):
        flow_pair_file(tmp_path / "faces.h5", tmp_path / f"{backend}.h5", backend=backend, scales=2)
    with Artifact(tmp_path / "native.h5") as native, Artifact(tmp_path / "farneback.h5") as farneback:
        assert native.params["method"]["n_scales"] == 2 and "n_scales" not in farneback.params["method"]


def test_same_input_same_bytes(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", n_frames=3)
    for name in ("a.h5", "b.h5"):
        flow_pair_file(tmp_path / "faces.h5", tmp_path / name)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


class TestFailures:
    def test_failed_faces_pass_on(self, tmp_path):
        write_failed(tmp_path / "faces.h5", stage="faces", params={}, inputs={}, reason="no face was found")
        flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5")
        with Artifact(tmp_path / "flow.h5") as flow:
            assert not flow.ok and flow.reason == "no face was found" and flow.stage == "flow_pair"

    @pytest.mark.parametrize(
        ("settings", "video", "reason"),
        [
            ({}, {"n_frames": 1}, "at least two"),
            ({}, {"valid": np.zeros(8, bool)}, "no pair of frames"),
            ({}, {"valid": np.arange(8) % 2 == 0}, "no pair of frames"),
            ({}, {"landmarks": np.zeros((8, 68, 2))}, "no pair of frames"),
            (
                {"radius": 0.2, "radius_unit": "interocular"},
                {"valid": np.zeros(8, bool)},
                "no pair of frames",
            ),
            ({"radius": 90}, {}, "windows of 187 px"),
        ],
    )
    def test_bad_videos_are_recorded(self, tmp_path, write_faces, settings, video, reason):
        write_faces(tmp_path / "faces.h5", **video)
        flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis", **settings)
        with Artifact(tmp_path / "flow.h5") as flow:
            assert not flow.ok and reason in flow.reason and "faces.h5" in flow.reason

    @pytest.mark.parametrize(
        "settings", [{"keep": "all"}, {"margin": -1}, {"backend": "tvl1"}, {"scales": 0}, {"radius": 0}]
    )
    def test_wrong_settings_stop(self, tmp_path, write_faces, settings):
        write_faces(tmp_path / "faces.h5", n_frames=2)
        with pytest.raises(ConfigError):
            flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", **settings)
        assert not (tmp_path / "flow.h5").exists()


@pytest.mark.parametrize("keep", ["windows", "full"])
def test_memory_does_not_grow_with_the_video(tmp_path, write_faces, keep):
    peaks = []
    for n_frames in (4, 40):
        write_faces(tmp_path / "faces.h5", n_frames=n_frames)
        flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis", keep=keep)  # warm up
        tracemalloc.start()
        flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis", keep=keep)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    field = 160 * 160 * 2 * 4
    assert peaks[1] - peaks[0] < 2 * field, "36 more frames must not cost two more flow fields"
