from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.interpolate.linear import render_linear
from mezoo.interpolate.quality import PERFECT, psnr, rebuilt_psnr


def test_psnr_by_hand():
    truth = np.full((4, 4), 100, np.uint8)
    assert psnr(truth + 1, truth) == pytest.approx(10 * np.log10(255**2))
    assert psnr(truth, truth) == PERFECT
    assert psnr(np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8)) == 0


def test_left_out_frames_are_those_in_the_middle():
    ramp = np.arange(0, 90, 10, dtype=np.uint8)[:, None, None] * np.ones((1, 4, 4), np.uint8)
    seen = {}

    def spy(frames, positions):
        seen["frames"], seen["positions"] = frames[:, 0, 0].tolist(), positions.tolist()
        return render_linear(frames, positions)

    found = rebuilt_psnr([ramp], {"linear": spy}, spacing=4)
    assert seen == {"frames": [0, 40, 80], "positions": [0.5, 1.5]}
    assert found == {"linear": PERFECT, "frames": 2}  # a ramp in time is linear


def test_short_clips_are_left_out():
    long, short = np.zeros((5, 4, 4), np.uint8), np.zeros((2, 4, 4), np.uint8)
    assert rebuilt_psnr([short, long], {"linear": render_linear}, spacing=2)["frames"] == 2
    with pytest.raises(ConfigError, match="no clip of more than 2 frames"):
        rebuilt_psnr([short], {"linear": render_linear}, spacing=2)


@pytest.mark.parametrize("spacing", [0, 1, 3])
def test_spacing_without_a_middle(spacing):
    with pytest.raises(ConfigError, match="even"):
        rebuilt_psnr([np.zeros((9, 4, 4), np.uint8)], {"linear": render_linear}, spacing=spacing)
