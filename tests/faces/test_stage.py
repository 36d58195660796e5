"""The faces stage from a catalog row to its artifact, faults recorded with their reason."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mezoo.artifact import Artifact
from mezoo.faces import faces
from mezoo.video import open_video, write_mp4

ROI = [18, 19, 20, 23, 24, 25, 28, 30, 48, 51, 54, 57]
BLACK = np.zeros((240, 320), np.uint8)


def record_of(tmp_path: Path, path: Path, columns: dict | None = None) -> Path:
    row = {"dataset": "made", "video": "v1", "subject": "s1", "path": str(path), "fps": None, "kind": "long"}
    row |= {"n_frames": None, "first_frame": None, "last_frame": None} | (columns or {})
    (tmp_path / "record.json").write_text(json.dumps(row))
    return tmp_path / "record.json"


def folder_of(tmp_path: Path, frames, *, first: int = 1, skip: tuple[int, ...] = ()) -> Path:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(frames, first):
        if number not in skip:
            cv2.imwrite(str(folder / f"img{number}.bmp"), frame)
    return folder


def run(tmp_path: Path, path: Path, *, columns: dict | None = None, **settings) -> Artifact:
    faces(record_of(tmp_path, path, columns), tmp_path / "out.h5", **settings)
    return Artifact(tmp_path / "out.h5")


def path_of(n: int) -> np.ndarray:
    t = np.arange(n)
    return np.stack([5 * np.sin(t / 6), 3 * np.sin(t / 4)], 1)


def with_black(moved, n: int, black: range) -> list[np.ndarray]:
    return [BLACK if i in black else moved(*place) for i, place in enumerate(path_of(n))]


def test_artifact_of_a_moving_face(tmp_path, moved):
    truth = path_of(30)
    folder = folder_of(tmp_path, [moved(*place) for place in truth], first=7)
    with run(tmp_path, folder, columns={"fps": 30.0}) as a:
        assert a.ok, a.reason
        box, landmarks = a["box"][:], a["landmarks"][:]
        assert a["frames"].shape == (30, box[3] - box[1], box[2] - box[0]) and a["frames"].dtype == np.uint8
        assert (landmarks.dtype, landmarks.shape) == (np.float32, (30, 68, 2))
        assert (box.dtype, a["index"].dtype, a["valid"].dtype) == (np.int32, np.int32, np.bool_)
        assert a["index"][:].tolist() == list(range(7, 37)) and a["valid"][:].all()
        assert not a["interpolated"][:].any() and a.attrs["n_observed"] == 30
        assert a.attrs["fps"] == 30 and a.attrs["detector"] == "hog" and a.attrs["detector_score"] > 1
        assert a.attrs["predictor_sha256"].startswith("fbdc2cb8") and a.attrs["scale"] == 1
        source = cv2.imread(str(folder / "img20.bmp"), cv2.IMREAD_GRAYSCALE)
        np.testing.assert_array_equal(a["frames"][13], source[box[1] : box[3], box[0] : box[2]])
        error = landmarks - truth[:, None]
        assert np.abs(error - error.mean(0))[:, ROI].max() < 1.5
        on_frame = landmarks[0] + box[:2]  # outer eye corners and nose tip, read off the portrait
        np.testing.assert_allclose(on_frame[[36, 45, 30]], [(133, 101), (198, 104), (163, 127)], atol=4)
        assert (landmarks > 0).all() and (landmarks < np.array(a["frames"].shape[:0:-1])).all()


@pytest.mark.parametrize("size", [100, 240])
def test_size_scales_crop_and_landmarks_alike(tmp_path, moved, size):
    folder = folder_of(tmp_path, [moved(0, 0)] * 4)
    with run(tmp_path, folder) as a:
        native, box = a["landmarks"][:], a["box"][:]
    with run(tmp_path, folder, size=size) as a:
        scale = size / (box[2] - box[0])
        assert a["frames"].shape[2] == size and a.attrs["scale"] == pytest.approx(scale)
        back = (a["landmarks"][:] + 0.5) / scale - 0.5
        assert np.abs(back - native)[:, ROI].max() < 1.5
        assert np.abs((back - native)[:, ROI].mean((0, 1))).max() < 0.4


def test_sampling_to_25_fps(tmp_path, moved):
    folder = folder_of(tmp_path, [moved(0, 0)] * 20)
    with run(tmp_path, folder, columns={"fps": 200.0}, target_fps=25.0) as a:
        assert a["index"][:].tolist() == [1, 9, 17] and a.attrs["fps"] == 25


def test_sampling_without_a_frame_rate(tmp_path, moved):
    with run(tmp_path, folder_of(tmp_path, [moved(0, 0)] * 3), target_fps=25.0) as a:
        assert not a.ok and "frame rate is unknown" in a.reason


def test_only_the_frames_of_the_record(tmp_path, moved):
    folder = folder_of(tmp_path, [moved(0, 0)] * 9)
    with run(tmp_path, folder, columns={"first_frame": 3, "last_frame": 6}) as a:
        assert a["index"][:].tolist() == [3, 4, 5, 6]


def test_gap_of_5_is_interpolated(tmp_path, moved):
    gap = range(10, 15)
    with run(tmp_path, folder_of(tmp_path, with_black(moved, 25, gap))) as a:
        assert a["valid"][:].all() and np.flatnonzero(a["interpolated"][:]).tolist() == list(gap)
        error = a["landmarks"][:] - path_of(25)[:, None]
        assert np.abs(error - error[:10].mean(0))[gap.start : gap.stop, ROI].max() < 2.5


def test_gap_of_20_is_invalid(tmp_path, moved):
    with run(tmp_path, folder_of(tmp_path, with_black(moved, 45, range(12, 32)))) as a:
        assert np.flatnonzero(~a["valid"][:]).tolist() == list(range(12, 32))
        assert not a["interpolated"][:].any() and np.isfinite(a["landmarks"][:]).all()


def test_too_few_valid_frames(tmp_path, moved):
    with run(tmp_path, folder_of(tmp_path, with_black(moved, 45, range(12, 45)))) as a:
        assert not a.ok and "only 12 of 45 frames" in a.reason


def test_first_face_after_some_frames(tmp_path, moved):
    with run(tmp_path, folder_of(tmp_path, with_black(moved, 12, range(3)))) as a:
        assert a.attrs["first_face"] == 4 and np.flatnonzero(~a["valid"][:]).tolist() == [0, 1, 2]


def test_no_face(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (5, 120, 160), np.uint8)
    with run(tmp_path, folder_of(tmp_path, noise), first_face_within=3) as a:
        assert not a.ok and a.names() == []
        assert a.reason.startswith("made/v1: no face in frames 1-3 (") and "HOG score" in a.reason


def test_missing_frame(tmp_path, moved):
    folder = folder_of(tmp_path, [moved(0, 0)] * 6, first=55, skip=(57,))
    with run(tmp_path, folder) as a:
        assert not a.ok and "made/v1: frame 57 is missing (56, 58 exist)" in a.reason
    with run(tmp_path, folder, missing_frames="hold") as a:
        assert a.ok and a["index"][:].tolist() == list(range(55, 61))
        assert np.flatnonzero(a["interpolated"][:]).tolist() == [2]
        np.testing.assert_array_equal(a["frames"][2], a["frames"][1])


@pytest.mark.parametrize("columns", [{"path": None}, {"n_frames": 0}])
def test_record_without_frames(tmp_path, columns):
    with run(tmp_path, tmp_path, columns=columns) as a:
        assert not a.ok and "lists no frames" in a.reason


def test_empty_folder(tmp_path):
    (tmp_path / "frames").mkdir()
    with run(tmp_path, tmp_path / "frames") as a:
        assert not a.ok and "holds no frame" in a.reason


def test_video_file_whole_and_truncated(tmp_path, moved):
    path = tmp_path / "v.mp4"
    with write_mp4(path, fps=25, size=(240, 320)) as append:
        for place in path_of(16):
            append(moved(*place))
    with run(tmp_path, path) as a:
        assert a["index"][:].tolist() == list(range(1, 17)) and a.attrs["fps"] == 25
    path.write_bytes(path.read_bytes()[:-3000])
    with run(tmp_path, path) as a:
        assert not a.ok and a.reason.startswith("made/v1: the video file cannot be opened")


def test_equal_inputs_give_equal_bytes(tmp_path, moved):
    folder = folder_of(tmp_path, [moved(0, 0)] * 3)
    run(tmp_path, folder)
    first = (tmp_path / "out.h5").read_bytes()
    run(tmp_path, folder)
    assert (tmp_path / "out.h5").read_bytes() == first


def test_heavy_libraries_stay_out():
    code = "import sys, mezoo.faces; print({'torch', 'pandas', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_memory_does_not_grow_with_the_length(tmp_path, moved):
    """The 160 frames that the longer video has more (26 MB) must not stay in memory."""
    frame, peaks = moved(0, 0), []
    code = (
        "import resource, sys; from mezoo.faces import faces; faces(sys.argv[1], sys.argv[2], size=400);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    for n in (40, 200):
        with write_mp4(tmp_path / f"v{n}.mp4", fps=25, size=(240, 320)) as append:
            for _ in range(n):
                append(frame)
        record = record_of(tmp_path, tmp_path / f"v{n}.mp4")
        command = [sys.executable, "-c", code, str(record), str(tmp_path / "out.h5")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) * 1024)
        with Artifact(tmp_path / "out.h5") as a:
            assert a.ok and a["frames"].shape[0] == n and a["frames"][0].nbytes > 150_000
    assert peaks[1] - peaks[0] < 8e6


def test_real_video(tmp_path, shared):
    """A talking woman with a hand before her mouth: all frames keep a face, steps stay small."""
    source = open_video(shared / "media" / "expressive_face.mp4")
    with write_mp4(tmp_path / "part.mp4", fps=source.fps, size=(360, 640)) as append:
        for _, frame in source.iter_frames(range(60, 116)):
            append(frame)
    with run(tmp_path, tmp_path / "part.mp4") as a:
        assert a.ok and a["valid"][:].all()
        steps = np.linalg.norm(np.diff(a["landmarks"][:], axis=0), axis=2)
        assert np.median(steps, axis=1).max() < 12
