"""Running MagNet over clips, and the shape representation; with random weights, which change something."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mezoo.errors import ConfigError  # noqa: E402
from mezoo.magnify.magnet import (  # noqa: E402
    LearnedMagnifier,
    magnet,
    shape_representation,
)
from mezoo.magnify.magnet_net import MagNet, MagNetLayout  # noqa: E402
from mezoo.magnify.magnet_weights import LoadedMagNet  # noqa: E402
from mezoo.magnify.temporal import TemporalBand  # noqa: E402

FPS = 30.0
BANDS = {
    "static": TemporalBand("static", FPS),
    "dynamic": None,
    "iir": TemporalBand("iir", FPS, 0.5, 5),
    "butterworth": TemporalBand("butterworth", FPS, 0.5, 5),
    "ideal": TemporalBand("ideal", FPS, 0.5, 5),
    "fir": TemporalBand("fir", FPS, 0.5, 5),
}


def loaded_magnet(**layout) -> LoadedMagNet:
    torch.manual_seed(0)
    return LoadedMagNet(MagNet(MagNetLayout(8, 1, 1, 1, 1, **layout)).eval(), {})


@pytest.fixture(scope="module")
def plain() -> LoadedMagNet:
    return loaded_magnet()


@pytest.fixture(scope="module")
def residual() -> LoadedMagNet:
    return loaded_magnet(residual=True)


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    """Eleven grey frames of a moving texture whose sides are no multiples of 4."""
    rng = np.random.default_rng(0)
    texture = rng.integers(60, 200, (12, 14)).repeat(4, 0).repeat(4, 1)
    return np.stack([np.roll(texture, t // 2, 1)[:38, :42] for t in range(11)]).astype(np.uint8)


def by_hand(loaded, frames, factor, changes) -> np.ndarray:
    """The whole clip at once, without blocks: pad, encode, manipulate, draw, crop."""
    network = loaded.network
    padded = np.pad(frames, ((0, 0), (0, 2), (0, 2)), mode="edge")
    inputs = torch.from_numpy(padded).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    with torch.no_grad():
        texture, shape = network.encoder(inputs)
        gain = torch.full((1, 1, 1, 1), network.layout.gain_of(factor))
        moved = network.manipulator(shape, torch.from_numpy(changes(shape.numpy())), gain)
        drawn = network.decode(inputs, texture, shape, moved).numpy().mean(1)[:, :38, :42]
    return np.clip((drawn + 1) * 127.5, 0, 255)


@pytest.mark.parametrize("kind", BANDS)
def test_change_is_what_the_mode_says(plain, clip, kind):
    def changes(shape):
        if kind == "dynamic":
            return np.concatenate([shape[:1] * 0, np.diff(shape, axis=0)])
        if kind == "static":
            return shape - shape[:1]
        return BANDS[kind].start()(shape)

    out = LearnedMagnifier(plain, 4.0, BANDS[kind]).start()(clip)
    wanted = by_hand(plain, clip, 4.0, changes)
    assert out.shape == clip.shape and out.dtype == np.uint8
    assert np.abs(out - wanted).max() < 0.51


@pytest.mark.parametrize("kind", ["static", "dynamic", "iir", "butterworth"])
def test_blocks_do_not_matter(plain, clip, kind):
    magnifier = LearnedMagnifier(plain, 3.0, BANDS[kind])
    assert magnifier.streams
    whole, redraw = magnifier.start()(clip), magnifier.start()
    parts = np.concatenate([redraw(part) for part in (clip[:1], clip[1:6], clip[6:])])
    assert np.abs(whole.astype(int) - parts).max() <= 1  # float32 in other batches, then rounded


@pytest.mark.parametrize("kind", BANDS)
def test_residual_form_leaves_alone_what_must_not_move(residual, clip, kind):
    np.testing.assert_array_equal(LearnedMagnifier(residual, 1.0, BANDS[kind]).start()(clip), clip)
    still = np.repeat(clip[:1], 11, axis=0)
    np.testing.assert_array_equal(LearnedMagnifier(residual, 6.0, BANDS[kind]).start()(still), still)
    assert not np.array_equal(LearnedMagnifier(residual, 6.0, BANDS[kind]).start()(clip), clip)


def test_grey_is_rgb_with_equal_channels(residual, clip):
    magnifier = LearnedMagnifier(residual, 2.0, BANDS["static"])
    grey, colour = magnifier.start()(clip), magnifier.start()(np.stack([clip] * 3, -1))
    assert colour.shape == (*clip.shape, 3)
    assert np.abs(colour.mean(-1) - grey).max() < 1


def test_gain_of_a_factor():
    assert MagNetLayout().gain_of(3) == 2
    assert MagNetLayout(gain="factor").gain_of(3) == 3


class TestShapeRepresentation:
    def test_factor_one_is_the_shape_of_the_apex(self, plain, clip):
        shapes, frames = shape_representation(plain, clip[0], clip[8], [1, 2, 3], side=64)
        assert shapes.shape == (3, 8, 32, 32) and shapes.dtype == np.float16
        assert frames.shape == (3, 64, 64) and frames.dtype == np.uint8
        alone = shape_representation(plain, clip[8], clip[8], [2], side=64)[0]
        np.testing.assert_allclose(shapes[0].astype(float), alone[0], atol=1e-3)
        assert np.abs(shapes[2].astype(float) - shapes[0]).max() > 1e-2

    def test_linear_in_the_gain_for_the_residual_form(self, residual, clip):
        one, two, four = shape_representation(residual, clip[0], clip[8], [1, 2, 4], side=64)[0].astype(float)
        np.testing.assert_allclose(four - one, 3 * (two - one), atol=2e-2)

    def test_frames_are_those_of_the_clip(self, residual, clip):
        pair = np.stack([clip[0], clip[8]])[:, :36, :40]
        square = np.pad(pair, ((0, 0), (0, 4), (0, 0)), mode="edge")
        out = shape_representation(residual, *square, [3.0], side=40)[1]
        wanted = LearnedMagnifier(residual, 3.0, BANDS["static"]).start()(square)[1]
        assert np.abs(out[0].astype(int) - wanted).max() <= 1

    def test_wrong_pair(self, plain, clip):
        with pytest.raises(ConfigError, match="one shape"):
            shape_representation(plain, clip[0], clip[1, :30], [2])
        with pytest.raises(ConfigError, match="uint8"):
            shape_representation(plain, clip[0] / 255, clip[1] / 255, [2])


def test_no_weights(clip):
    with pytest.raises(ConfigError, match="no weights of MagNet"):
        magnet(clip, FPS, 2.0)


def test_importing_the_package_loads_no_torch():
    code = "import sys, mezoo.magnify, mezoo.magnify.magnet; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
