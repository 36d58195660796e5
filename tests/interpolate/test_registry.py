"""Properties of every method of the registry."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.interpolate import INTERPOLATORS, get_interpolator


@pytest.fixture
def params(neutral_weights) -> dict[str, dict]:
    """Parameters without which a method cannot run."""
    return {"rife": {"weights": str(neutral_weights)}}


@pytest.mark.parametrize("name", INTERPOLATORS)
class TestEveryInterpolator:
    @pytest.mark.parametrize("n", [10, 11, 16, 32, 64, 128])
    def test_length(self, name, params, moving_clip, n):
        clip = moving_clip(range(9), shape=(24, 40))
        out = get_interpolator(name).bring_to(clip, n, **params.get(name, {}))
        assert out.shape == (n, 24, 40) and out.dtype == np.uint8
        np.testing.assert_array_equal(out[[0, -1]], clip[[0, -1]])

    @pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
    def test_frames_come_back(self, name, params, moving_clip, colour):
        clip = moving_clip(range(5), shape=(24, 40), colour=colour)
        method, given = get_interpolator(name), params.get(name, {})
        np.testing.assert_array_equal(method.bring_to(clip, 5, **given), clip)
        np.testing.assert_array_equal(method.bring_to(clip, 9, **given)[::2], clip)
        np.testing.assert_array_equal(method.at(clip, [3, 0, 1.5], **given)[:2], clip[[3, 0]])

    @pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
    def test_a_still_clip_stays_still(self, name, params, moving_clip, colour):
        still = np.repeat(moving_clip([0], shape=(24, 40), colour=colour), 4, axis=0)
        out = get_interpolator(name).bring_to(still, 11, **params.get(name, {}))
        inside = np.s_[:, 4:-4, 4:-4]  # the border of a flow method may move
        np.testing.assert_array_equal(out[inside], np.repeat(still[:1], 11, axis=0)[inside])

    def test_a_single_frame_is_repeated(self, name, params, moving_clip):
        clip = moving_clip([0], shape=(24, 40))
        out = get_interpolator(name).bring_to(clip, 11, **params.get(name, {}))
        np.testing.assert_array_equal(out, np.repeat(clip, 11, axis=0))

    def test_same_numbers_twice_and_input_untouched(self, name, params, moving_clip):
        clip = moving_clip(range(3), shape=(24, 40))
        before = clip.copy()
        method, given = get_interpolator(name), params.get(name, {})
        np.testing.assert_array_equal(method.bring_to(clip, 7, **given), method.bring_to(clip, 7, **given))
        np.testing.assert_array_equal(clip, before)

    def test_new_frame_lies_between(self, name, params, moving_clip):
        # Nearer to the truth than any recorded frame of a slowly moving texture.
        clip, truth = moving_clip(range(6)).astype(int), moving_clip([2.5]).astype(int)[0]
        out = get_interpolator(name).at(clip.astype(np.uint8), [2.5], **params.get(name, {}))[0].astype(int)
        assert np.abs(out - truth).mean() < 0.5 * np.abs(clip - truth).mean(axis=(1, 2)).min()

    def test_between(self, name, params, moving_clip):
        a, b = moving_clip([0, 1], shape=(24, 40))
        method, given = get_interpolator(name), params.get(name, {})
        if not method.local:
            with pytest.raises(ConfigError, match="whole clip"):
                method.between(a, b, 0.5)
            return
        np.testing.assert_array_equal(
            method.between(a, b, 0.5, **given), method.at(np.stack([a, b]), [0.5], **given)[0]
        )
        np.testing.assert_array_equal(method.between(a, b, 1, **given), b)
        with pytest.raises(ConfigError, match="one shape"):
            method.between(a, b[1:], 0.5, **given)
        with pytest.raises(ConfigError, match="from 0 to 1"):
            method.between(a, b, 1.5, **given)

    def test_description(self, name, params):
        method, given = get_interpolator(name), params.get(name, {})
        facts = method.describe(**given)
        assert facts["method"] == name and json.loads(json.dumps(facts)) == facts
        assert json.loads(json.dumps(dict(method.defaults))) == dict(method.defaults)

    def test_wrong_use(self, name):
        method = get_interpolator(name)
        with pytest.raises(ConfigError, match="uint8 frames"):
            method.bring_to(np.zeros((3, 24, 24)), 5)
        with pytest.raises(ConfigError, match="from 0 to 2"):
            method.at(np.zeros((3, 24, 24), np.uint8), [2.5, 3])
        with pytest.raises(ConfigError, match="unknown parameter 'speed'"):
            method.bring_to(np.zeros((3, 24, 24), np.uint8), 5, speed=1)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'linear'"):
        get_interpolator("lineal")


def test_rife_without_weights_says_what_to_do(moving_clip):
    with pytest.raises(ConfigError, match="rife without weights.*train_rife.*flow_warp"):
        INTERPOLATORS["rife"].bring_to(moving_clip(range(3)), 5)


@pytest.mark.parametrize(
    "code", ["import mezoo.interpolate", "from mezoo.interpolate import INTERPOLATORS as I; I['tim']"]
)
def test_import_loads_no_torch(code):
    check = f"{code}; import sys; assert not {{'torch', 'numba', 'pandas'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True, env={"PYTHONPATH": ":".join(sys.path)})
