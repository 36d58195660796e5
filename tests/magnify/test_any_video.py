"""Magnify any video: film or folder, in blocks, beside the original, and every error in words."""

from __future__ import annotations

import json

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from mezoo.cli import app
from mezoo.errors import ConfigError, DataError
from mezoo.film import CAPTION
from mezoo.magnify import MAGNIFIERS, any_video
from mezoo.magnify.acceptance import Scene
from mezoo.magnify.any_video import magnify_video
from mezoo.video import open_video, write_mp4


@pytest.fixture(scope="module")
def clip():
    return np.repeat(Scene(side=48, spread=10.0, seed=2).clip(1.0)[8:28:2, :40, :, None], 3, axis=-1)


@pytest.fixture
def folder(tmp_path, clip):
    """Frames 7-16 as PNG."""
    (tmp_path / "frames").mkdir()
    for t, frame in enumerate(clip):
        cv2.imwrite(str(tmp_path / f"frames/img_{t + 7}.png"), frame)
    return tmp_path / "frames"


@pytest.fixture
def film(tmp_path, clip):
    with write_mp4(tmp_path / "in.mp4", fps=30, size=(40, 48)) as append:
        for frame in clip:
            append(frame)
    return tmp_path / "in.mp4"


def read(path):
    return {number: frame for number, frame in open_video(path).iter_frames(gray=False)}


@pytest.mark.parametrize("preset", [None, "woman_fast"])  # recursive, and a filter over the whole clip
def test_images_are_those_of_the_method(folder, tmp_path, clip, preset, monkeypatch):
    monkeypatch.setattr(any_video, "_BLOCK_PIXELS", 3 * 40 * 48)  # three frames
    out = tmp_path / "deep/out"
    magnify_video(folder, out, method="phase", factor=3, fps=100, preset=preset)
    method = MAGNIFIERS["phase"]
    params = dict(method.preset(preset).params) if preset else {}
    made = read(out)
    assert list(made) == list(range(7, 17)), "frames keep their numbers"
    np.testing.assert_array_equal(np.stack(list(made.values())), method.magnify(clip, 100.0, 3.0, **params))
    about = json.loads((out / "about.json").read_text())
    known = json.loads(json.dumps(method.describe(**params)))
    assert about == {"factor": 3, "fps": 100, "preset": preset, **known}
    assert [path.name for path in out.parent.iterdir()] == ["out"], "nothing temporary is left"


def test_a_film_tells_how_it_was_made(film, tmp_path):
    magnify_video(film, tmp_path / "out.mp4", method="eulerian", factor=6, side_by_side=True)
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert float(made.streams.video[0].average_rate) == 30
        about = json.loads(made.metadata["comment"])
    assert about["method"] == "eulerian" and about["factor"] == 6 and about["fps"] == 30
    frames = read(tmp_path / "out.mp4")
    assert len(frames) == 10 and frames[1].shape == (40 + CAPTION, 96, 3)
    source = read(film)
    left, right = frames[9][CAPTION:, :48].astype(int), frames[9][CAPTION:, 48:].astype(int)
    assert np.abs(left - source[9]).mean() < 4 < np.abs(right - source[9]).mean()
    for start in (0, 48):
        assert np.ptp(frames[9][:CAPTION, start : start + 48]) > 100, "a caption"


def test_the_preset_brings_its_factor_unless_one_is_given(film, tmp_path):
    magnify_video(film, tmp_path / "a.mp4", preset="micro_expression")
    magnify_video(film, tmp_path / "b.mp4", preset="micro_expression", factor=6)
    factors = []
    for name in "ab":
        with av.open(str(tmp_path / f"{name}.mp4")) as made:
            factors.append(json.loads(made.metadata["comment"])["factor"])
    assert factors == [4, 6]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"method": "phas"}, "Did you mean 'phase'"),
        ({"preset": "nothing"}, "preset 'nothing'"),
        ({"factor": -1}, "total factor"),
        ({"weights": "w.h5"}, "parameter 'weights'"),
        ({"out": "out.avi"}, "FILE.mp4"),
        ({"out": "frames"}, "there is something already"),
        ({"fps": None}, "Give --fps"),
    ],
)
def test_wrong_usage_leaves_nothing(folder, tmp_path, settings, said):
    chosen = {"out": "out.mp4", "fps": 100.0} | settings
    with pytest.raises(ConfigError, match=said):
        magnify_video(folder, tmp_path / chosen.pop("out"), **chosen)
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_a_clip_beyond_the_memory_is_refused_in_words(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(any_video.os, "sysconf", lambda name: 100)
    with pytest.raises(ConfigError, match="recursive filter"):
        magnify_video(folder, tmp_path / "o.mp4", method="phase", fps=100, preset="woman_fast")
    magnify_video(folder, tmp_path / "o.mp4", method="phase", fps=100)


def test_a_damaged_frame_leaves_nothing(folder, tmp_path):
    (folder / "img_12.png").write_bytes(b"no image")
    for out in ("out.mp4", "out"):
        with pytest.raises(DataError, match="frame 12"):
            magnify_video(folder, tmp_path / out, method="eulerian", fps=100)
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_the_command(film, tmp_path, monkeypatch):
    for name in ("OMP_NUM_THREADS",):
        monkeypatch.setenv(name, "1")
    before, out = cv2.getNumThreads(), tmp_path / "out.mp4"
    arguments = ["magnify", str(film), "--method", "eulerian", "--factor", "3", "-o", str(out)]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    cv2.setNumThreads(before)
    assert done.exit_code == 0 and len(read(out)) == 10
