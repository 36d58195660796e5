"""Inputs of events without a catalog are those of the stages, whatever they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mezoo.artifact import ArtifactWriter
from mezoo.catalog_items import EventRecord, write_event_table
from mezoo.errors import ConfigError
from mezoo.inputs.pack import ClipId, Pack, pack_file
from mezoo.learning.fresh_inputs import fresh_packs
from mezoo.learning.slstt_tokens import slstt_tokens_file
from mezoo.magnify.stage import magnified_file
from mezoo.motion import features_file, flow_apex_file, flow_pair_file

SIDE, N_FRAMES = 64, 8
WHOSE = {"dataset": "made", "subject": "s"}


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Faces and one event of a texture that moves to the right, one px per frame."""
    folder = tmp_path_factory.mktemp("video")
    texture = gaussian_filter(np.random.default_rng(0).normal(size=(SIDE, SIDE + 20)), 2)
    texture = np.clip(128 + 40 * texture / texture.std(), 0, 255).astype(np.uint8)
    points = np.stack(np.meshgrid(np.linspace(8, 56, 17), np.linspace(8, 56, 4)), -1).reshape(68, 2)
    points[19], points[8], points[57], points[30] = (20, 12), (32, 54), (32, 44), (32, 32)
    with ArtifactWriter(folder / "faces/v.h5", stage="faces", params={"size": SIDE}, inputs={}) as writer:
        frames = np.stack([texture[:, 10 - t : 10 - t + SIDE] for t in range(N_FRAMES)])
        writer.write("frames", frames, axes="(T, H, W)")
        writer.write("landmarks", np.repeat(points[None], N_FRAMES, 0).astype(np.float32), axes="(T, 68, 2)")
        writer.write("index", np.arange(1, N_FRAMES + 1, dtype=np.int32), axes="(T)")
        writer.write("valid", np.ones(N_FRAMES, bool), axes="(T)")
        writer.attrs.update(WHOSE, video="v", fps=100.0)
    table = folder / "labels/v.csv"
    table.parent.mkdir()
    write_event_table(table, [EventRecord("made", "v", "s", "e", 1, 5, 8)])
    return folder, folder / "faces/v.h5", table


def by_hand(name, folder, faces, table):
    """Make what the rules of the workflow make for one input, with settings of its own."""
    place = folder / name
    place.mkdir()
    (place / "faces").symlink_to(faces.parent)
    if name == "hoof":
        flow_apex_file(faces, table, place / "flow_apex/v.h5", backend="dis", head_motion="remove")
        features_file(place / "flow_apex/v.h5", faces, place / "features-hoof/v.h5", feature="hoof")
    if name == "atnet_rows":
        flow_pair_file(faces, place / "flow_pair/v.h5", backend="dis", keep="full")
        out = place / "features-atnet_rows/v.h5"
        features_file(place / "flow_pair/v.h5", faces, out, feature="atnet_rows", labels=table)
    if name.startswith("magnified"):
        magnified_file(faces, table, place / "magnified-phase-2/v.h5", method="phase", factor=2.0)
    if name == "slstt_tokens-64":
        slstt_tokens_file(faces, table, place / "slstt_tokens-64/v.h5")
    pack_file(name, place, [table], place / "pack.h5", **WHOSE)
    return Pack(place / "pack.h5")


@pytest.mark.parametrize("name", ["hoof", "atnet_rows", "magnified_frames-2-16", "slstt_tokens-64"])
def test_the_same_array_as_by_the_rules(name, video, tmp_path):
    wanted = by_hand(name, tmp_path, *video[1:])
    (path,) = fresh_packs([name], [wanted.settings], [video[1]], [video[2]], tmp_path / "fresh", **WHOSE)
    found, clip = Pack(path), ClipId("made", "s", "v", "e")
    np.testing.assert_array_equal(found[clip], wanted[clip])
    assert wanted[clip].any()


def test_weights_that_no_model_holds_are_asked_for(video, tmp_path):
    settings = [{"faces": {}, "shape": {"factors": [1.2]}}]
    with pytest.raises(ConfigError, match="--weights magnet=FILE"):
        fresh_packs(["shape_patches-1"], settings, [video[1]], [video[2]], tmp_path / "fresh", **WHOSE)
