"""What the methods must reach on clips with known motion, and the measuring itself."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pytest

from mezoo.magnify import MAGNIFIERS
from mezoo.magnify.acceptance import APEX, FPS, Scene, displacement, false_motion, likeness, time_course

#: Other texture and bump than those the defaults were chosen on.
SCENE = Scene(side=96, spread=20.0, direction=-2.0, seed=5)


@cache
def of(name: str, moved: float, factor: float, noise: float = 0.0):
    return likeness(MAGNIFIERS[name].magnify, SCENE, moved, factor, noise=noise)


class TestMeasuring:
    def test_a_known_shift_is_found(self):
        scene = Scene(spread=np.inf, direction=0.5)
        for moved in (0.25, 1.0, 6.0):
            found = displacement(scene.truth(moved, 0), scene.truth(moved, 1))
            np.testing.assert_allclose(found, moved * np.array([np.cos(0.5), np.sin(0.5)]), rtol=0.02)

    def test_contrast_and_brightness_are_no_motion(self):
        still = SCENE.truth(1, 0)
        assert np.linalg.norm(displacement(still, np.rint(still * 0.7 + 30))) < 0.01

    def test_the_truth_moves_every_point_of_the_surface(self):
        """A pixel at rest x shows up at x + d bump(x)."""
        still, moved = SCENE.truth(4, 0), SCENE.truth(4, 1)
        y, x = 40, 55
        push = 4 * SCENE.bump()[y, x] * np.array([np.cos(SCENE.direction), np.sin(SCENE.direction)])
        from mezoo.magnify.lookup import look_up

        found = look_up(moved, np.array([[x + push[0]]]), np.array([[y + push[1]]]))
        assert found[0, 0] == pytest.approx(still[y, x], abs=1.5)

    def test_doing_nothing_and_knowing_the_answer(self):
        nothing = likeness(lambda frames, fps, factor: frames, SCENE, 0.5, 4)
        assert nothing.gain == pytest.approx(0.25, abs=0.02) and nothing.ssim == nothing.ssim_untouched
        perfect = likeness(lambda frames, fps, factor: SCENE.clip(2.0), SCENE, 0.5, 4)
        assert perfect.gain == pytest.approx(1, abs=0.01) and perfect.ssim == pytest.approx(1)

    def test_time_course(self):
        course = time_course()
        assert course[0] == course[-1] == 0 and course[APEX] == course.max() == 1


class TestGoals:
    @pytest.mark.parametrize(("moved", "factor"), [(0.25, 6), (1.0, 2), (1.0, 6)])
    @pytest.mark.parametrize("name", ["lagrangian", "phase"])
    def test_gain_and_likeness(self, name, moved, factor):
        found = of(name, moved, factor)
        assert 0.8 <= found.gain <= 1.2
        assert found.ssim > found.ssim_untouched

    @pytest.mark.parametrize(("moved", "factor"), [(0.25, 2), (0.5, 2)])
    def test_gain_of_linear_amplification_where_the_motion_is_small(self, moved, factor):
        assert 0.8 <= of("eulerian", moved, factor).gain <= 1.2

    @pytest.mark.parametrize(("moved", "factor"), [(0.25, 2), (1.0, 6)])
    def test_linear_amplification_is_better_than_nothing_but_falls_short(self, moved, factor):
        found = of("eulerian", moved, factor)
        assert found.ssim > found.ssim_untouched
        assert 1 / factor < found.gain < 1.2

    @pytest.mark.parametrize(
        "name", [name for name in MAGNIFIERS if name != "magnet"]
    )  # it has to be trained
    def test_colour_alone_is_no_motion(self, name):
        assert false_motion(MAGNIFIERS[name].magnify, SCENE, 4) < 0.1

    def test_a_shadow_is_no_motion_to_tvl1_either(self):
        """It assumes that brightness is constant; the frames it is given are flattened."""
        assert false_motion(partial(MAGNIFIERS["lagrangian"].magnify, backend="native"), SCENE, 4) < 0.1

    @pytest.mark.parametrize("name", ["lagrangian", "phase"])
    def test_noise_is_not_amplified(self, name):
        found = of(name, 0.5, 4, 3.0)
        assert found.gain > 0.8
        assert found.ssim > found.ssim_untouched

    def test_slow_rise_needs_a_low_cutoff(self):
        """Why the default band begins at 0.05 Hz: a rise and fall of 0.3 s is not periodic."""
        slow = partial(MAGNIFIERS["phase"].magnify, low=1.0)
        assert likeness(slow, SCENE, 0.5, 4).gain < of("phase", 0.5, 4).gain - 0.1


def test_frame_rate_of_the_scene_is_that_of_a_high_speed_camera():
    assert len(time_course()) / FPS == pytest.approx(0.5, abs=0.02)
