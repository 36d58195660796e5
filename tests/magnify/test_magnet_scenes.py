"""The made scenes move by what they say."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.magnify.acceptance import displacement
from mezoo.magnify.magnet_scenes import SceneParams, Scenes, draw

QUIET = {"noise": 0.0, "colour_gain": 0.0, "colour_offset": 0.0}
SMALL = {"canvases": 4, "masks": 2, "side": 256}


@pytest.mark.parametrize("shift", [(0, 0), (0.3, -0.7), (1, 2.5), (-4.25, 3.125)])
def test_drawing_a_wave_between_the_pixels(shift):
    def wave(x, y):
        return np.cos(2 * np.pi / 17 * (0.8 * x + 0.6 * y))

    canvas = wave(*np.meshgrid(np.arange(200), np.arange(200)))[..., None].astype(np.float32)
    drawn = draw(canvas, 20, np.array(shift), 64)[..., 0]
    x, y = np.meshgrid(np.arange(64), np.arange(64))
    # a pixel of the frame covers two by two of the canvas; the kernel damps this wave by 0.2 %
    truth = wave(20.5 + 2 * (x - shift[0]), 20.5 + 2 * (y - shift[1]))
    np.testing.assert_allclose(drawn, 0.998 * truth, atol=1e-3)


def test_motion_and_magnified_motion_of_a_whole_scene():
    params = SceneParams(**SMALL, **QUIET, static_share=0.0, global_share=1.0, max_output=4.0)
    batch = Scenes(params, seed=1).batch(12, 64, seed=[3])
    ratios = []
    for a, b, target, factor in zip(batch.a, batch.b, batch.target, batch.factor, strict=True):
        moved, wanted = (displacement(*(127 * f.mean(-1) for f in (a, to))) for to in (b, target))
        if np.linalg.norm(moved) > 0.1:
            ratios.append(wanted @ moved / (moved @ moved) / factor)
    assert len(ratios) > 5
    assert abs(np.median(ratios) - 1) < 0.05


def test_static_scenes_and_factors():
    params = SceneParams(**SMALL, **QUIET, static_share=1.0, max_factor=5.0)
    batch = Scenes(params, seed=1).batch(16, 48, seed=[3])
    assert batch.a.shape == (16, 48, 48, 3) and batch.a.dtype == batch.target.dtype == np.float32
    assert np.abs(batch.a - batch.target).max() < 2.01 / 255  # rounding by chance, in [-1, 1]
    assert batch.factor.min() >= 1 and batch.factor.max() <= 5 and np.ptp(batch.factor) > 1


def test_rounding_by_chance_keeps_the_mean():
    params = SceneParams(**SMALL, **QUIET, static_share=1.0, grey_share=1.0)
    batch = Scenes(params, seed=2).batch(40, 48, seed=[5])
    assert abs((batch.b - batch.target).mean()) < 1e-4
    levels = (batch.b + 1) * 127.5
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-3)
    assert np.abs(batch.b - batch.b[..., :1]).max() == 0


def test_colours_of_b_and_target_change_alike():
    params = SceneParams(**SMALL, noise=0.0, static_share=1.0, grey_share=0.0, colour_gain=0.3)
    batch = Scenes(params, seed=2).batch(12, 48, seed=[7])
    assert np.abs(batch.a - batch.target).mean() > 10 * np.abs(batch.b - batch.target).mean()


def test_seed_decides():
    params = SceneParams(**SMALL)
    one, same = (Scenes(params, seed=1).batch(3, 48, seed=[1, 2]) for _ in range(2))
    np.testing.assert_array_equal(one.b, same.b)
    assert not np.array_equal(one.b, Scenes(params, seed=1).batch(3, 48, seed=[1, 3]).b)
    assert not np.array_equal(one.b, Scenes(params, seed=2).batch(3, 48, seed=[1, 2]).b)
