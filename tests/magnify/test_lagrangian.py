"""Lagrangian magnification: what is kept, what is magnified, holes."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.magnify.acceptance import FPS, Scene, displacement
from mezoo.magnify.lagrangian import _fit, lagrangian
from mezoo.magnify.lookup import look_up

SCENE = Scene(side=96, spread=14.0, seed=3)
TOWARDS = np.array([np.cos(SCENE.direction), np.sin(SCENE.direction)])


def pair(moved: float = 1.0, scene: Scene = SCENE) -> np.ndarray:
    """First frame and apex, (2, H, W)."""
    return np.stack([scene.truth(moved, 0), scene.truth(moved, 1)])


def shifted(frame: np.ndarray, dx: float, dy: float, turn: float = 0.0) -> np.ndarray:
    """Frame moved by (dx, dy) and turned about its middle."""
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]] - (frame.shape[0] - 1) / 2
    u, v = x - dx, y - dy
    back_x, back_y = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    middle = (frame.shape[0] - 1) / 2
    return np.clip(np.rint(look_up(frame, back_x + middle, back_y + middle)), 0, 255).astype(np.uint8)


class TestBackground:
    def test_motion_of_the_head_is_kept(self):
        """Head and local motion together: magnified as if the head had moved after it."""
        first, apex = pair()
        out, _ = lagrangian(np.stack([first, shifted(apex, 2.0, -1.0, 0.01)]), FPS, 4)
        truth = shifted(SCENE.truth(1.0, 4), 2.0, -1.0, 0.01)
        wanted, found = displacement(first, truth), displacement(first, out[1])
        assert np.linalg.norm(found - wanted) < 0.25
        inside = np.s_[10:-10, 10:-10]
        assert np.abs(out[1][inside].astype(float) - truth[inside]).mean() < 1.5

    def test_a_shift_of_all_is_background_unless_told_otherwise(self):
        first = SCENE.truth(1.0, 0)
        clip = np.stack([first, shifted(first, 0.5, 0.0)])
        kept = displacement(first, lagrangian(clip, FPS, 4)[0][1])
        moved = displacement(first, lagrangian(clip, FPS, 4, background="none")[0][1])
        np.testing.assert_allclose(kept, [0.5, 0], atol=0.1)
        np.testing.assert_allclose(moved, [2.0, 0], atol=0.2)

    def test_landmarks(self):
        """Stable points at the border tell the motion of the head."""
        first, apex = pair()
        points = np.full((68, 2), 48.0)
        points[[0, 1, 2, 3, 4, 5], 0], points[[11, 12, 13, 14, 15, 16], 0] = 8, 88
        points[:6, 1] = points[11:17, 1] = np.linspace(8, 88, 6)
        points[30] = [48, 8]
        clip = np.stack([first, shifted(apex, 1.0, 0.5)])
        out, _ = lagrangian(clip, FPS, 4, background="landmarks", landmarks=points)
        expected, _ = lagrangian(clip, FPS, 4)
        np.testing.assert_allclose(displacement(first, out[1]), displacement(first, expected[1]), atol=0.25)

    def test_robust_fit_ignores_a_third_of_outliers(self):
        y, x = np.mgrid[:96, :96]
        flow = np.stack([0.5 + 0.01 * x, -0.3 + 0.02 * y], axis=-1)
        flow[:32] += 5
        moved = np.array([[10.6, 49.72, 1.0], [50 + 1.0, 60 + 0.9, 1.0]])
        np.testing.assert_allclose(moved @ _fit(flow), [[10, 49.0392], [50, 60]], atol=0.02)


class TestLocalMotion:
    @pytest.mark.parametrize("splat", ["softmax", "mesh"])
    def test_gain(self, splat):
        clip = pair(0.5)
        found = displacement(clip[0], lagrangian(clip, FPS, 6, splat=splat)[0][1])
        wanted = displacement(clip[0], SCENE.truth(0.5, 6))
        assert found @ wanted / (wanted @ wanted) == pytest.approx(1, abs=0.15)

    def test_a_factor_of_zero_takes_the_motion_out(self):
        clip = pair()
        assert np.linalg.norm(displacement(clip[0], lagrangian(clip, FPS, 0)[0][1])) < 0.1

    def test_appearance_of_the_frame_is_kept(self):
        """The registered appearance: the moved frame is darker, and so is the result."""
        first, apex = pair()
        out, _ = lagrangian(np.stack([first, np.rint(apex * 0.8).astype(np.uint8)]), FPS, 3)
        assert out[1].mean() == pytest.approx(0.8 * first.mean(), rel=0.02)

    def test_refinement_finds_what_the_flow_method_misses(self):
        clip = pair(0.25)
        truth = displacement(clip[0], SCENE.truth(0.25, 6))
        plain, refined = (
            displacement(clip[0], lagrangian(clip, FPS, 6, backend="native", refine=rounds)[0][1])
            for rounds in (0, 2)
        )
        assert np.linalg.norm(refined - truth) < 0.5 * np.linalg.norm(plain - truth)


class TestHoles:
    @pytest.mark.parametrize("splat", ["softmax", "mesh"])
    def test_ratio(self, splat):
        """A shift of 0.5 px to the right, tenfold, leaves the five columns at the left border open."""
        first = SCENE.truth(1.0, 0)
        clip = np.stack([first, first, shifted(first, 0.5, 0.0)])
        out, holes = lagrangian(clip, FPS, 10, background="none", splat=splat)
        assert holes.shape == (3,) and holes.dtype == np.float32
        np.testing.assert_array_equal(holes[:2], 0)
        assert holes[2] == pytest.approx(5 / 96, abs=0.02)
        assert np.abs(out[2, :, 0].astype(float) - clip[2, :, 0]).mean() < 3  # filled from the border

    def test_unfilled_pixels_take_the_shift_of_the_nearest_filled_one(self):
        first = SCENE.truth(1.0, 0)
        out, _ = lagrangian(np.stack([first, shifted(first, 0.5, 0.0)]), FPS, 10, background="none")
        truth = shifted(first, 5.0, 0.0)
        assert np.abs(out[1][10:-10, 10:-10].astype(float) - truth[10:-10, 10:-10]).mean() < 3


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"background": "sky"}, "background 'sky'"),
        ({"background": "landmarks"}, "without landmarks"),
        ({"landmarks": np.zeros((68, 2))}, "with landmarks"),
        ({"splat": "nearest"}, "splat 'nearest'"),
        ({"smooth": -1}, "smooth -1"),
        ({"refine": -1}, "refine -1"),
        ({"backend": "sift"}, "unknown flow method"),
        ({"flow": {"speed": 3}}, "unknown parameter 'speed'"),
    ],
)
def test_wrong_use(params, message):
    with pytest.raises(ConfigError, match=message):
        lagrangian(pair(), FPS, 2, **params)
