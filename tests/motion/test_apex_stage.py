"""Stage flow_apex: one field per event, with magnitude, orientation and strain."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.demo.plan import plan_corpus
from mezoo.demo.render import frames as draw
from mezoo.demo.scene import build_scene
from mezoo.demo.truth import dense_displacement, landmarks_at
from mezoo.errors import ConfigError
from mezoo.motion import flow_apex_file, get_backend
from mezoo.motion.apex_stage import polar
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
        flow_apex_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", **chosen)
        opened.append(Artifact(tmp_path / "out.h5"))
        return opened[-1]

    yield run
    for artifact in opened:
        artifact.__exit__(None, None, None)


def lists(out):
    return {name: json.loads(out.attrs[name]) for name in ("events", "reasons", "apex_source")}


def test_content(run, tmp_path):
    out = run((2, 4, 5), (6, 8, 8), n_frames=9)
    assert out.ok and out.stage == "flow_apex" and out.attrs["fps"] == 30
    assert out.inputs["labels"] == digest(tmp_path / "labels.csv")
    assert out.params.items() >= {"backend": "dis", "missing_apex": "middle", "head_motion": "keep"}.items()
    assert out["reference"][:].tolist() == [2, 6] and out["index"][:].tolist() == [4, 8]
    assert [out[name][:].tolist() for name in ("onset", "apex", "offset")] == [[2, 6], [4, 8], [5, 8]]
    assert lists(out) == {"events": ["e0", "e1"], "reasons": ["", ""], "apex_source": ["coded", "coded"]}
    with Artifact(tmp_path / "faces.h5") as faces:
        frames = faces["frames"][:]
    for k, (reference, moving) in enumerate([(1, 3), (5, 7)]):
        flow = get_backend("dis")(frames[reference], frames[moving])
        rho, theta = polar(flow)
        wanted = {"flow": flow, "strain": optical_strain(flow), "rho": rho, "theta": theta}
        for name, values in wanted.items():
            assert out[name].dtype == np.float16
            np.testing.assert_array_equal(out[name][k], values.astype(np.float16))
    assert out["theta"].attrs["units"] == "rad"


def test_the_flow_is_the_motion_from_onset_to_apex(run, true_flow):
    out = run((1, 6, 8), n_frames=8, settings={"backend": "native"})
    truth, inside = true_flow(0, 5), (slice(70, 140), slice(30, 110))
    assert np.linalg.norm(out["flow"][0] - truth, axis=-1)[inside].mean() < 0.06
    assert np.abs(out["rho"][0] - np.linalg.norm(truth, axis=-1))[inside].mean() < 0.06
    moving = np.linalg.norm(truth, axis=-1) > 1
    turned = out["theta"][0] - np.arctan2(truth[..., 1], truth[..., 0])
    assert np.abs(np.angle(np.exp(1j * turned)))[moving].mean() < 0.06


def test_orientation_is_in_its_half_open_range():
    flow = np.array([[-1, 0], [-1, -0.0], [0, 0], [-0.0, 0], [-0.0, -0.0], [0, 2], [0, -2]], np.float32)
    rho, theta = polar(flow)
    np.testing.assert_allclose(theta, [np.pi, np.pi, 0, 0, 0, np.pi / 2, -np.pi / 2], rtol=1e-6)
    np.testing.assert_allclose(rho, [1, 1, 0, 0, 0, 2, 2])
    assert rho.dtype == theta.dtype == np.float32


@pytest.mark.parametrize(
    ("event", "pair"),
    [((1, 20, 33), (1, 17)), ((2, 22, 32), (9, 25)), ((8, 13, 20), (9, 9)), ((1, 62, 64), (1, 57))],
)
def test_frames_of_a_lower_rate(run, event, pair):
    """Onset: the kept frame at or after it; apex: the nearest one, the earlier of two."""
    out = run(event, (1, 9, 17), n_frames=8, index=np.arange(1, 64, 8))
    if pair[0] == pair[1]:
        assert lists(out)["reasons"] == [f"apex {event[1]} is not after the onset {event[0]}", ""]
        pair = (-1, -1)
    assert (out["reference"][0], out["index"][0]) == pair
    assert out["valid"][0] == (pair[0] > 0)


@pytest.mark.parametrize(("event", "middle"), [((2, None, 7), 4), ((2, None, 8), 5), ((3, None, 4), None)])
def test_the_middle_stands_in_for_a_missing_apex(run, event, middle):
    """Frame floor((n - 1) / 2) of the n frames from onset to offset."""
    out = run(event, (1, 2, 3), n_frames=8)
    assert out["apex"][:].tolist() == [-1, 2]
    if middle is None:  # of two frames it is the onset itself
        assert "apex 3 is not after the onset 3" in lists(out)["reasons"][0]
        return
    assert out["index"][0] == middle and lists(out)["apex_source"] == ["middle", "coded"]


def test_a_spotted_apex_is_never_called_coded(run):
    """The motion of `write_faces` grows until the end."""
    out = run((2, None, 8), (1, 2, 3), n_frames=9, settings={"missing_apex": "spotted"})
    assert out["apex"][:].tolist() == [-1, 2] and lists(out)["apex_source"] == ["spotted", "coded"]
    assert out["index"][0] >= 7 and out.params["missing_apex"] == "spotted"


def test_no_face_to_search_is_a_reason(run):
    valid = np.arange(8) != 3
    out = run((4, None, 7), (1, 2, 3), n_frames=8, valid=valid, settings={"missing_apex": "spotted"})
    assert lists(out)["reasons"] == ["no valid face in frame 4, or in none after it", ""]
    out = run((7, None, 7), (1, 2, 3), n_frames=8, settings={"missing_apex": "spotted"})
    assert lists(out)["reasons"] == ["no frame from onset 7 to offset 7", ""]


def test_a_missing_apex_can_be_left_out(run):
    out = run((2, None, 7), (1, 2, 3), n_frames=8, settings={"missing_apex": "skip"})
    assert out["valid"][:].tolist() == [False, True] and out["index"][:].tolist() == [-1, 2]
    assert lists(out)["reasons"] == ["no apex is coded", ""] and lists(out)["apex_source"] == ["", "coded"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ((4, 99, 100), "apex 99 lies outside the frames 1-8"),
        ((0, 2, 3), "onset 0 lies outside"),
        ((5, 5, 6), "apex 5 is not after the onset 5"),
        ((5, 3, 6), "apex 3 is not after"),
        ((None, 5, 6), "no onset"),
        ((5, None, None), "no apex"),
        ((2, 4, 5), "no valid face in frame 4"),
        ((4, 5, 6), "no valid face in frame 4"),
    ],
)
def test_an_unusable_event_keeps_its_place(run, event, reason):
    valid = np.arange(8) != 3
    out = run(event, (1, 3, 5), n_frames=8, valid=valid)
    assert out["valid"][:].tolist() == [False, True]
    for name in ("flow", "strain", "rho", "theta"):
        assert not out[name][0].any() and out[name][1].any()
    assert reason in lists(out)["reasons"][0] and lists(out)["reasons"][1] == ""


def test_an_offset_outside_the_video_does_not_matter(run):
    assert run((2, 4, 99), n_frames=8)["valid"][:].tolist() == [True]


def test_head_motion_is_removed_from_everything(run, tmp_path):
    out = run((2, 5, 6), n_frames=6, settings={"head_motion": "remove"})
    with Artifact(tmp_path / "faces.h5") as faces:
        flow = remove(get_backend("dis")(faces["frames"][1], faces["frames"][4]), faces["landmarks"][1])
    for name, values in (("flow", flow), ("rho", polar(flow)[0]), ("strain", optical_strain(flow))):
        np.testing.assert_array_equal(out[name][0], values.astype(np.float16))


def test_a_video_without_events_is_empty_but_usable(run):
    out = run(n_frames=3)
    assert out.ok and out["flow"].shape == (0, 160, 160, 2) and out["theta"].shape == (0, 160, 160)
    assert len(out["valid"]) == len(out["index"]) == 0 and lists(out)["apex_source"] == []
    out.verify()


def test_no_usable_event_fails(run):
    out = run((4, 99, 100), n_frames=8)
    assert not out.ok and "none of 1 events" in out.reason and "e0: apex 99" in out.reason


@pytest.mark.parametrize("settings", [{"missing_apex": "first"}, {"head_motion": "drop"}, {"strain": ""}])
def test_wrong_settings_stop(run, settings):
    with pytest.raises(ConfigError):
        run((1, 2, 3), settings=settings)


@pytest.mark.parametrize(
    ("layout", "video", "source"), [("casme2", "sub03_EP08_03", "coded"), ("smic", "s01_sur_03", "middle")]
)
def test_a_demo_clip_against_its_exact_displacement(tmp_path, write_labels, layout, video, source):
    planned = next(
        v for v in plan_corpus(layout, n_subjects=3, size="tiny").videos if v.video == video and v.events
    )
    truth = build_scene(planned, layout, 0)
    images = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in draw(truth, planned.seed)]
    points = np.stack([landmarks_at(truth, t) for t in range(len(images))])
    (left, top), (right, bottom) = points.min(axis=(0, 1)).astype(int), points.max(axis=(0, 1)).astype(int)
    area = (slice(top, bottom), slice(left, right))
    with ArtifactWriter(tmp_path / "faces.h5", stage="faces", params={}, inputs={}) as writer:
        writer.write("frames", np.stack(images)[:, *area], axes="(T, H, W)")
        writer.write("index", np.arange(len(images), dtype=np.int32) + truth.first_frame, axes="(T)")
        writer.write("valid", np.ones(len(images), bool), axes="(T)")
    onset, apex, offset = planned.events[0].coded
    write_labels(tmp_path / "labels.csv", (onset, apex if source == "coded" else None, offset))
    flow_apex_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5")
    with Artifact(tmp_path / "out.h5") as out:
        assert lists(out)["apex_source"] == [source]
        start, end = (int(out[name][0]) - truth.first_frame for name in ("reference", "index"))
        wanted = dense_displacement(truth, end, start=start)[area]
        error = np.linalg.norm(out["flow"][0] - wanted, axis=-1)
    moving = np.linalg.norm(wanted, axis=-1) > 0.5  # px; where the expression is strongest
    assert moving.sum() > 500
    assert error[moving].mean() < 0.15
    assert error.mean() < 0.08
