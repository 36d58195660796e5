"""The window of AKMNet's training clips."""

from __future__ import annotations

import numpy as np

from mezoo.learning.augment_akmnet import clip_window

Y, X = np.mgrid[:128, :128].astype(np.float32)


def clip(dtype: str = "float32") -> np.ndarray:
    """Frames of planes: grey level x + y / 2, and 10 more in each frame."""
    return np.stack([(X + Y / 2 + 10 * t)[None] for t in range(3)]).astype(dtype)


def draws(n: int = 200) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [clip_window([clip()], rng)[0] for _ in range(n)]


def test_half_of_the_clips_stay_as_they_are():
    unchanged = np.mean([np.array_equal(found, clip()) for found in draws()])
    assert 0.4 < unchanged < 0.6


def test_window_of_the_enlarged_picture_is_common_to_all_frames():
    corners = set()
    for found in draws():
        if np.array_equal(found, clip()):
            continue
        inner = found[:, 0, 2:-2, 2:-2]  # the plane is flat at the border of the enlarged picture
        assert np.allclose(np.diff(inner, axis=2), 128 / 144, atol=1e-3)
        assert np.allclose(np.diff(inner, axis=1), 64 / 144, atol=1e-3)
        assert np.allclose(np.diff(inner, axis=0), 10, atol=1e-3)
        # level at (60, 60) is x' + y' / 2 with x' = (60 + left + 0.5) 128 / 144 - 0.5: 1.5 left per px at most
        corners.add(round(float(found[0, 0, 60, 60]), 2))
    start = 1.5 * (60.5 * 128 / 144 - 0.5)
    assert min(corners) >= start - 0.01 and max(corners) <= start + 1.5 * 16 * 128 / 144 + 0.01
    assert len(corners) > 20


def test_grey_levels_and_their_type_stay():
    rng = np.random.default_rng(1)
    for _ in range(5):
        (found,) = clip_window([clip("uint8")], rng)
        assert found.dtype == np.uint8 and found.shape == (3, 1, 128, 128)
        assert abs(float(found.mean()) - float(clip("uint8").mean())) < 15


def test_input_is_not_changed():
    frames = clip()
    rng = np.random.default_rng(0)
    for _ in range(4):
        clip_window([frames], rng)
    assert np.array_equal(frames, clip())
