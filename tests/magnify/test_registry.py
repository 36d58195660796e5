"""Properties of every magnification method of the registry."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.magnify import MAGNIFIERS, get_magnifier
from mezoo.magnify.acceptance import Scene

SCENE = Scene(side=48, spread=10.0, seed=2)
FPS = 100.0


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    """Weights for MagNet, which has no default ones: drawn by chance, all three channels alike."""
    torch = pytest.importorskip("torch")
    from mezoo.magnify.magnet_net import LAYOUTS, MagNet
    from mezoo.magnify.magnet_weights import save_magnet

    torch.manual_seed(0)
    network, path = MagNet(LAYOUTS["small_residual"]), tmp_path_factory.mktemp("weights") / "magnet.h5"
    with torch.no_grad():
        network.decoder.output.weight[1:] = network.decoder.output.weight[:1]
    save_magnet(path, network, params={}, training={})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MAGNIFIERS["magnet"].defaults, "weights", str(path))
        yield


@pytest.fixture(scope="module")
def clip():
    """Odd sizes, with motion and noise, (T, 45, 48)."""
    return SCENE.clip(1.0, noise=2.0)[::2, :45]


@pytest.fixture(scope="module")
def colour(clip):
    return np.stack([clip, clip // 2 + 40, 255 - clip], axis=-1)


@pytest.mark.parametrize("name", MAGNIFIERS)
class TestEveryMethod:
    def test_shape_and_type(self, name, clip, colour):
        for frames in (clip, colour):
            before = frames.copy()
            out = MAGNIFIERS[name].magnify(frames, FPS, 3.0)
            assert out.shape == frames.shape and out.dtype == np.uint8
            assert np.any(out != frames)
            np.testing.assert_array_equal(frames, before)

    def test_factor_one_is_the_identity(self, name, clip, colour):
        for frames in (clip, colour):
            np.testing.assert_array_equal(MAGNIFIERS[name].magnify(frames, FPS, 1.0), frames)

    def test_a_still_clip_stays(self, name, clip):
        still = np.repeat(clip[:1], 12, axis=0)
        np.testing.assert_array_equal(MAGNIFIERS[name].magnify(still, FPS, 5.0), still)

    def test_the_first_frame_is_the_reference(self, name, clip):
        np.testing.assert_array_equal(MAGNIFIERS[name].magnify(clip, FPS, 3.0)[0], clip[0])

    def test_one_frame(self, name, clip):
        np.testing.assert_array_equal(MAGNIFIERS[name].magnify(clip[:1], FPS, 3.0), clip[:1])

    def test_repeatable(self, name, clip):
        first = MAGNIFIERS[name].magnify(clip, FPS, 3.0)
        MAGNIFIERS[name].magnify(clip[:, :32, :40], FPS, 2.0)
        np.testing.assert_array_equal(MAGNIFIERS[name].magnify(clip, FPS, 3.0), first)

    def test_grey_is_colour_without_colours(self, name, clip):
        grey = MAGNIFIERS[name].magnify(clip, FPS, 3.0)
        colour = MAGNIFIERS[name].magnify(np.repeat(clip[..., None], 3, axis=-1), FPS, 3.0)
        np.testing.assert_array_equal(np.ptp(colour, axis=-1), 0)
        assert np.abs(colour[..., 0].astype(int) - grey).max() <= 1

    def test_defaults_and_presets_are_json_and_known(self, name):
        method = MAGNIFIERS[name]
        assert json.loads(json.dumps(method.describe())) == method.describe()
        assert method.preset("micro_expression").factor > 1
        for preset in method.presets.values():
            assert preset.factor > 1
            assert json.loads(json.dumps(method.describe(**preset.params)))["method"] == name

    def test_presets_run_at_their_frame_rate(self, name, clip):
        for preset in MAGNIFIERS[name].presets.values():
            out = MAGNIFIERS[name].magnify(clip[:6], preset.fps or FPS, preset.factor, **preset.params)
            assert out.shape == clip[:6].shape

    def test_wrong_clips(self, name, clip):
        for bad in (clip.astype(np.float32), clip[0], clip[:0], clip[:, :8], clip[..., None]):
            with pytest.raises(ConfigError, match="Expected uint8"):
                MAGNIFIERS[name].magnify(bad, FPS, 2.0)

    @pytest.mark.parametrize(
        ("fps", "factor"), [(0, 2.0), (-1, 2.0), (np.nan, 2.0), (FPS, -1.0), (FPS, np.inf)]
    )
    def test_wrong_numbers(self, name, clip, fps, factor):
        with pytest.raises(ConfigError, match="frames per second|factor"):
            MAGNIFIERS[name].magnify(clip, fps, factor)

    def test_unknown_parameter_and_preset(self, name, clip):
        with pytest.raises(ConfigError, match=f"unknown parameter 'gain' of the magnification {name}"):
            MAGNIFIERS[name].magnify(clip, FPS, 2.0, gain=3)
        with pytest.raises(ConfigError, match="Did you mean 'micro_expression'"):
            MAGNIFIERS[name].preset("micro_expresion")


@pytest.mark.parametrize("temporal", ["static", "iir", "butterworth", "ideal", "fir"])
@pytest.mark.parametrize("name", ["eulerian", "phase"])
class TestEveryTemporalFilter:
    def test_identity(self, name, temporal, clip):
        params = {"temporal": temporal, "low": 1.0, "high": 20.0}
        np.testing.assert_array_equal(MAGNIFIERS[name].magnify(clip, FPS, 1.0, **params), clip)

    def test_magnifies(self, name, temporal):
        """A texture that moves to and fro at 5 Hz: its changes grow."""
        x = np.arange(48) + 0.3 * np.sin(2 * np.pi * 5 / FPS * np.arange(60))[:, None, None]
        clip = np.rint(128 + 40 * np.sin(2 * np.pi * x / 16) * np.ones((60, 48, 48))).astype(np.uint8)
        out = MAGNIFIERS[name].magnify(clip, FPS, 3.0, temporal=temporal, low=1.0, high=20.0)
        growth = out[20:40].std(axis=0).mean() / clip[20:40].std(axis=0).mean()
        assert 2.0 < growth < 3.3


@pytest.mark.parametrize("name", ["eulerian", "phase"])
def test_memory_of_a_recursive_filter_does_not_grow_with_the_clip(name):
    def peak(n_frames: int) -> int:
        clip = np.zeros((n_frames, 64, 64), np.uint8)
        MAGNIFIERS[name].magnify(clip[:2], FPS, 2.0)
        tracemalloc.start()
        MAGNIFIERS[name].magnify(clip, FPS, 2.0)
        found = tracemalloc.get_traced_memory()[1] - clip.nbytes  # less the result
        tracemalloc.stop()
        return found

    assert peak(320) < 1.2 * peak(96)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'eulerian'") as caught:
        get_magnifier("eularian")
    assert all(name in str(caught.value) for name in MAGNIFIERS)


def test_the_package_imports_without_torch_and_numba():
    code = "import sys, mezoo.magnify; print(sorted({'torch', 'numba', 'skimage'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
