"""Motion over time, from flow that is known, and the pixels of its curve."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mezoo.artifact import ArtifactWriter, digest, write_failed
from mezoo.catalog import Catalog
from mezoo.catalog_items import EventRecord, VideoRecord
from mezoo.errors import DataError
from mezoo.motion.rois import frame_boxes, window_origins
from mezoo.report.motion_curve import Motion, motion_picture, read_motion
from mezoo.report.style import KIND_COLOURS
from mezoo.report.timeline import Timeline, TimelinePlot

SHAPE, N, STRIDE, FPS = (120, 110), 60, 2, 25.0
HEAD = np.array([0.75, -0.5])


def landmarks() -> np.ndarray:
    """Make an upright face whose regions lie inside the image."""
    points = np.full((68, 2), 55.0)
    points[17:27] = np.stack([np.linspace(20, 90, 10), np.full(10, 30)], -1)
    points[27:31] = [[55, 45], [55, 52], [55, 60], [55, 66]]
    points[36:48] = [55, 45]
    points[39], points[42], points[48], points[54] = (45, 42), (65, 42), (38, 88), (72, 88)
    points[51], points[57] = (55, 84), (55, 96)
    return points


def amounts() -> np.ndarray:
    """Motion of the face in px per pair: rest, a rise from pair 20 on, rest from pair 30 on."""
    return np.where((np.arange(N - 1) >= 20) & (np.arange(N - 1) < 30), 2.0, 0.25)


def field(amount: float) -> np.ndarray:
    """Flow of the head, and below or above the nose the face's own to the right."""
    flow = np.tile(HEAD, (*SHAPE, 1))
    flow[:44, :, 0] += amount
    flow[78:, :, 0] += amount
    flow[44:78, :30, 0] += amount
    return flow


@pytest.fixture
def faces(tmp_path):
    path = tmp_path / "faces.h5"
    with ArtifactWriter(path, stage="faces", params={}, inputs={}) as writer:
        writer.write("frames", np.zeros((N, *SHAPE), np.uint8), axes="(T, H, W)")
        writer.write("landmarks", np.tile(landmarks(), (N, 1, 1)).astype(np.float32), axes="(T, 68, (x, y))")
        writer.write("index", 101 + STRIDE * np.arange(N, dtype=np.int32), axes="(T)")
        writer.write("valid", np.ones(N, bool), axes="(T)")
        writer.attrs.update(dataset="made", video="v", fps=FPS)
    return path


def write_pairs(path, faces, keep, valid=None):
    fields = np.stack([field(amount) for amount in amounts()]).astype(np.float16)
    with ArtifactWriter(path, stage="flow_pair", params={}, inputs={"faces": digest(faces)}) as writer:
        writer.attrs["fps"] = FPS
        writer.write("valid", np.ones(N - 1, bool) if valid is None else valid, axes="(T-1)")
        if keep == "full":
            writer.write("flow", fields, axes="(T-1, H, W, (dx, dy))")
            return path
        nose, rois, _ = frame_boxes(landmarks(), radius=8, shape=SHAPE)
        size = (int(nose[3] - nose[1]), int(nose[2] - nose[0]))
        for name, boxes, window in (("nose", nose[None], size), ("roi", rois, (17, 17))):
            origins = window_origins(boxes, window=window, shape=SHAPE)
            cuts = [fields[:, y : y + window[0], x : x + window[1]] for x, y in origins]
            stacked, places = np.stack(cuts, axis=1), np.tile(origins.astype(np.int16), (N - 1, 1, 1))
            writer.write(name, stacked[:, 0] if name == "nose" else stacked, axes="(T-1, ...)")
            writer.write(f"{name}_origin", places[:, 0] if name == "nose" else places, axes="(T-1, ...)")
    return path


@pytest.mark.parametrize("keep", ["windows", "full"])
def test_pairs_without_the_motion_of_the_nose(faces, tmp_path, keep):
    motion = read_motion(write_pairs(tmp_path / "flow.h5", faces, keep), faces)
    assert (motion.unit, motion.fps) == ("px/pair", FPS * STRIDE)
    assert motion.frames.tolist() == [101 + STRIDE * t for t in range(N - 1)]
    # ten of the twelve regions move, those at the nose rest with the head
    np.testing.assert_allclose(motion.values, amounts() * 10 / 12, atol=0.05)


def test_lost_faces_are_gaps(faces, tmp_path):
    valid = np.arange(N - 1) % 7 != 0
    motion = read_motion(write_pairs(tmp_path / "flow.h5", faces, "full", valid), faces)
    np.testing.assert_array_equal(np.isfinite(motion.values), valid)


