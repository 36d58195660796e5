"""Stage interpolated: each event as a clip of one length, at known times of a known motion."""

from __future__ import annotations

import json

import numpy as np
import pytest
from motion.conftest import face_points, write_faces, write_labels

from mezoo.artifact import Artifact, digest
from mezoo.errors import ConfigError
from mezoo.interpolate import INTERPOLATORS
from mezoo.interpolate.rife_origin import report_path, trained_on, write_report
from mezoo.interpolate.schedule import slstt_schedule
from mezoo.interpolate.stage import interpolated_file

__all__ = ["face_points", "write_faces", "write_labels"]
SIZE = (64, 48)


@pytest.fixture
def run(tmp_path, write_faces, write_labels):
    """Write faces and labels, run the stage and open its artifact."""
    opened = []

    def run(*events, settings=None, **video):
        write_faces(tmp_path / "faces.h5", **{"shape": SIZE} | video)
        write_labels(tmp_path / "labels.csv", *events)
        chosen = {"method": "linear", "length": 5} | (settings or {})
        interpolated_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", **chosen)
        opened.append(Artifact(tmp_path / "out.h5"))
        return opened[-1]

    yield run
    for artifact in opened:
        artifact.__exit__(None, None, None)


def frames_of(tmp_path):
    with Artifact(tmp_path / "faces.h5") as faces:
        return faces["frames"][:]


def lists(out):
    return {name: json.loads(out.attrs[name]) for name in ("events", "reasons")}


def test_content(run, tmp_path):
    out = run((2, 4, 6), (5, 6, 7), n_frames=9)
    assert out.ok and out.stage == "interpolated" and out.attrs["fps"] == 30
    assert out.inputs["labels"] == digest(tmp_path / "labels.csv")
    assert out.params == {"method": "linear", "length": 5, "schedule": "even"}
    assert out["frames"].shape == (2, 5, *SIZE) and out["frames"].dtype == np.uint8
    assert out["position"][:].tolist() == [[2, 3, 4, 5, 6], [5, 5.5, 6, 6.5, 7]]
    assert out["position"].dtype == np.float32 and out["valid"][:].all()
    assert out["reference"][:].tolist() == [2, 5] and out["offset"][:].tolist() == [6, 7]
    assert lists(out) == {"events": ["e0", "e1"], "reasons": ["", ""]}
    frames = frames_of(tmp_path)
    np.testing.assert_array_equal(out["frames"][0], frames[1:6])
    between = np.rint((frames[4].astype(float) + frames[5]) / 2)
    np.testing.assert_array_equal(out["frames"][1][1], between)
    out.verify()


@pytest.mark.parametrize("length", [10, 11, 16, 32, 64, 128])
def test_any_length(run, length):
    out = run((1, 3, 8), n_frames=8, settings={"method": "tim", "length": length})
    np.testing.assert_allclose(out["position"][0], np.linspace(1, 8, length), atol=1e-6)
    assert out["frames"].shape[1] == length


@pytest.mark.parametrize("method", [name for name in INTERPOLATORS if name != "rife"])
def test_a_clip_is_what_the_method_makes_of_it(run, tmp_path, method):
    out = run((2, 4, 6), n_frames=8, settings={"method": method, "length": 7})
    wanted = INTERPOLATORS[method].bring_to(frames_of(tmp_path)[1:6], 7)
    np.testing.assert_array_equal(out["frames"][0], wanted)
    assert out.params["method"] == method


@pytest.mark.parametrize(("schedule", "order"), [("slstt", "code"), ("slstt_paper", "paper")])
@pytest.mark.parametrize("event", [(1, 9, 20), (2, 5, 7), (3, 4, 4), (1, 6, None)])
def test_schedules_around_the_apex(run, tmp_path, event, schedule, order):
    out = run(event, n_frames=20, settings={"length": 11, "schedule": schedule})
    onset, apex, offset = event
    wanted = slstt_schedule(onset, apex, offset or apex, order=order)
    np.testing.assert_allclose(out["position"][0], wanted)
    assert out["reference"][0] == onset and json.loads(out.attrs["apex_source"]) == ["coded"]
    frames = frames_of(tmp_path)
    for image, place in zip(out["frames"][0], wanted, strict=True):
        if place % 1 == 0:
            np.testing.assert_array_equal(image, frames[int(place) - 1])


