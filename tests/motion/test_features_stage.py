"""Stage features: every feature of the registry from flow artifacts."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from mezoo.artifact import Artifact, digest, write_failed
from mezoo.errors import ConfigError
from mezoo.motion import features_file, flow_apex_file, flow_onset_file, flow_pair_file
from mezoo.motion.features import FEATURES
from mezoo.motion.features.atnet_rows import block_row
from mezoo.motion.features.biwoof import biwoof
from mezoo.motion.features.flow_hsv import flow_hsv
from mezoo.motion.features.flow_jpeg import flow_jpeg
from mezoo.motion.features.hoof import hoof
from mezoo.motion.features.mdmo_liu import mdmo_liu

#: The apex of the second is not coded, the third lies outside the video.
EVENTS = [(2, 4, 6), (5, None, 9), (40, 41, 42)]


SIZE = 96


@pytest.fixture(scope="module")
def make_video(write_faces, write_labels):
    """Write faces, labels and the flow artifacts of all three stages of one video of 9 frames."""

    def make(folder, *events, **faces):
        crops, labels = folder / "faces.h5", folder / "labels.csv"
        write_faces(crops, n_frames=9, shape=(SIZE, SIZE), **faces)
        write_labels(labels, *events)
        flow_pair_file(crops, folder / "flow_pair.h5", backend="dis", keep="full")
        flow_onset_file(crops, labels, folder / "flow_onset.h5", backend="dis")
        flow_apex_file(crops, labels, folder / "flow_apex.h5", backend="dis")
        return folder

    return make


@pytest.fixture
def video(make_video, tmp_path):
    return lambda *events, **faces: make_video(tmp_path, *events, **faces)


@pytest.fixture(scope="module")
def original(make_video, tmp_path_factory):
    return make_video(tmp_path_factory.mktemp("video"), *EVENTS, valid=np.arange(1, 10) != 6)


@pytest.fixture
def blinded(original, tmp_path):
    """A video in which the face of frame 6 is not valid."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(folder, name, **options):
    entry = FEATURES[name]
    labels = {"labels": folder / "labels.csv"} if entry.needs_labels else {}
    source, out = folder / f"{entry.source}.h5", folder / f"{name}.h5"
    features_file(source, folder / "faces.h5", out, feature=name, **labels, **options)
    return out


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature(blinded, name):
    with Artifact(run(blinded, name)) as out, Artifact(blinded / f"{FEATURES[name].source}.h5") as flow:
        assert out.ok and out.stage == "features" and out.attrs["fps"] == 30
        assert out.params == {"feature": name} and "dis" in json.dumps(out.lineage)
        assert out.inputs["faces"] == digest(blinded / "faces.h5")
        n = len(EVENTS) if FEATURES[name].per == "event" else len(flow["valid"])
        valid = out["valid"][:]
        assert valid.shape == (n,) and valid.any() and not valid.all()
        for key, output in FEATURES[name].outputs.items():
            assert out[key].shape == (n, *output.of_image(SIZE, SIZE)) and out[key].dtype == output.dtype
            assert out[key].attrs["units"] == output.units
            assert not out[key][:][~valid].any() and all(values.any() for values in out[key][:][valid])
        if FEATURES[name].per == "event":
            assert json.loads(out.attrs["events"]) == ["e0", "e1", "e2"]
            reasons = json.loads(out.attrs["reasons"])
            assert [bool(reason) for reason in reasons] == (~valid).tolist() and "outside" in reasons[2]
            assert out["onset"][:].tolist() == [2, 5, 40] and out["apex"][:].tolist() == [4, -1, 41]
            assert out["reference"][:].tolist() == [2, 5, -1]
        elif "event" in flow:
            for key in ("event", "index", "valid", "onset", "reference"):
                np.testing.assert_array_equal(out[key][:], flow[key][:])
        else:
            assert out["index"][:].tolist() == list(range(1, 9))


def test_values_of_onset_apex_flow(video):
    folder = video(*EVENTS)
    with Artifact(folder / "flow_apex.h5") as source:
        flow, strain = source["flow"][1], source["strain"][1]
    with Artifact(run(folder, "hoof", n_bins=4, norm="sum")) as out:
        assert out.params == {"feature": "hoof", "n_bins": 4, "norm": "sum"} and out["feature"].shape == (
            3,
            144,
        )
        np.testing.assert_array_equal(out["feature"][1], hoof(flow, n_bins=4, norm="sum"))
    with Artifact(run(folder, "biwoof")) as out:
        np.testing.assert_array_equal(out["feature"][1], biwoof(flow, strain))


