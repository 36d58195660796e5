"""The strips of a small corpus: one per event, also for those that cannot be shown."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from mezoo.artifact import ArtifactWriter, write_failed
from mezoo.catalog import Catalog
from mezoo.catalog_items import EventRecord, VideoRecord
from mezoo.cli import app
from mezoo.errors import DamagedError
from mezoo.report import strips
from mezoo.report.strip_picture import CELL, GAP, HEAD, HEIGHT, MARGIN, WIDTH
from mezoo.report.strips import draw_strips

N, STRIDE, FPS, SHAPE = 40, 2, 25.0, (140, 140)
MOUTH = (70, 100)  # where the face moves: x, y


def landmarks() -> np.ndarray:
    """Make an upright face with a jaw."""
    points = np.full((68, 2), 70.0)
    jaw = np.linspace(np.pi, 0, 17)
    points[:17] = np.stack([70 + 55 * np.cos(jaw), 60 + 65 * np.sin(jaw)], -1)
    points[17:27] = np.stack([np.linspace(30, 110, 10), np.full(10, 35)], -1)
    points[27:36] = [70, 70]
    points[39], points[42], points[48], points[54] = (58, 50), (82, 50), (50, 100), (90, 100)
    return points


def frame(t: int) -> np.ndarray:
    """A texture that moves as a head does, and whose mouth has moved up by 3 px at position 10."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    up = 3 * np.exp(-((t - 10) ** 2) / 18) * np.exp(-((x - MOUTH[0]) ** 2 + (y - MOUTH[1]) ** 2) / 200)
    x, y = x - 0.05 * t, y + up
    return (128 + 50 * np.sin(x / 5) * np.cos(y / 4) + 40 * np.sin((x + y) / 9)).astype(np.uint8)


def event(name, onset, apex, offset, video="v1", **words) -> EventRecord:
    given = {"type": "micro", "emotion": "happiness", "aus": "6+12"} | words
    return EventRecord("made", video, "s1", name, onset, apex, offset, **given)


#: Event -> why it is not shown; empty for those that are. Frames 101, 103 ... 179.
EVENTS = {
    "whole": (event("whole", 101, 121, 141), ""),
    "no apex": (event("no apex", 101, None, 141), ""),
    "no/offset": (event("no/offset", 101, 121, None, type="macro", emotion="", aus=""), ""),
    "later": (event("later", 171, 181, 191), "offset 191 lies outside the frames 101-179"),
    "lost": (event("lost", 141, 151, 161), "no valid face in frame 151 (apex)"),
    "bare": (event("bare", 101, None, None), "neither apex nor offset is coded"),
    "failed": (event("failed", 101, 111, 121, video="v2"), "no face in frames 1-10"),
}


@pytest.fixture
def corpus(tmp_path):
    """Write faces of two videos, one of which failed, and their event tables."""
    with ArtifactWriter(tmp_path / "faces" / "v1.h5", stage="faces", params={}, inputs={}) as writer:
        writer.write("frames", np.stack([frame(t) for t in range(N)]), axes="(T, H, W)")
        writer.write("landmarks", np.tile(landmarks(), (N, 1, 1)).astype(np.float32), axes="(T, 68, (x, y))")
        writer.write("index", 101 + STRIDE * np.arange(N, dtype=np.int32), axes="(T)")
        writer.write("valid", np.arange(N) != 25, axes="(T)")
        writer.attrs.update(fps=FPS)
    write_failed(
        tmp_path / "faces" / "v2.h5", stage="faces", params={}, inputs={}, reason="no face in frames 1-10"
    )
    videos = [VideoRecord("made", v, "s1", "", 50.0, 80, 101, 180, "long") for v in ("v1", "v2", "v3")]
    Catalog.from_records(videos, [item for item, _ in EVENTS.values()], []).write_items(tmp_path)
    return tmp_path


@pytest.fixture
def words(monkeypatch):
    """Strips as they are handed over to be drawn, by event."""
    seen, real = {}, strips.draw_strip
    monkeypatch.setattr(
        strips, "draw_strip", lambda strip: seen.update({strip.title.split(" · ")[-1]: strip}) or real(strip)
    )
    return seen


def labels(corpus):
    return sorted((corpus / "labels").glob("*.csv"))


def rows(folder):
    with open(folder / "strips.csv", encoding="utf-8", newline="") as file:
        return {row["event"]: row for row in csv.DictReader(file)}


