from pathlib import Path

import cv2
import numpy as np
import pytest
from odd_videos import damage, film, flag_rotation, sound

from mezoo.errors import DataError
from mezoo.report.own.reel import lay_out, shots


def picture(n, shape=(64, 96)):
    """A grey field with a bright bar whose place tells the number, and a bright corner."""
    image = np.full((*shape, 3), 40, np.uint8)
    image[20:, 2 * n : 2 * n + 4] = 220
    image[:10, :10] = 255
    return image


def reel(path, target=None, fps=30.0):
    damaged: list[str] = []
    seen = list(shots(path, damaged, fps=fps))
    size = seen[0].size if seen else (0, 0)
    return lay_out(path, [s.time for s in seen], [s.number for s in seen], size, damaged, target)


@pytest.mark.parametrize(
    ("fps", "stride", "rate"), [(10, 1, 10), (25, 1, 25), (30, 1, 30), (60, 2, 30), (240, 8, 30)]
)
def test_fast_videos_are_thinned_out(tmp_path, fps, stride, rate):
    n = max(12, fps // 4)
    path = film(tmp_path / "a.mkv", [picture(k % 40) for k in range(n)], [k / fps for k in range(n)])
    made = reel(path)
    assert made.stride == stride and made.rate == pytest.approx(rate, rel=0.02)
    assert made.numbers.tolist() == list(range(1, n + 1, stride))
    assert not made.varying and made.n_read == n


def test_varying_rate_is_placed_on_an_even_grid(tmp_path):
    times = np.cumsum([0, *[1 / 30] * 10, *[1 / 10] * 10, *[1 / 30] * 10])
    path = film(tmp_path / "a.mp4", [picture(k) for k in range(31)], times)
    made = reel(path)
    assert made.varying
    nearest = [np.abs(times - k / made.rate).min() for k in range(len(made))]
    shown = times[made.numbers - 1]
    assert np.abs(shown - np.arange(len(made)) / made.rate).max() <= max(nearest) + 0.5 / made.fps + 1e-3
    frames = list(made.frames())
    assert [tick for tick, _ in frames] == list(range(len(made)))


def test_phone_film_comes_upright(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(k) for k in range(5)], [k / 30 for k in range(5)])
    flag_rotation(path)
    made = reel(path)
    assert made.size == (96, 64)
    _, frame = next(made.frames(longest=48, gray=False))
    assert frame.shape == (48, 32, 3) and frame[:3, -3:].min() > 200, "corner moved from left to right"


def test_large_frames_are_reduced_where_asked(tmp_path):
    path = film(tmp_path / "a.mp4", [picture(k, (1080, 1920)) for k in range(3)], [0, 0.04, 0.08])
    shapes = {frame.shape for _, frame in reel(path).frames(longest=960)}
    assert shapes == {(540, 960)}


def test_folder_with_a_gap_and_a_broken_image(tmp_path):
    for number in (7, 8, *range(10, 41)):
        cv2.imwrite(str(tmp_path / f"img{number:03d}.png"), picture(number))
    (tmp_path / "img040.png").write_bytes(b"\x89PNG nothing")
    made = reel(tmp_path, fps=10)
    assert made.assumed and made.n_damaged == 1 and made.rate == pytest.approx(10)
    assert made.numbers.tolist() == [7, 8, 8, *range(10, 40)]


def test_damaged_middle_costs_only_the_middle(tmp_path):
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (64, 96, 3)).astype(np.uint8) for _ in range(40)]
    path = film(tmp_path / "a.mp4", frames, [k / 30 for k in range(40)], g="5")
    damage(path)
    made = reel(path)
    assert made.n_damaged and 20 <= made.n_read < 40
    assert len(list(made.frames())) == len(made)


def test_a_hole_is_shown_as_such():
    times = [*(k / 30 for k in range(30)), *(2 + k / 30 for k in range(30))]
    made = lay_out(Path("a"), times, list(range(1, 61)), (64, 96), ["damaged frame"], None)
    assert made.rate == pytest.approx(30) and not made.varying and len(made) == 90
    assert np.flatnonzero(made.stale).tolist() == list(range(37, 60))
    assert made.numbers[[0, 29, 45, 60, 89]].tolist() == [1, 30, 30, 31, 60]


@pytest.mark.parametrize("kind", ["text", "sound", "empty", "one"])
def test_what_is_no_film_is_told_in_a_sentence(tmp_path, kind):
    path = tmp_path / "a.mp4"
    if kind == "text":
        path.write_text("not a video\n" * 40)
    elif kind == "sound":
        sound(path)
    elif kind == "empty":
        path.write_bytes(b"")
    else:
        film(path, [picture(0)], [0.0])
    words = {"sound": "no picture", "one": "single frame"}.get(kind, "cannot be opened")
    with pytest.raises(DataError, match=words):
        reel(path)
