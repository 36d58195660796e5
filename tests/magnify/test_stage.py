"""Stage magnified: the frames of each event, magnified from its onset."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mezoo.artifact import Artifact, digest, write_failed
from mezoo.errors import ConfigError
from mezoo.magnify import MAGNIFIERS, get_magnifier
from mezoo.magnify.stage import magnified_file, onset_settings


@pytest.fixture
def run(tmp_path, write_faces, write_labels):
    """Write faces and labels, run the stage and open its artifact."""
    opened = []

    def run(*events, settings=None, **video):
        write_faces(tmp_path / "faces.h5", shape=(64, 72), **video)
        write_labels(tmp_path / "labels.csv", *events)
        chosen = {"method": "eulerian", "factor": 3.0} | (settings or {})
        magnified_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", **chosen)
        opened.append(Artifact(tmp_path / "out.h5"))
        return opened[-1]

    yield run
    for artifact in opened:
        artifact.__exit__(None, None, None)


def frames_of(tmp_path):
    with Artifact(tmp_path / "faces.h5") as faces:
        return faces["frames"][:]


WITHOUT_WEIGHTS = [name for name, method in MAGNIFIERS.items() if "weights" not in method.defaults]


@pytest.mark.parametrize("method", WITHOUT_WEIGHTS)
def test_content(run, tmp_path, method):
    out = run((2, 4, 5), (6, 7, 8), n_frames=9, settings={"method": method})
    assert out.ok and out.stage == "magnified" and out.attrs["fps"] == 30
    assert out.inputs == {name: digest(tmp_path / f"{name}.{end}") for name, end in
                          (("faces", "h5"), ("labels", "csv"))}  # fmt: skip
    known = get_magnifier(method).describe(**onset_settings(get_magnifier(method)))
    assert out.params == {"factor": 3.0, **json.loads(json.dumps(known))} and out.params["method"] == method
    assert out["event"][:].tolist() == [0, 0, 0, 0, 1, 1, 1] and out["event"].dtype == np.int16
    assert out["index"][:].tolist() == [2, 3, 4, 5, 6, 7, 8] and out["index"].dtype == np.int32
    assert out["reference"][:].tolist() == [2, 6] and out["valid"][:].all()
    assert [out[name][:].tolist() for name in ("onset", "apex", "offset")] == [[2, 6], [4, 7], [5, 8]]
    assert json.loads(out.attrs["events"]) == ["e0", "e1"] and json.loads(out.attrs["reasons"]) == ["", ""]
    frames = frames_of(tmp_path)
    for rows, kept in ((slice(0, 4), slice(1, 5)), (slice(4, 7), slice(5, 8))):
        magnify = get_magnifier(method).magnify
        expected = magnify(frames[kept], 30.0, 3.0, **onset_settings(get_magnifier(method)))
        np.testing.assert_array_equal(out["frames"][rows], expected)
        np.testing.assert_array_equal(out["frames"][rows.start], frames[kept.start])
    assert ("hole_ratio" in out) == (method == "lagrangian")


def test_the_motion_since_the_onset_is_as_large_as_the_factor_says(run, tmp_path):
    """A frame of the scene is `t` steps from the first: three times 1 step is about 3 steps."""
    out = run((2, 3, 4), n_frames=6, settings={"method": "phase"})
    frames, inside = frames_of(tmp_path).astype(float), (slice(12, -12), slice(12, -12))
    difference = [np.abs(out["frames"][1] - frames[t])[inside].mean() for t in range(6)]
    assert int(np.argmin(difference)) == 4, "onset at position 1, one step on, magnified three times"


def test_holes_are_told_per_frame_and_0_for_the_onset(run):
    out = run((2, 4, 5), (1, 2, 99), n_frames=8, settings={"method": "lagrangian", "factor": 8.0})
    assert out["hole_ratio"].shape == out["valid"].shape and out["hole_ratio"].dtype == np.float32
    assert out["hole_ratio"][0] == 0 and (out["hole_ratio"][:] >= 0).all()


def test_factor_one_keeps_the_frames(run, tmp_path):
    out = run((2, 4, 6), n_frames=8, settings={"factor": 1.0})
    np.testing.assert_array_equal(out["frames"][:], frames_of(tmp_path)[1:6])


def test_the_settings_do_not_depend_on_the_frame_rate(run, tmp_path, monkeypatch):
    """8 frames per second carry no band up to 10 Hz; 1 stands for an unknown rate."""
    expected = run((2, 4, 6), n_frames=8)["frames"][:]
    for rate in (8.0, 1.0):
        monkeypatch.setattr("mezoo.magnify.stage._fps", lambda faces, rate=rate: rate)
        np.testing.assert_array_equal(run((2, 4, 6), n_frames=8)["frames"][:], expected)


def test_an_unusable_event_is_told_and_has_no_rows(run):
    out = run((4, 5, 99), (2, 3, 4), n_frames=8)
    assert out.ok and out["event"][:].tolist() == [1, 1, 1]
    first, second = json.loads(out.attrs["reasons"])
    assert "offset 99 lies outside" in first and second == ""


def test_invalid_faces_are_black_and_told(run):
    valid = np.array([True, False, True, True, False, True, True, True])
    out = run((2, 3, 4), (4, 5, 7), n_frames=8, valid=valid)
    assert out["valid"][:].tolist() == [False] * 3 + [True, False, True, True]
    assert out["frames"][:].reshape(7, -1).any(axis=1).tolist() == out["valid"][:].tolist()
    assert json.loads(out.attrs["reasons"]) == ["no valid face in frame 2", ""]


def test_a_video_without_events(run):
    out = run(n_frames=4)
    assert out.ok and out["frames"].shape == (0, 64, 72) and len(out["event"]) == 0


def test_failures_end_as_failed_artifacts(run, tmp_path, write_labels):
    out = run((99, 100, 101), n_frames=4)
    assert not out.ok and "none of 1 events can be used" in out.reason
    write_failed(tmp_path / "bad.h5", stage="faces", params={}, inputs={}, reason="no face")
    magnified_file(tmp_path / "bad.h5", tmp_path / "labels.csv", tmp_path / "passed.h5")
    with Artifact(tmp_path / "passed.h5") as passed:
        assert passed.stage == "magnified" and passed.reason == "no face"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"method": "eulerain"}, "Did you mean 'eulerian'"),
        ({"factor": -1.0}, "total factors of at least 0"),
        ({"factor": float("inf")}, "total factors"),
        ({"weights": "w.pth"}, "parameter 'weights' of the magnification eulerian"),
    ],
)
def test_wrong_usage(run, settings, said):
    with pytest.raises(ConfigError, match=said):
        run((1, 2, 3), n_frames=4, settings=settings)
