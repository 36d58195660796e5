"""Stage flow_onset: flow from the onset of each event to all its frames."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from mezoo.artifact import Artifact, digest, write_failed
from mezoo.errors import ConfigError
from mezoo.motion import Backend, flow_onset_file, get_backend, pair_flows
from mezoo.motion.head_motion import remove
from mezoo.motion.strain import optical_strain


@pytest.fixture
def run(tmp_path, write_faces, write_labels):
    """Write faces and labels, run the stage and open its artifact."""
    opened = []

    def run(*events, settings=None, **video):
        write_faces(tmp_path / "faces.h5", **video)
        write_labels(tmp_path / "labels.csv", *events)
        chosen = {"backend": "dis"} | (settings or {})
        flow_onset_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", **chosen)
        opened.append(Artifact(tmp_path / "out.h5"))
        return opened[-1]

    yield run
    for artifact in opened:
        artifact.__exit__(None, None, None)


def test_content(run, tmp_path):
    out = run((2, 4, 5), (6, 7, 8), n_frames=9, index=np.arange(1, 10))
    assert out.ok and out.stage == "flow_onset" and out.attrs["fps"] == 30
    assert set(out.inputs) == {"faces", "labels"} and out.inputs["faces"] == digest(tmp_path / "faces.h5")
    assert out.params.items() >= {"backend": "dis", "head_motion": "keep", "strain": "central"}.items()
    assert out.params["method"] == get_backend("dis").params
    assert out["event"][:].tolist() == [0, 0, 0, 1, 1] and out["event"].dtype == np.int16
    assert out["index"][:].tolist() == [3, 4, 5, 7, 8] and out["index"].dtype == np.int32
    assert out["reference"][:].tolist() == [2, 6]
    assert [out[name][:].tolist() for name in ("onset", "apex", "offset")] == [[2, 6], [4, 7], [5, 8]]
    assert json.loads(out.attrs["events"]) == ["e0", "e1"] and json.loads(out.attrs["reasons"]) == ["", ""]
    assert out["valid"][:].all()
    with Artifact(tmp_path / "faces.h5") as faces:
        frames = faces["frames"][:]
    for row, (reference, moving) in enumerate([(1, 2), (1, 3), (1, 4), (5, 6), (5, 7)]):
        flow = get_backend("dis")(frames[reference], frames[moving])
        np.testing.assert_array_equal(out["flow"][row], flow.astype(np.float16))
        np.testing.assert_array_equal(out["strain"][row], optical_strain(flow).astype(np.float16))


def test_the_flow_is_the_motion_since_the_onset(run, true_flow):
    out = run((2, 4, 7), n_frames=8, settings={"backend": "native"})
    inside = (slice(70, 140), slice(30, 110))
    for row, moving in enumerate(range(2, 7)):
        error = np.linalg.norm(out["flow"][row] - true_flow(1, moving), axis=-1)[inside]
        assert error.mean() < 0.06, "the texture is sharp, so the end-point error is small"
    last = np.abs(optical_strain(true_flow(1, 6)) - out["strain"][4])[inside]
    assert last.mean() < 0.02 < out["strain"][4][inside].max()


@pytest.mark.parametrize(
    ("event", "reference", "rows"),
    [
        ((1, 17, 33), 1, [9, 17, 25, 33]),
        ((2, 17, 32), 9, [17, 25]),  # onset: the kept frame after it; offset: the one before it
        ((9, 17, 60), 9, [17, 25, 33, 41, 49, 57]),  # frames 58-64 are stood for by 57
        ((33, 41, None), 33, [41]),  # no offset: the apex ends the event
    ],
)
def test_frames_of_a_lower_rate(run, event, reference, rows):
    out = run(event, n_frames=8, index=np.arange(1, 64, 8))
    assert out["reference"][:].tolist() == [reference] and out["index"][:].tolist() == rows
    assert out["offset"][:].tolist() == [-1 if event[2] is None else event[2]]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ((4, 5, 99), "offset 99 lies outside the frames 1-8"),
        ((0, 2, 3), "onset 0 lies outside"),
        ((8, 8, 9), "offset 9 lies outside"),
        ((5, 5, 5), "no frame between onset 5 and offset 5"),
        ((None, 5, 6), "no onset"),
        ((3, None, None), "neither offset nor apex"),
    ],
)
def test_an_unusable_event_is_told_and_has_no_rows(run, event, reason):
    out = run(event, (2, 3, 4), n_frames=8)
    assert out.ok and out["event"][:].tolist() == [1, 1]
    first, second = json.loads(out.attrs["reasons"])
    assert reason in first and second == ""
    assert out["reference"][:].tolist() == [-1, 2]


def test_invalid_faces(run):
    valid = np.array([True, False, True, True, False, True, True, True])
    out = run((2, 3, 4), (4, 5, 7), n_frames=8, valid=valid)
    assert out["valid"][:].tolist() == [False, False, False, True, True]
    assert out["flow"][:].reshape(5, -1).any(axis=1).tolist() == out["valid"][:].tolist()
    assert out["strain"][:].reshape(5, -1).any(axis=1).tolist() == out["valid"][:].tolist()
    assert json.loads(out.attrs["reasons"]) == ["no valid face in frame 2", ""]


def test_head_motion_is_removed_before_the_strain(run, tmp_path):
    out = run((2, 4, 5), n_frames=6, settings={"head_motion": "remove", "strain": "backward"})
    with Artifact(tmp_path / "faces.h5") as faces:
        flow = get_backend("dis")(faces["frames"][1], faces["frames"][3])
        cleaned = remove(flow, faces["landmarks"][1])
    np.testing.assert_array_equal(out["flow"][1], cleaned.astype(np.float16))
    strain = optical_strain(cleaned, differences="backward")
    np.testing.assert_array_equal(out["strain"][1], strain.astype(np.float16))


def test_points_that_tell_no_head_motion_are_recorded(run, face_points):
    landmarks = np.stack([face_points()] * 8)
    landmarks[1] = 40
    settings = {"head_motion": "remove"}
    out = run((2, 3, 4), (5, 6, 7), n_frames=8, landmarks=landmarks, settings=settings)
    assert out["valid"][:].tolist() == [False, False, True, True]
    assert "stable points" in json.loads(out.attrs["reasons"])[0]


def test_a_video_without_events_is_empty_but_usable(run):
    out = run(n_frames=3)
    assert out.ok and out["flow"].shape == (0, 160, 160, 2) and out["strain"].shape == (0, 160, 160)
    assert len(out["valid"]) == len(out["onset"]) == len(out["reference"][:]) == 0
    assert json.loads(out.attrs["events"]) == []
    out.verify()


def test_no_usable_event_fails(run):
    out = run((4, 5, 99), (50, 60, 70), n_frames=8)
    assert not out.ok and "none of 2 events" in out.reason and "e0: offset 99 lies outside" in out.reason


def test_failed_faces_pass_on(tmp_path, write_labels):
    write_failed(tmp_path / "faces.h5", stage="faces", params={}, inputs={}, reason="no face was found")
    write_labels(tmp_path / "labels.csv", (1, 2, 3))
    flow_onset_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5")
    with Artifact(tmp_path / "out.h5") as out:
        assert not out.ok and out.reason == "no face was found"


@pytest.mark.parametrize(
    "settings", [{"head_motion": "drop"}, {"strain": "forward"}, {"backend": "tvl1"}, {"scales": 0}]
)
def test_wrong_settings_stop(run, settings):
    with pytest.raises(ConfigError):
        run((1, 2, 3), settings={"backend": "native"} | settings)


def test_absent_table_stops(tmp_path, write_faces):
    write_faces(tmp_path / "faces.h5", n_frames=3)
    (tmp_path / "labels.csv").write_text("onset,offset\n1,2\n")
    with pytest.raises(ConfigError, match=r"labels\.csv"):
        flow_onset_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", backend="dis")
    assert not (tmp_path / "out.h5").exists()


def test_batches_give_the_same_file(run, tmp_path, monkeypatch):
    contents = []
    for batch in (1, 4):
        dis = get_backend("dis")
        sizes = []

        def many(references, movings, dis=dis, sizes=sizes):
            sizes.append(len(references))
            return np.stack([dis(*pair) for pair in zip(references, movings, strict=True)])

        fake = Backend("dis", dis.params, dis, many, None, batch)
        monkeypatch.setattr(pair_flows, "get_backend", lambda name, chosen=fake, **_: chosen)
        run((1, 4, 7), (7, 8, 9), n_frames=10)
        assert sizes == ([1] * 8 if batch == 1 else [4, 4]), "batches go across events"
        contents.append((tmp_path / "out.h5").read_bytes())
    assert contents[0] == contents[1]


def test_memory_does_not_grow_with_the_event(tmp_path, write_faces, write_labels):
    peaks = []
    for n_frames in (4, 40):
        write_faces(tmp_path / "faces.h5", n_frames=n_frames)
        write_labels(tmp_path / "labels.csv", (1, 2, n_frames))
        paths = [tmp_path / name for name in ("faces.h5", "labels.csv", "out.h5")]
        flow_onset_file(*paths, backend="dis")  # warm up
        tracemalloc.start()
        flow_onset_file(*paths, backend="dis")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    field = 160 * 160 * 2 * 4
    assert peaks[1] - peaks[0] < 2 * field, "36 more frames must not cost two more flow fields"
