"""Flow of a clip of one length, where the motion is known."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.catalog_items import EventRecord
from mezoo.errors import DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip


def texture(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(0)
    value = np.zeros(x.shape)
    for _ in range(40):
        angle, phase, length = rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi), rng.uniform(8, 40)
        value += np.cos(2 * np.pi / length * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    return np.clip(np.rint(128 + 40 * value / value.std()), 0, 255).astype(np.uint8)


def sliding(side: int, per_frame: tuple[float, float], n: int = 9, *, invalid: int = -1) -> Clip:
    """A texture that moves by (dx, dy) px a frame; the expression is all of it."""
    y, x = np.mgrid[:side, :side].astype(float)
    frames = np.stack([texture(x - t * per_frame[0], y - t * per_frame[1]) for t in range(n)])
    numbers = np.arange(n)
    faces = {"frames": frames, "index": numbers, "valid": numbers != invalid}
    return Clip(EventRecord("d", "v", "s", "e", 0, None, n - 1, "micro"), {"faces": faces})  # type: ignore[dict-item]


def inside(fields: np.ndarray) -> np.ndarray:
    """Mean over the middle of the picture, (3, length)."""
    side = fields.shape[-1] // 4
    return fields[..., side:-side, side:-side].astype(np.float64).mean(axis=(2, 3))


def test_motion_is_spread_over_the_length():
    clip = sliding(128, (0.8, -0.4))
    found = request("flow_clip-16-128").make(clip)
    assert found.shape == request("flow_clip-16-128").shape == (3, 16, 128, 128)
    assert found.dtype == np.float16
    dx, dy, size = inside(found)
    # 8 steps of (0.8, -0.4) px in 16 pairs; the ends of a cosine curve are flatter
    assert np.allclose(dx[2:-2], 0.4, atol=0.1) and np.allclose(dy[2:-2], -0.2, atol=0.1)
    assert np.all(size >= np.hypot(dx, dy) - 1e-3)
    plain = inside(request("flow_clip-8-128").make(clip))  # the frames themselves
    assert np.allclose(plain[0], 0.8, atol=0.1) and np.allclose(plain[1], -0.4, atol=0.1)


def test_magnitude_is_that_of_the_flow():
    found = request("flow_clip-8-128").make(sliding(128, (0.5, 0.2))).astype(np.float64)
    assert np.allclose(found[2], np.hypot(found[0], found[1]), atol=2e-3)


def test_a_coarser_grid_keeps_the_unit():
    clip = sliding(128, (0.8, 0.0))
    fine, coarse = (request(f"flow_clip-8-{size}").make(clip) for size in (128, 32))
    averaged = fine[:2].astype(np.float64).reshape(2, 8, 32, 4, 32, 4).mean(axis=(3, 5))
    assert coarse.shape == (3, 8, 32, 32)
    assert np.allclose(coarse[:2], averaged, atol=2e-3)


def test_frames_of_another_side_are_resized_first():
    dx, dy, _ = inside(request("flow_clip-8-128").make(sliding(192, (0.9, 0.0))))
    assert dx.mean() == pytest.approx(0.6, abs=0.08) and abs(dy.mean()) < 0.05


def test_no_motion():
    assert not request("flow_clip-4-32").make(sliding(128, (0.0, 0.0))).any()


def test_every_frame_needs_a_face():
    with pytest.raises(DataError, match="no valid face in frame 4"):
        request("flow_clip-4-32").make(sliding(128, (0.0, 0.0), invalid=4))
