import csv
import re
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from odd_videos import film, flag_rotation, talking
from PIL import Image
from skimage import data

from mezoo.artifact import write_failed
from mezoo.errors import ConfigError, DataError
from mezoo.faces.detect import load_models
from mezoo.report.annotate import FaceTrack
from mezoo.report.own.face import choose_person, survey
from mezoo.report.spot import COLUMNS, spot_video
from mezoo.video import write_mp4

FPS, N_FRAMES = 30.0, 48


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    """A portrait whose mouth moves down and back between frames 16 and 32."""
    image = data.astronaut()[:320, 60:380]
    y, x = np.mgrid[:320, :320].astype(np.float32)
    near = np.exp(-(((x - 165) / 45) ** 2 + ((y - 155) / 22) ** 2))
    path = tmp_path_factory.mktemp("video") / "portrait.mp4"
    with write_mp4(path, fps=FPS, size=(320, 320)) as append:
        for number in range(1, N_FRAMES + 1):
            phase = np.clip((number - 16) / 16, 0, 1)
            shift = 5 * np.sin(np.pi * phase) ** 2 * near
            append(cv2.remap(image, x, (y - shift).astype(np.float32), cv2.INTER_LINEAR))
    return path


@pytest.fixture(scope="module", params=["mdmo_peaks", "auwgcn"])
def spotted(request, portrait, world, tmp_path_factory):
    out = tmp_path_factory.mktemp("spot") / "result"
    spot_video(portrait, out, model=world.everybody(request.param))
    return request.param, out


def read_rows(out):
    with open(out / "intervals.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_writes_five_files_and_nothing_else(spotted):
    _, out = spotted
    assert {path.name for path in out.iterdir()} == {
        "intervals.csv",
        "timeline.png",
        "annotated.mp4",
        "note.txt",
        "index.html",
    }
    assert Image.open(out / "timeline.png").size == (1000, 450)


def test_intervals_are_frames_and_seconds_of_the_original(spotted):
    recipe, out = spotted
    rows = read_rows(out)
    assert tuple(rows[0]) == COLUMNS if rows else recipe == "auwgcn"
    for row in rows:
        onset, apex, offset = (int(row[name]) for name in ("onset", "apex", "offset"))
        assert 1 <= onset <= apex <= offset <= N_FRAMES
        assert float(row["apex_s"]) == pytest.approx((apex - 1) / FPS, abs=1e-3)


@pytest.mark.parametrize("spotted", ["mdmo_peaks"], indirect=True)
def test_the_peak_picker_finds_the_moving_mouth(spotted):
    _, out = spotted
    assert any(int(row["onset"]) <= 32 and int(row["offset"]) >= 16 for row in read_rows(out))


def test_annotated_video_has_every_frame(spotted, portrait):
    _, out = spotted
    with av.open(str(out / "annotated.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264" and float(stream.average_rate) == FPS
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(frames) == N_FRAMES
    height, width = frames[0].shape[:2]
    assert width == 480 and height > 480, "enlarged, with a strip below"
    first, last = (np.flatnonzero(frame[500].max(axis=-1) < 90) for frame in (frames[1], frames[-2]))
    assert first.mean() < last.mean(), "the cursor moves to the right"


def test_says_that_the_model_saw_synthetic_faces_only(spotted, capsys):
    _, out = spotted
    note = (out / "note.txt").read_text()
    assert "synthetic faces only" in note and "no probabilities" in note
    assert "48 frames (every frame)" in note


def test_summary_in_the_terminal(portrait, world, tmp_path, capsys):
    spot_video(portrait, tmp_path, model=world.everybody("mdmo_peaks"))
    printed = capsys.readouterr().out
    assert "synthetic faces only" in printed and "micro-expression" in printed
    assert printed.count("frames ") == len(read_rows(tmp_path))


def test_nothing_trained_on_a_film_turned_by_a_phone(tmp_path, capsys):
    frames, times = talking(1.6, 30.0)
    # some frames are shown late, as phones do in the dark
    late = [time + (0.05 if 10 <= k < 14 else 0.0) for k, time in enumerate(times)]
    order = sorted(range(len(late)), key=late.__getitem__)
    turned = [np.rot90(frames[k], 1) for k in order]
    path = flag_rotation(film(tmp_path / "phone.mp4", turned, sorted(late)))
    spot_video(path, tmp_path / "out")
    note = (tmp_path / "out" / "note.txt").read_text()
    assert "Nothing was trained" in note and "FRAME RATE: it varies" in note and "320x320" in note
    assert any(row["type"] == "micro" for row in read_rows(tmp_path / "out"))
    assert re.search(r"Speed: [\d.]+ frames/s of the video; read, find faces \d+%", capsys.readouterr().out)


@pytest.mark.parametrize(("face", "at"), [(1, 0), (2, 1)])
def test_of_two_faces_the_larger_one_is_followed(face, at):
    frames, times = talking(0.4, 30.0)
    both = [
        np.hstack([cv2.resize(frame, None, fx=2, fy=2), cv2.copyMakeBorder(frame, 160, 160, 0, 0, 1)])
        for frame in frames
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = film(Path(folder) / "two.mp4", both, times)
        found = survey(path, load_models(), target=None, fps=30, progress=lambda: None)
    assert len(found.people) == 2 and found.people[0].side > 1.5 * found.people[1].side
    left = choose_person(found, face).boxes[0][0]
    assert (left > 640) == bool(at)
    with pytest.raises(ConfigError, match="shows 2"):
        choose_person(found, 3)


def test_absent_model_tells_how_to_make_one(portrait, tmp_path):
    with pytest.raises(ConfigError, match="everybody/model.h5"):
        spot_video(portrait, tmp_path / "out", model=tmp_path / "model.h5")
    assert not (tmp_path / "out").exists()


def test_other_artifact_is_no_model(portrait, tmp_path):
    write_failed(tmp_path / "x.h5", stage="mdmo", params={}, inputs={}, reason="none")
    with pytest.raises(ConfigError, match="stage 'mdmo'"):
        spot_video(portrait, tmp_path / "out", model=tmp_path / "x.h5")


def test_video_without_a_face(tmp_path):
    path = tmp_path / "wall.mp4"
    rng = np.random.default_rng(0)
    with write_mp4(path, fps=FPS, size=(96, 96)) as append:
        for _ in range(12):
            append(rng.integers(100, 140, (96, 96, 3)).astype(np.uint8))
    out = tmp_path / "out"
    with pytest.raises(DataError, match="no face"):
        spot_video(path, out)
    assert not out.exists(), "no result and no rest"


def test_landmarks_belong_to_the_last_analysed_frame():
    points = np.arange(3)[:, None, None] * np.ones((3, 68, 2))
    track = FaceTrack(np.array([1, 9, 17]), np.array([0, 0, 5, 5]), points, np.array([True, False, True]))
    assert track.at(8)[0, 0] == 0 and track.at(10) is None and track.at(40)[0, 0] == 2