def test_onset_relative_flow_has_a_gap_between_events(faces, tmp_path):
    rows = np.array([0, 0, 1, 1, 1])
    flow = np.stack([field(amount) for amount in (1, 2, 1, 2, 3)]).astype(np.float16)
    with ArtifactWriter(
        tmp_path / "flow.h5", stage="flow_onset", params={}, inputs={"faces": digest(faces)}
    ) as writer:
        writer.attrs["fps"] = FPS
        writer.write("flow", flow, axes="(N, H, W, (dx, dy))")
        writer.write("event", rows.astype(np.int16), axes="(N)")
        writer.write("index", np.array([113, 115, 143, 145, 147], np.int32), axes="(N)")
        writer.write("reference", np.array([111, 141], np.int32), axes="(E)")
        writer.write("valid", np.ones(5, bool), axes="(N)")
    motion = read_motion(tmp_path / "flow.h5", faces)
    assert motion.unit == "px since onset"
    assert motion.frames.tolist() == [113, 115, 143, 143, 145, 147]
    np.testing.assert_allclose(motion.values, np.array([1, 2, np.nan, 1, 2, 3]) * 10 / 12, atol=0.06)


def test_flow_of_other_faces_or_failed_flow_is_refused(faces, tmp_path):
    write_pairs(tmp_path / "flow.h5", faces, "full")
    with ArtifactWriter(tmp_path / "other.h5", stage="faces", params={"size": 1}, inputs={}) as writer:
        writer.write("frames", np.zeros((N, *SHAPE), np.uint8), axes="(T, H, W)")
    with pytest.raises(DataError, match="other faces"):
        read_motion(tmp_path / "flow.h5", tmp_path / "other.h5")
    write_failed(tmp_path / "failed.h5", stage="flow_pair", params={}, inputs={}, reason="no face")
    with pytest.raises(DataError, match="flow that failed: no face"):
        read_motion(tmp_path / "failed.h5", faces)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def shaded(image: np.ndarray, kind: str) -> np.ndarray:
    """Columns whose pixels are mostly the faint colour of a type."""
    colour = np.frombuffer(bytes.fromhex(KIND_COLOURS[kind][1:]), np.uint8)
    faint = 255 + 0.22 * (colour - 255.0)
    return np.flatnonzero((np.abs(image - faint).max(axis=-1) < 12).mean(axis=0) > 0.3)


def test_the_picture_shades_events_where_they_are(faces, tmp_path):
    write_pairs(tmp_path / "flow.h5", faces, "windows")
    videos = [VideoRecord("made", "v", "s", "", 50.0, 119, 101, 219, "long")]
    # frames 141 to 160 of 101 to 219: pairs 20 to 29
    event = EventRecord("made", "v", "s", "e", 141, 151, 160, type="macro")
    Catalog.from_records(videos, [event], []).write_items(tmp_path)
    motion_picture(tmp_path / "flow.h5", faces, tmp_path / "labels" / "v.csv", tmp_path / "motion.png")
    image = pixels((tmp_path / "motion.png").read_bytes())
    assert image.shape[:2] == (260, 1000)
    inside = image[35:205, 86:984]  # of the axes
    columns = shaded(inside, "macro") / 900 * 119
    assert columns.min() == pytest.approx(40, abs=1) and columns.max() == pytest.approx(60, abs=1)
    assert not len(shaded(inside, "micro"))
    dark = inside.max(axis=-1) < 110
    height = np.array([np.flatnonzero(column).mean() if column.any() else np.nan for column in dark.T])
    assert np.nanmean(height[330:420]) < 30 < 120 < np.nanmean(height[:280]), "the curve is high in the event"


def timeline(motion=None) -> Timeline:
    frames = np.arange(1, 201)
    curves = {f"{kind} apex": np.linspace(0, 0.5, 200) for kind in ("micro", "macro")}
    none = {kind: np.zeros((0, 2), np.int64) for kind in ("micro", "macro")}
    truth = none | {"micro": np.array([[51, 100]])}
    return Timeline("title", frames, 30.0, curves, "probability", none, truth, motion=motion)


def test_timelines_have_a_panel_on_the_same_axis_of_time():
    motion = Motion(np.arange(1, 200), np.r_[np.zeros(49), np.ones(50), np.zeros(100)], "px/pair", 30.0)
    plot = TimelinePlot(motion=True)
    image = pixels(plot.draw(timeline(motion)))
    assert image.shape[:2] == (600, 1000)
    panel = image[420:520, 85:985]
    columns = shaded(panel, "micro") / 900 * 200
    assert columns.min() == pytest.approx(50, abs=1) and columns.max() == pytest.approx(100, abs=1)
    without = pixels(TimelinePlot().draw(timeline()))
    assert without.shape[:2] == (450, 1000) and not len(shaded(without[:380, 85:985], "micro"))
    assert plot.draw(timeline(motion)) == plot.draw(timeline(motion)), "nothing is left of the video before"