def test_the_middle_stands_in_for_a_missing_apex(run):
    settings = {"length": 3, "schedule": "slstt"}
    out = run((1, None, 7), n_frames=8, settings=settings)
    assert out["position"][0].tolist() == [3, 4, 5] and json.loads(out.attrs["apex_source"]) == ["middle"]
    out = run((1, None, 7), (1, 2, 3), n_frames=8, settings=settings | {"missing_apex": "skip"})
    assert out["valid"][:].tolist() == [False, True] and out.params["missing_apex"] == "skip"


def test_times_of_a_lower_rate_are_frame_numbers_of_the_video(run):
    out = run((1, 17, 33), n_frames=6, index=np.arange(1, 42, 8), settings={"length": 9})
    assert out["position"][0].tolist() == np.arange(1, 34, 4).tolist()
    out = run((1, 17, 33), n_frames=6, index=np.arange(1, 42, 8), settings={"length": 3, "schedule": "slstt"})
    assert out["position"][0].tolist() == [9, 17, 25]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ((4, 99, 100), "offset 100 lies outside the frames 1-8"),
        ((5, 5, 5), "no frame between onset 5 and offset 5"),
        ((None, 5, 6), "no onset"),
        ((5, None, None), "neither offset nor apex"),
        ((2, 3, 5), "no valid face in frame 4"),
    ],
)
def test_an_unusable_event_keeps_its_place(run, event, reason):
    out = run(event, (5, 6, 8), n_frames=8, valid=np.arange(8) != 3)
    assert out["valid"][:].tolist() == [False, True]
    assert not out["frames"][0].any() and out["frames"][1].any()
    assert (out["position"][0] == -1).all() and (out["position"][1] > 0).all()
    assert reason in lists(out)["reasons"][0] and lists(out)["reasons"][1] == ""


def test_an_apex_on_the_onset_cannot_be_centred(run):
    out = run((5, 5, 7), (1, 2, 3), n_frames=8, settings={"length": 3, "schedule": "slstt"})
    assert out["valid"][:].tolist() == [False, True] and "apex 5" in lists(out)["reasons"][0]


def test_a_video_without_events_is_empty_but_usable(run):
    out = run(n_frames=3)
    assert out.ok and out["frames"].shape == (0, 5, *SIZE) and len(out["valid"]) == 0
    out.verify()


def test_no_usable_event_fails(run):
    out = run((4, 99, 100), n_frames=8)
    assert not out.ok and "none of 1 events" in out.reason


def test_every_file_says_which_weights(run, tmp_path, neutral_weights):
    settings = {"method": "rife", "length": 3, "accelerator": "cpu", "weights": neutral_weights}
    out = run((1, 2, 2), n_frames=2, settings=settings)
    assert out.params["weights"] == {"flownet.pkl": digest(neutral_weights)}
    assert "weights_trained_on" not in out.attrs and "accelerator" not in out.params
    frames = frames_of(tmp_path).astype(float)
    assert np.abs(out["frames"][0, 1] - frames.mean(axis=0)).max() <= 0.51
    own = tmp_path / "small.pt"
    own.write_bytes(neutral_weights.read_bytes())
    write_report(own, {"corpora": ["demo_casme2"]})
    out = run((1, 2, 2), n_frames=2, settings=settings | {"weights": own})
    assert json.loads(out.attrs["weights_trained_on"]) == ["demo_casme2"]


def test_the_report_counts_for_its_own_weights_only(tmp_path):
    weights = tmp_path / "small.pt"
    assert trained_on(None) is None and trained_on(weights) is None
    weights.write_bytes(b"first")
    write_report(weights, {"corpora": ["a", "b"]})
    assert trained_on(weights) == ["a", "b"]
    weights.write_bytes(b"second")
    assert trained_on(weights) is None
    report_path(weights).write_text("no JSON")
    assert trained_on(weights) is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"schedule": "evenly"}, "interpolate.schedule"),
        ({"length": 1}, "at least 2 frames"),
        ({"schedule": "slstt", "length": 10}, "odd number"),
        ({"method": "rief"}, "Did you mean 'rife'"),
        ({"method": "rife"}, "without weights"),
        ({"method": "tim", "weights": "w.pt"}, "learns nothing"),
        ({"missing_apex": "first"}, "missing_apex"),
    ],
)
def test_wrong_settings_stop(run, settings, words):
    with pytest.raises(ConfigError, match=words):
        run((1, 2, 3), settings=settings)
