"""`mezoo interpolate`: any video, in blocks, and what it says when it cannot."""

from __future__ import annotations

import json
import os
from unittest import mock

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from mezoo.cli import app
from mezoo.errors import ConfigError, DataError
from mezoo.interpolate import INTERPOLATORS, any_video, even_positions
from mezoo.interpolate.any_video import interpolate_video
from mezoo.video import open_video, write_mp4


@pytest.fixture
def clip(moving_clip):
    return moving_clip(range(23), shape=(32, 48), colour=True, speed=(0.7, -0.3))


@pytest.fixture
def folder(tmp_path, clip):
    """Frames of the clip as images."""
    path = tmp_path / "frames"
    path.mkdir()
    for k, frame in enumerate(clip):
        cv2.imwrite(str(path / f"img{k + 7}.png"), frame[..., ::-1])
    return path


def images(path):
    return np.stack([frame for _, frame in open_video(path).iter_frames(gray=False)])


@pytest.mark.parametrize("method", [name for name in INTERPOLATORS if name != "rife"])
@pytest.mark.parametrize("block", [4, 11, 22, 100])
def test_blocks_give_the_same_as_the_whole_clip(folder, clip, tmp_path, monkeypatch, method, block):
    monkeypatch.setattr(any_video, "_BLOCK", block)
    made = interpolate_video(folder, tmp_path / "out", method=method, frames=30)
    assert (made.n_source, made.n, made.fps) == (23, 30, 25)
    wanted = INTERPOLATORS[method].at(clip, even_positions(23, 30))
    np.testing.assert_array_equal(images(tmp_path / "out"), wanted)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert about["method"] == method and about["frames_of_source"] == 23


def test_a_factor_keeps_the_frames_of_the_source(folder, clip, tmp_path):
    assert interpolate_video(folder, tmp_path / "out", method="linear", factor=3).n == 67
    np.testing.assert_array_equal(images(tmp_path / "out")[::3], clip)


def test_memory_is_a_block(folder, tmp_path, monkeypatch):
    """No method that looks at neighbours gets more than a block and a frame."""
    monkeypatch.setattr(any_video, "_BLOCK", 4)
    seen = []
    at = type(INTERPOLATORS["linear"]).at

    def spy(self, frames, positions, **params):
        seen.append(len(frames))
        return at(self, frames, positions, **params)

    monkeypatch.setattr(type(INTERPOLATORS["linear"]), "at", spy)
    interpolate_video(folder, tmp_path / "out", method="linear", factor=2)
    assert max(seen) == 5


def test_a_film_lasts_as_long_as_its_source(clip, tmp_path):
    with write_mp4(tmp_path / "in.mp4", fps=30, size=(32, 48)) as append:
        for frame in clip:
            append(frame)
    made = interpolate_video(tmp_path / "in.mp4", tmp_path / "out.mp4", method="linear", factor=2)
    assert made.fps == 60 and open_video(tmp_path / "out.mp4").fps == 60
    made = interpolate_video(tmp_path / "in.mp4", tmp_path / "slow.mp4", method="linear", frames=9, fps=10)
    assert made.fps == 10 and len(images(tmp_path / "slow.mp4")) == 9


def test_side_by_side(folder, clip, tmp_path):
    interpolate_video(folder, tmp_path / "out", method="linear", factor=2, side_by_side=True)
    made = images(tmp_path / "out")
    assert made.shape == (45, 32 + 24, 96, 3)
    np.testing.assert_array_equal(made[:-1, 24:, :48], np.repeat(clip[:-1], 2, axis=0))
    np.testing.assert_array_equal(made[::2, 24:, 48:], clip)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of them"),
        ({"frames": 3, "factor": 2}, "one of them"),
        ({"frames": 1}, "at least 2"),
        ({"factor": 2, "fps": 0.0}, "frames per second"),
        ({"factor": 2, "method": "rife"}, "without weights"),
        ({"factor": 2, "method": "linaer"}, "linear"),
        ({"factor": 2, "method": "linear", "weights": "w.pt"}, "learns nothing"),
    ],
)
def test_wrong_usage(folder, tmp_path, options, words):
    with pytest.raises(ConfigError, match=words):
        interpolate_video(folder, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_method_for_whole_clips_tells_its_limit(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(any_video, "MOST_BYTES", 70 * 32 * 48 * 3)
    interpolate_video(folder, tmp_path / "out", method="tim", frames=24)
    with pytest.raises(ConfigError, match=r"tim: the new frames and twice the source, here 70 frames"):
        interpolate_video(folder, tmp_path / "more", method="tim", frames=25)


def test_a_single_frame_and_a_gap(tmp_path, clip):
    for number in (1, 2, 4):
        (tmp_path / "gap").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / f"gap/{number}.png"), clip[number])
    with pytest.raises(DataError):
        interpolate_video(tmp_path / "gap", tmp_path / "out", method="linear", factor=2)
    assert not (tmp_path / "out").exists()
    (tmp_path / "one").mkdir()
    cv2.imwrite(str(tmp_path / "one/1.png"), clip[0])
    with pytest.raises(ConfigError, match="at least 2"):
        interpolate_video(tmp_path / "one", tmp_path / "out", method="linear", factor=2)


@pytest.fixture
def threads_as_before():
    """A command caps the threads of its process; other tests run in this one too."""
    before = cv2.getNumThreads()
    with mock.patch.dict(os.environ):
        yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("threads_as_before")
def test_the_command(folder, tmp_path):
    arguments = [
        "interpolate",
        str(folder),
        "--method",
        "linear",
        "--frames",
        "5",
        "-o",
        str(tmp_path / "o.mp4"),
    ]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0 and "5 frames from 23, 25 per second" in done.output
    assert len(images(tmp_path / "o.mp4")) == 5
