"""The apex frame and the rows of ATNet as inputs, from made artifacts."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.errors import DataError
from mezoo.inputs import request
from mezoo.inputs.apex_image import square
from mezoo.inputs.clip import Clip

T, FIRST = 11, 5  # frames 5 to 15


@pytest.fixture
def clip_of(tmp_path):
    """Make a clip of an event whose frame t is grey level 10 t; frame 12 has no face."""
    frames = np.full((T, 40, 30), 10, np.uint8) * np.arange(T, dtype=np.uint8)[:, None, None]
    numbers = np.arange(FIRST, FIRST + T, dtype=np.int32)
    with ArtifactWriter(tmp_path / "faces.h5", stage="faces", params={}, inputs={}) as writer:
        writer.write("frames", frames, axes="(T, H, W)")
        writer.write("index", numbers, axes="(T)")
        writer.write("valid", numbers != 12, axes="(T)")
    with ArtifactWriter(tmp_path / "rows.h5", stage="features", params={}, inputs={}) as writer:
        writer.write("feature", np.arange(2 * 64 * 128, dtype=np.float32).reshape(2, 64, 128), axes="(E)")
        writer.attrs |= {"events": ["lost", "e"], "reasons": ["no face", ""]}
    with ExitStack() as stack:
        artifacts = {
            "faces": stack.enter_context(Artifact(tmp_path / "faces.h5")),
            "features-atnet_rows": stack.enter_context(Artifact(tmp_path / "rows.h5")),
        }
        yield lambda event="e", **frames: Clip(EventRecord("made", "v", "s", event, **frames), artifacts)


@pytest.mark.parametrize(
    ("frames", "level"),
    [
        ({"onset": 6, "apex": 9, "offset": 14}, 40),
        ({"onset": 6, "offset": 13}, 40),  # SMIC: frames 6 to 13, the middle one is 9
    ],
)
def test_the_apex_frame_is_given(clip_of, frames, level):
    asked = request("apex_image-16")
    found = asked.make(clip_of(**frames))
    assert found.shape == asked.shape == (1, 16, 16) and str(found.dtype) == asked.kind.dtype == "uint8"
    assert (found == level).all()


def test_a_missing_apex_can_be_left_out(clip_of):
    clip = replace(clip_of(onset=6, offset=13), missing_apex="skip")
    with pytest.raises(DataError, match="no apex"):
        request("apex_image-16").make(clip)


@pytest.mark.parametrize(("frames", "reason"), [((6, 12), "no valid face in frame 12"), ((6, 99), "outside")])
def test_an_unusable_apex_is_a_data_error(clip_of, frames, reason):
    with pytest.raises(DataError, match=reason):
        request("apex_image-16").make(clip_of(onset=frames[0], apex=frames[1]))


def test_shrinking_averages_and_growing_keeps_the_range():
    image = np.kron(np.array([[0, 200], [100, 60]], np.uint8), np.ones((20, 20), np.uint8))
    assert square(image, 2).tolist() == [[0, 200], [100, 60]]
    grown = square(image, 80)
    assert grown.shape == (80, 80) and grown.min() == 0 and grown.max() == 200


def test_the_rows_are_those_of_the_event(clip_of):
    asked = request("atnet_rows")
    found = asked.make(clip_of())
    assert found.shape == asked.shape and found.dtype == np.float32
    assert found[0, 0] == 64 * 128
    with pytest.raises(DataError, match="no face"):
        asked.make(clip_of("lost"))