def test_every_event_has_a_strip_and_a_row(corpus, words):
    draw_strips(labels(corpus), corpus / "faces", corpus / "out")
    found = rows(corpus / "out")
    assert {name: row["reason"] for name, row in found.items()} == {n: why for n, (_, why) in EVENTS.items()}
    files = {path.name for path in (corpus / "out").iterdir()} - {"strips.csv"}
    assert files == {row["file"] for row in found.values()} and len(files) == len(EVENTS)
    for name in files:
        content = (corpus / "out" / name).read_bytes()
        assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (HEIGHT, WIDTH, 3)
        assert len(content) < 60_000
    assert found["whole"]["emotion"] == "happiness" and found["whole"]["aus"] == "6+12"


def test_titles_durations_and_moments_are_those_of_the_event(corpus, words):
    draw_strips(labels(corpus), corpus / "faces", corpus / "out")
    whole = words["whole"]
    assert (
        whole.title == "made · s1 · v1 · whole" and whole.facts == "happiness · AU 6+12 · 41 frames, 820 ms"
    )
    assert [moment.words for moment in whole.moments] == [
        ("onset 101", ""),
        ("apex 121", "+400 ms"),
        ("offset 141", "+800 ms"),
    ]
    for moment, t in zip(whole.moments, (0, 10, 20), strict=True):
        np.testing.assert_array_equal(moment.image, frame(t))
    middle = words["no apex"].moments[1]
    assert middle.words == ("middle 121", "no apex coded, +400 ms")
    np.testing.assert_array_equal(middle.image, frame(10))
    short = words["no/offset"]
    assert short.facts == "onset to apex 21 frames, 420 ms" and short.moments[2].words == (
        "offset",
        "not coded",
    )
    assert short.moments[2].image is None and short.to_offset is None


def test_the_flow_is_that_of_the_face_without_the_head(corpus, words):
    draw_strips(labels(corpus), corpus / "faces", corpus / "out")
    flow = words["whole"].to_apex
    x, y = MOUTH
    np.testing.assert_allclose(flow[y - 2 : y + 3, x - 2 : x + 3].mean(axis=(0, 1)), (0, -3), atol=0.5)
    assert np.abs(np.median(flow, axis=(0, 1))).max() < 0.15, "the head has moved by half a px"
    picture = cv2.imread(str(corpus / "out" / rows(corpus / "out")["whole"]["file"]))[..., ::-1].astype(int)
    scale = CELL / SHAPE[0]
    left, top = MARGIN + 3 * (CELL + GAP), MARGIN + HEAD
    at_mouth = picture[top + round(y * scale), left + round(x * scale)]
    assert at_mouth[2] > 200 and at_mouth[1] < 120, "up is blue"


def test_large_faces_are_reduced_and_their_flow_is_still_in_px_of_the_face(corpus, words, monkeypatch):
    at_mouth = {}
    for side in (240, 100):
        monkeypatch.setattr(strips, "_LARGEST_SIDE", side)
        draw_strips(labels(corpus), corpus / "faces", corpus / "out")
        flow = words["whole"].to_apex
        assert flow.shape == (min(side, 140), min(side, 140), 2)
        x, y = (round(place * len(flow) / 140) for place in MOUTH)
        at_mouth[side] = flow[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1))
    np.testing.assert_allclose(at_mouth[100], at_mouth[240], atol=0.4)


def test_a_number_that_was_left_out_is_told(corpus, words):
    odd = [event("odd", 102, 122, 142)]
    Catalog.from_records(
        [VideoRecord("made", "v1", "s1", "", 50.0, 80, 101, 180, "long")], odd, []
    ).write_items(corpus)
    draw_strips([corpus / "labels" / "v1.csv"], corpus / "faces", corpus / "out")
    assert [moment.words for moment in words["odd"].moments] == [
        ("onset 102", "shown: 103"),
        ("apex 122", "+400 ms, shown: 121"),
        ("offset 142", "+800 ms, shown: 141"),
    ]


def test_a_damaged_artifact_stops_and_leaves_the_old_folder(corpus):
    (corpus / "out").mkdir()
    (corpus / "out" / "old").touch()
    path = corpus / "faces" / "v1.h5"
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 4, len(content), 500):
        content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        draw_strips(labels(corpus), corpus / "faces", corpus / "out")
    assert [path.name for path in (corpus / "out").iterdir()] == ["old"]


def test_the_command(corpus):
    arguments = ["strips", "--faces", str(corpus / "faces"), "-o", str(corpus / "out")]
    for path in labels(corpus):
        arguments += ["--labels", str(path)]
    run = CliRunner().invoke(app, arguments)
    assert run.exit_code == 0, run.output
    assert len(rows(corpus / "out")) == len(EVENTS)
