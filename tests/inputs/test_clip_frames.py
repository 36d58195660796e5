from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.errors import ConfigError, DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip

LEFT, RIGHT = 10, 3  # grey levels per frame in the two halves of the picture


@pytest.fixture
def make(tmp_path):
    """Open an expression of a video with frames 20 ... 29, whose halves brighten by known steps."""
    opened = []

    def make(onset, apex, offset, *, bad=None):
        frames = np.zeros((10, 12, 20), np.uint8)
        frames[:, :, :10] = LEFT * np.arange(10)[:, None, None]
        frames[:, :, 10:] = RIGHT * np.arange(10)[:, None, None]
        numbers = np.arange(20, 30, dtype=np.int32)
        with ArtifactWriter(tmp_path / "faces.h5", stage="faces", params={}, inputs={}) as writer:
            writer.write("frames", frames, axes="(T, H, W)")
            writer.write("index", numbers, axes="(T)")
            writer.write("valid", numbers != bad, axes="(T)")
        opened.append(Artifact(tmp_path / "faces.h5"))
        return Clip(EventRecord("d", "v", "s", "e", onset, apex, offset), {"faces": opened[-1]})

    yield make
    for artifact in opened:
        artifact.__exit__(None, None, None)


def test_frames_are_blended_in_time_and_shrunk_in_space(make):
    found = request("clip_frames-5-4").make(make(22, 24, 28))
    assert found.shape == request("clip_frames-5-4").shape == (1, 5, 4, 4) and found.dtype == np.uint8
    times = np.array([2, 3.5, 5, 6.5, 8])  # of frames 22 ... 28
    for columns, step in ((slice(0, 2), LEFT), (slice(2, 4), RIGHT)):
        expected = np.rint(step * times)[:, None, None] + np.zeros((5, 4, 2))
        np.testing.assert_array_equal(found[0, :, :, columns], expected)


def test_a_short_expression_is_filled_and_a_single_frame_stands_still(make):
    found = request("clip_frames-4-2").make(make(22, 23, 24))[0, :, 0, 0]
    assert found.tolist() == [20, 27, 33, 40]  # 20, 26.67, 33.33, 40
    assert np.unique(request("clip_frames-4-2").make(make(22, 22, 22))[0, :, 0, 0]).tolist() == [20]


def test_without_an_offset_the_apex_is_the_end(make):
    np.testing.assert_array_equal(
        request("clip_frames-3-4").make(make(22, 26, None)), request("clip_frames-3-4").make(make(22, 23, 26))
    )


def test_unusable_expressions(make):
    for frames, bad, said in (
        ((22, 24, 28), 27, "no valid face in frame 27"),
        ((26, 24, 22), None, "22 is before the onset 26"),
        ((22, 24, 99), None, "offset 99 lies outside"),
        ((None, 24, 28), None, "no onset"),
    ):
        with pytest.raises(DataError, match=said):
            request("clip_frames-3-4").make(make(*frames, bad=bad))
    assert request("clip_frames-3-4").make(make(22, 24, 28, bad=29)).shape == (1, 3, 4, 4)


def test_a_clip_of_one_frame_is_refused(make):
    with pytest.raises(ConfigError, match="at least 2"):
        request("clip_frames-1-4").make(make(22, 24, 28))