def test_values_of_flow_from_the_onset(blinded):
    with Artifact(blinded / "flow_onset.h5") as source, Artifact(blinded / "faces.h5") as faces:
        event, valid, fields = source["event"][:], source["valid"][:], source["flow"][:].astype(np.float32)
        landmarks = faces["landmarks"][4]  # frame 5, the onset of the second event
    with Artifact(run(blinded, "mdmo_liu", alpha=0.6)) as out:
        wanted = mdmo_liu(fields[(event == 1) & valid], landmarks, alpha=0.6)
        assert np.sum((event == 1) & valid) == 3  # frames 7 to 9
        for name, values in wanted._asdict().items():
            np.testing.assert_array_equal(out[name][1], values)
    with Artifact(run(blinded, "flow_hsv", full_scale=2)) as out:
        for k in np.flatnonzero(valid):
            np.testing.assert_array_equal(out["feature"][k], flow_hsv(fields[k], full_scale=2))


def test_values_of_neighbouring_frames(blinded):
    with Artifact(blinded / "flow_pair.h5") as source:
        fields = source["flow"][:].astype(np.float32)
    with Artifact(run(blinded, "atnet_rows")) as out:
        first, second = out["feature"][0], out["feature"][1]
    # frames 2 to 6, apex 4; the pair 5-6 has no flow
    assert np.flatnonzero(first.any(axis=1)).tolist() == [30, 31, 32]
    np.testing.assert_array_equal(first[30:33], [block_row(fields[t]) for t in (1, 2, 3)])
    # frames 5 to 9, apex in the middle: 7; the pairs 5-6 and 6-7 have no flow
    assert np.flatnonzero(second.any(axis=1)).tolist() == [32, 33]
    np.testing.assert_array_equal(second[32], block_row(fields[6]))
    with Artifact(run(blinded, "flow_jpeg", bound=4)) as out:
        np.testing.assert_array_equal(out["feature"][0], flow_jpeg(fields[0], bound=4))


def test_an_event_without_an_offset_ends_at_its_apex(video):
    with Artifact(run(video((2, 5, None), (3, None, None)), "atnet_rows")) as out:
        assert np.flatnonzero(out["feature"][0].any(axis=1)).tolist() == [29, 30, 31]
        assert out["valid"][:].tolist() == [True, False]
        assert "neither offset nor apex" in json.loads(out.attrs["reasons"])[1]


@pytest.mark.parametrize("name", ["hoof", "mdmo_liu", "atnet_rows"])
def test_a_video_without_events_gives_no_rows(video, name):
    with Artifact(run(video(), name)) as out:
        assert out.ok and out["feature"].shape == (0, *FEATURES[name].outputs["feature"].shape)
        assert out["onset"].shape == out["valid"].shape == (0,) and json.loads(out.attrs["events"]) == []


def test_an_event_whose_head_motion_cannot_be_told_is_not_valid(video, face_points):
    landmarks = np.stack([face_points(SIZE)] * 9)
    landmarks[4, :, 0] = 50  # frame 5: all points on one line
    with Artifact(run(video((2, 4, 4), (5, 6, 9), landmarks=landmarks), "mdmo_liu")) as out:
        assert out["valid"][:].tolist() == [True, False] and not out["rho"][1].any()
        assert "one line" in json.loads(out.attrs["reasons"])[1]


def test_no_usable_event_is_a_failed_artifact(video, face_points):
    landmarks = np.stack([face_points(SIZE) * [0, 1]] * 9)
    with Artifact(run(video((2, 4, 6), landmarks=landmarks), "mdmo_liu")) as out:
        assert not out.ok and "no result for any of 1 events" in out.reason


def test_a_failed_source_passes_on(blinded):
    write_failed(blinded / "flow_apex.h5", stage="flow_apex", params={}, inputs={}, reason="no face")
    with Artifact(run(blinded, "hoof")) as out:
        assert not out.ok and out.reason == "no face"


def test_flow_of_other_faces_is_refused(blinded, write_faces):
    write_faces(blinded / "faces.h5", n_frames=9, shape=(64, 64))
    with Artifact(run(blinded, "hoof")) as out:
        assert not out.ok and "other faces" in out.reason


def test_wrong_usage(blinded):
    faces, out = blinded / "faces.h5", blinded / "out.h5"
    with pytest.raises(ConfigError, match="feature 'hog'.*mdmo_liu"):
        features_file(blinded / "flow_apex.h5", faces, out, feature="hog")
    with pytest.raises(ConfigError, match="option 'bins' of hoof.*n_bins"):
        run(blinded, "hoof", bins=4)
    with pytest.raises(ConfigError, match="option 'strain' of biwoof"):
        run(blinded, "biwoof", strain=0)
    with pytest.raises(ConfigError, match="stage 'flow_onset'.*flow_apex"):
        features_file(blinded / "flow_onset.h5", faces, out, feature="hoof")
    with pytest.raises(ConfigError, match="without the events.*--labels"):
        features_file(blinded / "flow_pair.h5", faces, out, feature="atnet_rows")
    assert not out.exists()


@pytest.mark.parametrize("settings", [{"keep": "windows"}, {"keep": "full", "stride": 2}])
def test_windows_and_pairs_further_apart_are_refused(blinded, settings):
    flow_pair_file(blinded / "faces.h5", blinded / "flow_pair.h5", backend="dis", **settings)
    with pytest.raises(ConfigError, match="flow.keep to 'full' and flow.stride to 1"):
        run(blinded, "flow_jpeg")
