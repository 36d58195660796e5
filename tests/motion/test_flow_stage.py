"""Stage flow_pair: a made faces artifact in, windows or whole fields out."""

from __future__ import annotations

import tracemalloc
import weakref

import numpy as np
import pytest

from mezoo.artifact import Artifact, digest, write_failed
from mezoo.errors import ConfigError
from mezoo.motion import Backend, flow_pair_file, get_backend, pair_flows
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


@pytest.mark.parametrize("keep", ["windows", "full"])
def test_stride_pairs_frames_further_apart(tmp_path, write_faces, keep):
    valid = np.array([True, True, True, False, True, True, True])
    write_faces(tmp_path / "faces.h5", n_frames=7, valid=valid)
    flow_pair_file(tmp_path / "faces.h5", tmp_path / "flow.h5", backend="dis", keep=keep, stride=3, margin=0)
    with Artifact(tmp_path / "faces.h5") as faces, Artifact(tmp_path / "flow.h5") as flow:
        assert flow.params["stride"] == 3
        assert flow["valid"][:].tolist() == [False, True, True, False]
        for t in (1, 2):
            expected = get_backend("dis")(faces["frames"][t], faces["frames"][t + 3]).astype(np.float16)
            if keep == "full":
                np.testing.assert_array_equal(flow["flow"][t], expected)
            else:
                x, y = flow["roi_origin"][t][4]
                np.testing.assert_array_equal(flow["roi"][t][4], expected[y : y + 11, x : x + 11])


class Recorder:
    """A flow method that notes how it was called; its flow tells the pair and the calls since a restart."""

    def __init__(self, batch):
        self.sizes, self.restarts, self.since = [], 0, 0
        self.backend = Backend("recorder", {}, self.solve, self.solve_many, self.restart, batch)

    def solve(self, reference, moving):
        self.since += 1
        flow = np.zeros((*reference.shape, 2), np.float32)
        flow[...] = reference.astype(float).mean() - moving.astype(float).mean(), self.since
        return flow

    def solve_many(self, references, movings):
        self.sizes.append(len(references))
        return np.stack([self.solve(*pair) for pair in zip(references, movings, strict=True)])

    def restart(self):
        self.restarts += 1
        self.since = 0


@pytest.mark.parametrize("keep", ["windows", "full"])
def test_batches_give_the_same_file(tmp_path, write_faces, monkeypatch, keep):
    valid = np.ones(13, bool)
    valid[6] = False
    write_faces(tmp_path / "faces.h5", n_frames=13, valid=valid)
    sizes = {1: [1] * 10, 4: [4, 1, 4, 1]}  # five pairs, two without a face, five pairs
    for batch, expected in sizes.items():
        recorder = Recorder(batch)
        monkeypatch.setattr(pair_flows, "get_backend", lambda name, chosen=recorder.backend, **_: chosen)
        flow_pair_file(tmp_path / "faces.h5", tmp_path / f"{batch}.h5", backend="recorder", keep=keep)
        assert recorder.sizes == expected
        assert recorder.restarts == 2, "at the begin and after the gap"
    assert (tmp_path / "1.h5").read_bytes() == (tmp_path / "4.h5").read_bytes()


@pytest.mark.parametrize(
    ("pairs", "restarts"),
    [
        ([(0, 1), (0, 2), (0, 3)], 1),  # one reference
        ([(0, 2), (1, 3), (2, 4)], 1),
        ([(0, 1), (0, 2), (3, 4), (3, 5)], 2),  # two events
        ([(0, 1), None, (0, 3)], 2),
        ([(0, 2), (0, 1)], 2),
        ([None, None], 0),
    ],
)
def test_a_method_forgets_the_pair_before_when_the_next_does_not_continue_it(pairs, restarts):
    recorder = Recorder(batch=8)
    frames = np.arange(6, dtype=np.uint8)[:, None, None] + np.zeros((6, 16, 16), np.uint8)
    flows = list(pair_flows.pair_flows(frames, pairs, recorder.backend))
    assert recorder.restarts == restarts
    for pair, flow in zip(pairs, flows, strict=True):
        assert (flow is None) == (pair is None)
        if pair:
            assert flow[0, 0, 0] == pair[0] - pair[1]


def test_a_method_that_remembers_nothing_takes_batches_across_events():
    recorder = Recorder(batch=8)
    method = Backend("recorder", {}, recorder.solve, recorder.solve_many, batch=3)
    frames = np.arange(9, dtype=np.uint8)[:, None, None] + np.zeros((9, 16, 16), np.uint8)
    pairs = [(0, 3), (1, 5), (4, 8), (2, 3), None, (6, 7)]
    flows = list(pair_flows.pair_flows(frames, pairs, method))
    assert recorder.sizes == [3, 1, 1]
    assert [None if flow is None else flow[0, 0, 0] for flow in flows] == [-3, -4, -4, -1, None, -1]


def test_accelerator_reaches_torch_only_and_is_not_recorded(monkeypatch):
    asked = []
    monkeypatch.setattr(
        pair_flows, "get_backend", lambda name, **given: asked.append(given) or get_backend("dis")
    )
    for backend in ("torch", "native"):
        _, params = pair_flows.flow_method(backend, scales=3, profile="exact", accelerator="gpu")
        assert "gpu" not in str(params) and "cuda" not in str(params)
    assert asked == [{"n_scales": 3, "device": "cuda"}, {"n_scales": 3}]


@pytest.mark.parametrize("batch", [1, 4])
def test_no_more_frames_are_held_than_a_batch_needs(batch):
    class Frames:
        """Frames that count how many of them are alive."""

        def __init__(self):
            self.references, self.reads = [], 0

        def __getitem__(self, t):
            self.reads += 1
            frame = np.full((16, 16), t, np.uint8)
            self.references.append(weakref.ref(frame))
            self.most = max(getattr(self, "most", 0), sum(r() is not None for r in self.references))
            return frame

    frames = Frames()
    pairs = [(t, t + 1) for t in range(40)]
    for _ in pair_flows.pair_flows(frames, pairs, Recorder(batch).backend):
        pass
    assert frames.reads == 41, "a frame of two pairs is read once"
    assert frames.most <= batch + 2


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
            ({"stride": 4}, {"n_frames": 4}, "at least 5"),
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
        "settings",
        [
            {"keep": "all"},
            {"margin": -1},
            {"backend": "tvl1"},
            {"scales": 0},
            {"radius": 0},
            {"stride": 0},
            {"backend": "dis", "profile": "stream"},
            {"accelerator": "tpu"},
        ],
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
