"""Stage shape: MagNet's shape representation of the apex of each event, and magnified by learned weights."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch")

from mezoo.artifact import Artifact, digest  # noqa: E402
from mezoo.cli import app  # noqa: E402
from mezoo.config import MagnifyConfig  # noqa: E402
from mezoo.errors import ConfigError  # noqa: E402
from mezoo.magnify.magnet import load, magnet, shape_representation  # noqa: E402
from mezoo.magnify.shape_stage import FACTORS, shape_file  # noqa: E402
from mezoo.magnify.stage import magnified_file  # noqa: E402
from mezoo.magnify.streaming import in_blocks  # noqa: E402


@pytest.fixture
def weights(magnet_weights):
    return magnet_weights


@pytest.fixture
def run(tmp_path, write_faces, write_labels, weights):
    """Write faces and labels, run the stage and open its artifact."""
    opened = []

    def run(*events, settings=None, **video):
        write_faces(tmp_path / "faces.h5", shape=(64, 72), **video)
        write_labels(tmp_path / "labels.csv", *events)
        chosen = {"weights": weights, "factors": [1.0, 2.0]} | (settings or {})
        shape_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", **chosen)
        opened.append(Artifact(tmp_path / "out.h5"))
        return opened[-1]

    yield run
    for artifact in opened:
        artifact.__exit__(None, None, None)


def test_content(run, tmp_path, weights):
    out = run((2, 4, 5), (6, 7, 8), n_frames=9)
    assert out.ok and out.stage == "shape" and out.attrs["fps"] == 30
    assert out.inputs["weights"] == digest(weights) and set(out.inputs) == {"faces", "labels", "weights"}
    told = out.params["magnet"]
    assert told["digest"] == digest(weights) and told["source"] == "trained"
    assert told["training"]["small_substitute"] is True
    assert out.params["factors"] == [1.0, 2.0] and out.params["missing_apex"] == "middle"
    assert out["event"][:].tolist() == [0, 0, 1, 1] and out["factor"][:].tolist() == [1, 2, 1, 2]
    assert out["index"][:].tolist() == [4, 7] and out["reference"][:].tolist() == [2, 6]
    assert out["valid"][:].all() and json.loads(out.attrs["apex_source"]) == ["coded", "coded"]
    with Artifact(tmp_path / "faces.h5") as faces:
        frames = faces["frames"][:]
    for rows, onset, apex in ((slice(0, 2), 1, 3), (slice(2, 4), 5, 6)):
        shapes, drawn = shape_representation(load(weights), frames[onset], frames[apex], [1.0, 2.0])
        assert shapes.shape == (2, 8, 128, 128)
        np.testing.assert_array_equal(out["shape"][rows], shapes)
        np.testing.assert_array_equal(out["frames"][rows], drawn)
    assert out["shape"].dtype == np.float16 and np.any(out["shape"][0] != out["shape"][1])


def test_events_that_cannot_be_used_are_zeros_and_told(run):
    out = run((2, None, 6), (9, 9, 9), (2, 4, 5), n_frames=8, settings={"factors": [1.5]})
    assert out["valid"][:].tolist() == [True, False, True] and out["index"][:].tolist() == [4, -1, 4]
    assert out["shape"][:].reshape(3, -1).any(axis=1).tolist() == [True, False, True]
    assert json.loads(out.attrs["apex_source"]) == ["middle", "", "coded"]
    assert "onset 9 lies outside" in json.loads(out.attrs["reasons"])[1]
    assert not run((2, None, 6), n_frames=8, settings={"missing_apex": "skip"}).ok


def test_wrong_usage(run, tmp_path):
    for settings, said in (
        ({"factors": []}, "total factors"),
        ({"missing_apex": "first"}, "middle, skip or spotted"),
        ({"weights": tmp_path / "none.h5"}, "weights of MagNet are absent"),
    ):
        with pytest.raises(ConfigError, match=said):
            run((1, 2, 3), n_frames=4, settings=settings)


def test_the_stage_magnified_takes_learned_weights_and_names_them(
    tmp_path, write_faces, write_labels, weights
):
    write_faces(tmp_path / "faces.h5", shape=(64, 72), n_frames=6)
    write_labels(tmp_path / "labels.csv", (2, 4, 5))
    chosen = {"method": "magnet", "factor": 3.0, "weights": weights}
    magnified_file(tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", **chosen)
    with Artifact(tmp_path / "out.h5") as out, Artifact(tmp_path / "faces.h5") as faces:
        frames = faces["frames"][1:5]
        np.testing.assert_array_equal(out["frames"][:], magnet(frames, 30.0, 3.0, weights=weights))
        assert out.params["method"] == "magnet" and out.params["temporal"] == "static"
        assert out.params["weights"]["digest"] == out.inputs["weights"] == digest(weights)
        assert out.params["weights"]["training"]["small_substitute"] is True


@pytest.mark.parametrize("temporal", ["static", "dynamic", "iir"])
def test_a_video_goes_through_the_network_in_blocks(write_faces, tmp_path, weights, temporal):
    write_faces(tmp_path / "faces.h5", shape=(64, 72), n_frames=7)
    with Artifact(tmp_path / "faces.h5") as faces:
        clip = faces["frames"][:]
    settings = {"weights": weights, "temporal": temporal}
    step = in_blocks("magnet", clip[0], 30.0, 3.0, **settings)
    made = np.concatenate([step(clip[:4]), step(clip[4:])])
    np.testing.assert_array_equal(made, magnet(clip, 30.0, 3.0, **settings))
    assert in_blocks("magnet", clip[0], 30.0, 3.0, weights=weights, temporal="fir") is None


def test_the_commands_that_the_rules_call(tmp_path, write_faces, write_labels, weights, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = cv2.getNumThreads()
    write_faces(tmp_path / "faces.h5", shape=(64, 72), n_frames=6)
    write_labels(tmp_path / "labels.csv", (2, 4, 5))
    inputs = [str(tmp_path / "faces.h5"), str(tmp_path / "labels.csv"), "--weights", str(weights)]
    more = {
        "magnified": ["--method", "magnet", "--factor", "2.5"],
        "shape": ["--settings", '{"factors": [1.5]}'],
    }
    for stage, options in more.items():
        out = tmp_path / f"{stage}.h5"
        CliRunner().invoke(app, [stage, *inputs, *options, "-o", str(out)], catch_exceptions=False)
        with Artifact(out) as made:
            assert made.ok and made.stage == stage
            assert made.params.get("factor") == 2.5 or made.params["factors"] == [1.5]
    cv2.setNumThreads(before)


def test_the_configuration_has_the_same_factors():
    assert tuple(MagnifyConfig().shape_factors) == FACTORS
