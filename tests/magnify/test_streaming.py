"""Block by block as all at once."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.magnify import MAGNIFIERS
from mezoo.magnify.acceptance import Scene
from mezoo.magnify.streaming import in_blocks

FPS = 100.0
METHODS = [name for name, method in MAGNIFIERS.items() if "weights" not in method.defaults]


@pytest.fixture(scope="module")
def clip():
    grey = Scene(side=48, spread=10.0, seed=2).clip(1.0, noise=2.0)[8:32:2, :45]
    return np.stack([grey, grey // 2 + 40, 255 - grey], axis=-1)


@pytest.mark.parametrize("length", [1, 5])
@pytest.mark.parametrize("method", METHODS)
def test_blocks_give_what_the_whole_clip_gives(clip, method, length):
    whole = MAGNIFIERS[method].magnify(clip, FPS, 3.0)
    step = in_blocks(method, clip[0], FPS, 3.0)
    made = [step(clip[start : start + length]) for start in range(0, len(clip), length)]
    np.testing.assert_array_equal(np.concatenate(made), whole)


def test_settings_and_colours_reach_the_blocks(clip):
    settings = {"chroma": 0.5, "low": 1.0, "temporal": "iir"}
    step = in_blocks("eulerian", clip[0], FPS, 3.0, **settings)
    whole = MAGNIFIERS["eulerian"].magnify(clip, FPS, 3.0, **settings)
    np.testing.assert_array_equal(np.concatenate([step(clip[:7]), step(clip[7:])]), whole)


@pytest.mark.parametrize("method", ["eulerian", "phase"])
@pytest.mark.parametrize("temporal", ["ideal", "fir"])
def test_filters_over_the_whole_clip_do_not_stream(clip, method, temporal):
    assert in_blocks(method, clip[0], FPS, 3.0, temporal=temporal) is None


def test_wrong_settings_are_told_before_the_first_block(clip):
    with pytest.raises(ConfigError, match="parameter 'alpha'"):
        in_blocks("phase", clip[0], FPS, 3.0, alpha=2)
    with pytest.raises(ConfigError, match="total factor"):
        in_blocks("phase", clip[0], FPS, -3.0)
