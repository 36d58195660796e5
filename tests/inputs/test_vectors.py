"""Hand-crafted vectors of one expression: LBP-TOP, HOOF over time, and what the features stage has stored."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.errors import ConfigError, DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip
from mezoo.inputs.even_frames import even_frames
from mezoo.inputs.lbp_top_codes import lbp_top, lbp_top_feature
from mezoo.motion.features import FEATURES

N_FRAMES, H, W = 14, 40, 44


def event(onset=103, apex=107, offset=111, name="e0"):
    return EventRecord("d", "v", "s", name, onset=onset, apex=apex, offset=offset)


@pytest.fixture
def faces():
    """A face crop of 14 frames whose upper half moves right by 0.5 px a frame, the lower half down."""
    y, x = np.mgrid[:H, :W].astype(float)
    frames = []
    for t in range(N_FRAMES):
        dx, dy = np.where(y < H // 2, 0.5 * t, 0), np.where(y < H // 2, 0, 0.5 * t)
        frames.append(128 + 50 * np.sin((x - dx) / 3) + 50 * np.cos((y - dy) / 4))
    return {
        "frames": np.array(frames).astype(np.uint8),
        "index": np.arange(100, 100 + N_FRAMES),
        "valid": np.ones(N_FRAMES, bool),
    }


def clip(faces, **frames):
    return Clip(event(**frames), {"faces": faces})


class TestEvenFrames:
    def test_as_many_as_there_are(self, faces):
        np.testing.assert_array_equal(even_frames(clip(faces), 9), faces["frames"][3:12])

    def test_other_lengths_keep_both_ends(self, faces):
        frames = even_frames(clip(faces), 5)
        np.testing.assert_array_equal(frames, faces["frames"][3:12:2])
        assert even_frames(clip(faces), 20).shape == (20, H, W)

    def test_ends_at_the_apex_without_an_offset(self, faces):
        np.testing.assert_array_equal(even_frames(clip(faces, offset=None), 5), faces["frames"][3:8])

    def test_what_cannot_be_used(self, faces):
        with pytest.raises(DataError, match="outside"):
            even_frames(clip(faces, offset=120), 5)
        with pytest.raises(DataError, match="no frame between"):
            even_frames(clip(faces, offset=103), 5)
        faces["valid"][5] = False
        with pytest.raises(DataError, match="no valid face in frame 105"):
            even_frames(clip(faces), 5)


class TestLbptop:
    def test_setting_of_the_challenge(self, faces):
        feature = request("lbptop-10-4-1-4-5").make(clip(faces))
        assert feature.dtype == np.float32 and feature.shape == (1125,)
        expected = lbp_top_feature(lbp_top(even_frames(clip(faces), 10)))  # the defaults are that setting
        np.testing.assert_array_equal(feature, expected)

    def test_every_number_of_the_name_counts(self, faces):
        assert request("lbptop-12-8-2-3-4").make(clip(faces)).shape == (4 * 4 * 3 * 59,)
        names = ["lbptop-10-4-1-4-2", "lbptop-12-4-1-4-2", "lbptop-10-4-2-4-2", "lbptop-10-4-1-3-2"]
        features = [request(name).make(clip(faces)) for name in names]
        assert all((one != features[0]).any() for one in features[1:])

    def test_too_few_frames(self, faces):
        with pytest.raises(ConfigError, match="LBP-TOP"):
            request("lbptop-8-4-1-4-5").make(clip(faces))


def test_hoof_over_time(faces):
    feature = request("hoof3d-5-8").make(clip(faces))
    assert feature.dtype == np.float32 and feature.shape == (4 * 8,)
    steps = feature.reshape(4, 8)
    np.testing.assert_allclose(steps.sum(axis=1), 1, atol=1e-6)
    # bins from -180 degrees on: right is at the bound of bins 3 and 4, down at that of 5 and 6
    assert (steps[:, [3, 4]].sum(axis=1) > 0.25).all() and (steps[:, [5, 6]].sum(axis=1) > 0.25).all()
    still = {**faces, "frames": faces["frames"][:1].repeat(N_FRAMES, axis=0)}
    assert not request("hoof3d-5-8").make(clip(still)).any()


@pytest.fixture
def stored(tmp_path):
    """Write the artifact of a feature for two expressions, the second of which cannot be used."""

    def write(name):
        shape = FEATURES[name].outputs["feature"].shape
        values = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
        path = tmp_path / f"{name}.h5"
        with ArtifactWriter(path, stage="features", params={"feature": name}, inputs={}) as writer:
            writer.write("feature", values, axes="(E, F)")
            writer.attrs["events"], writer.attrs["reasons"] = ["e0", "e1"], ["", "no valid face in frame 7"]
        return path, values[0]

    return write


@pytest.mark.parametrize("name", ["hoof", "biwoof", "mdmo_liu", "mdmo_grid"])
def test_stored_features(stored, name):
    path, expected = stored(name)
    wanted = request(name)
    assert wanted.stages == (f"features-{name}",) and wanted.shape == expected.shape and not wanted.ragged
    with Artifact(path) as artifact:
        artifacts = {f"features-{name}": artifact}
        found = wanted.make(Clip(event(), artifacts))
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected)
        with pytest.raises(DataError, match="frame 7"):
            wanted.make(Clip(event(name="e1"), artifacts))


def test_pixels_of_flow(tmp_path):
    flow = np.zeros((1, 8, 8, 2), np.float16)
    flow[0, :4, :, 0], flow[0, 4:, :, 1] = 2, -1
    with ArtifactWriter(tmp_path / "flow.h5", stage="flow_apex", params={}, inputs={}) as writer:
        writer.write("flow", flow, axes="(E, H, W, 2)")
        writer.write("strain", np.full((1, 8, 8), 0.25, np.float16), axes="(E, H, W)")
        writer.attrs["events"], writer.attrs["reasons"] = ["e0"], [""]
    with Artifact(tmp_path / "flow.h5") as artifact:
        found = request("flow_pixels-2").make(Clip(event(), {"flow_apex": artifact}))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [2, 2, 0, 0, 0, 0, -1, -1, 0.25, 0.25, 0.25, 0.25])
