"""Which frames an input of frames holds, and what the stage of magnified frames gives it."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.errors import DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip
from mezoo.inputs.frames import shrink
from mezoo.magnify.stage import magnified_file

SIDE = 48


def ramp(n: int = 9) -> np.ndarray:
    """Frame t has the grey level 20 + 10 t everywhere."""
    return np.repeat(20 + 10 * np.arange(n, dtype=np.uint8), SIDE * SIDE).reshape(n, SIDE, SIDE)


def event(onset: int | None, apex: int | None, offset: int | None) -> EventRecord:
    return EventRecord("d", "v", "s", "e0", onset, apex, offset, "micro")


def clip(coded: EventRecord, *, invalid: tuple[int, ...] = ()) -> Clip:
    """Frames 100 ... 108, those listed without a valid face."""
    numbers = np.arange(100, 109)
    faces = {"frames": ramp(), "index": numbers, "valid": ~np.isin(numbers, invalid)}
    return Clip(coded, {"faces": faces})  # type: ignore[dict-item]


def levels(name: str, of: Clip) -> list[int]:
    array = request(name).make(of)
    assert array.dtype == np.uint8 and array.shape[1:] == (1, 16, 16)
    assert np.ptp(array, axis=(1, 2, 3)).max() == 0
    return array[:, 0, 0, 0].tolist()


class TestFrames:
    def test_onset_to_offset(self):
        assert levels("frames-16", clip(event(102, 104, 106))) == [40, 50, 60, 70, 80]
        assert levels("frames-16", clip(event(102, 104, None))) == [40, 50, 60]

    def test_frames_without_a_face_are_left_out(self):
        assert levels("frames-16", clip(event(102, 104, 106), invalid=(104, 106))) == [40, 50, 70]

    def test_unusable(self):
        for coded, invalid, found in (
            (event(102, 104, 106), (102,), "no valid face in frame 102"),
            (event(90, 104, 106), (), "onset 90 lies outside"),
            (event(102, None, 102), (), "no frame between onset 102 and offset 102"),
            (event(102, None, None), (), "neither offset nor apex"),
        ):
            with pytest.raises(DataError, match=found):
                request("frames-16").make(clip(coded, invalid=invalid))


class TestTimFrames:
    def test_frames_of_the_clip_come_back_where_the_steps_meet_them(self):
        of = clip(event(102, 104, 106))
        assert levels("tim_frames-5-16", of) == levels("frames-16", of)
        longer = levels("tim_frames-9-16", of)
        assert len(longer) == 9 and longer[::2] == levels("frames-16", of)
        assert longer == sorted(longer)

    def test_shorter(self):
        assert levels("tim_frames-2-16", clip(event(102, 104, 106))) == [40, 80]

    def test_every_frame_needs_a_face(self):
        with pytest.raises(DataError, match="no valid face in frame 105"):
            request("tim_frames-5-16").make(clip(event(102, 104, 106), invalid=(105,)))


def test_shrinking_averages_and_enlarging_interpolates():
    stripes = np.tile(np.array([0, 200], np.uint8), (1, SIDE, SIDE // 2))
    assert np.array_equal(shrink(stripes, SIDE // 2), np.full((1, SIDE // 2, SIDE // 2), 100))
    assert len(np.unique(shrink(stripes, 2 * SIDE))) > 2
    assert np.array_equal(shrink(stripes, SIDE), stripes)


@pytest.fixture(scope="module")
def moving_faces(tmp_path_factory):
    """A blob that moves to the right by 0.1 px a frame; frame 7 has no valid face."""
    folder = tmp_path_factory.mktemp("magnified")
    y, x = np.mgrid[:64, :64]
    pictures = [
        60 + 120 * np.exp(-((x - 30 - 0.1 * t) ** 2 + (y - 32) ** 2) / (2 * 8.0**2)) for t in range(10)
    ]
    with ArtifactWriter(folder / "faces.h5", stage="faces", params={}, inputs={}) as writer:
        writer.write("frames", np.rint(pictures).astype(np.uint8), axes="(T, H, W)")
        writer.write("index", np.arange(10, dtype=np.int32), axes="(T)")
        writer.write("valid", np.arange(10) != 7, axes="(T)")
    header = "dataset,video,subject,event,onset,apex,offset,type,emotion,objective_class,aus,aus_raw,flags"
    rows = ["d,v,s,e0,1,3,4,micro,,,,,", "d,v,s,e1,2,5,8,micro,,,,,", "d,v,s,e2,7,8,9,micro,,,,,"]
    (folder / "v.csv").write_text("\n".join([header, *rows]) + "\n")
    magnified_file(folder / "faces.h5", folder / "v.csv", folder / "magnified.h5", method="phase", factor=16)
    with Artifact(folder / "faces.h5") as faces, Artifact(folder / "magnified.h5") as magnified:
        yield {"faces": faces, "magnified-phase-16": magnified}


def centre(pictures: np.ndarray) -> np.ndarray:
    """Horizontal centre of what is brighter than the ground, px."""
    weights = np.clip(pictures.astype(float) - 65, 0, None).sum(axis=1)
    return weights @ np.arange(weights.shape[1]) / weights.sum(axis=1)


class TestMagnifiedFrames:
    def make(self, artifacts, name: str, onset: int, offset: int) -> np.ndarray:
        coded = EventRecord("d", "v", "s", name, onset, None, offset, "micro")
        return request("magnified_frames-16-64").make(Clip(coded, artifacts))

    def test_stage(self):
        assert request("magnified_frames-16-128").stages == ("magnified-phase-16",)

    def test_frames_of_the_event_with_larger_motion(self, moving_faces):
        found = self.make(moving_faces, "e1", 2, 8)
        assert found.shape == (6, 1, 64, 64) and found.dtype == np.uint8  # 2 ... 8 without 7
        assert np.abs(found[0, 0].astype(int) - moving_faces["faces"]["frames"][2]).max() <= 1
        magnified = moving_faces["magnified-phase-16"]
        rows = (magnified["event"][:] == 1) & magnified["valid"][:]
        assert np.array_equal(found[:, 0], magnified["frames"][:][rows])  # 64 px is their own size
        moved = np.diff(centre(moving_faces["faces"]["frames"][2:9])[[0, 6]])
        assert np.diff(centre(found[:, 0])[[0, -1]]) > 2 * moved > 1

    def test_each_event_has_its_own_rows(self, moving_faces):
        assert len(self.make(moving_faces, "e0", 1, 4)) == 4

    def test_a_clip_of_one_length_is_made_of_the_magnified_frames(self, moving_faces):
        coded = EventRecord("d", "v", "s", "e0", 1, None, 4, "micro")
        found = request("magnified_tim_frames-16-7-64").make(Clip(coded, moving_faces))
        assert np.array_equal(found[::2], self.make(moving_faces, "e0", 1, 4))
        coded = EventRecord("d", "v", "s", "e1", 2, None, 8, "micro")
        with pytest.raises(DataError, match="1 frames without a valid face"):
            request("magnified_tim_frames-16-7-64").make(Clip(coded, moving_faces))

    def test_unusable(self, moving_faces):
        with pytest.raises(DataError, match="no valid face in frame 7"):
            self.make(moving_faces, "e2", 7, 9)
