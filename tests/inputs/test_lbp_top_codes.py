"""LBP-TOP: patterns by hand, properties of the counts, and the numbers of the authors' programs."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.inputs.lbp_top_codes import lbp_top, lbp_top_feature

ONE = {"blocks": (1, 1, 1)}
TOOLBOX = {**ONE, "convention": "toolbox2009"}
R333 = {"radii": (3, 3, 3), "n_neighbours": 8}
R111 = {"radii": (1, 1, 1), "n_neighbours": 8}
#: All counts of the reference are matched exactly, those between pixels too.
REFERENCE = {
    "toolbox_r111_p8_nn_u": {**R111, **TOOLBOX},
    "toolbox_r333_p8_nn_u": {**R333, **TOOLBOX},
    "toolbox_r114_p8_nn_u": {"n_neighbours": 8, **TOOLBOX},
    "toolbox_r114_p4_nn_b": {"patterns": "all", **TOOLBOX},
    "toolbox_r123_p8_nn_b": {"radii": (1, 2, 3), "n_neighbours": 8, "patterns": "all", **TOOLBOX},
    "toolbox_r111_p8_bi_u": {"sampling": "bilinear", **R111, **TOOLBOX},
    "toolbox_r333_p8_bi_u": {"sampling": "bilinear", **R333, **TOOLBOX},
    "block_r114_p4_5x5": {},
    "block_r114_p4_5x5b": {"patterns": "all"},
    "block_r333_p8_2x2": {"blocks": (1, 2, 2), **R333},
    "block_r333_p8_2x2o": {"blocks": (1, 2, 2), "overlap": 0.5, **R333},
    "block_r111_p8_3x2t2": {"blocks": (2, 3, 2), **R111},
    "block_r333_p8_8x8_overlap07": {"blocks": (1, 8, 8), "overlap": 0.7, **R333},
}


@pytest.fixture(scope="session")
def stored(shared):
    with np.load(shared / "oracles/lbptop/lbptop.npz") as arrays:
        return dict(arrays)


@pytest.fixture
def volume():
    return np.random.default_rng(0).integers(0, 256, (12, 24, 28), dtype=np.uint8)


@pytest.mark.parametrize("name", REFERENCE)
def test_parity(stored, name):
    source = stored["volume_overlap" if name.endswith("overlap07") else "volume"]
    counts = lbp_top(source, **REFERENCE[name])
    np.testing.assert_array_equal(counts.reshape(stored[name].shape), stored[name])


def test_features_of_the_reference(stored):
    counts = lbp_top(stored["volume"])
    np.testing.assert_array_equal(lbp_top_feature(counts), stored["default_feature_r114_p4_5x5"])
    official = counts.ravel() / counts.sum()
    np.testing.assert_allclose(official, stored["block_r114_p4_5x5_official_norm"], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "n", "convention"),
    [
        ("map_u2_p4", 4, "blocks"),
        ("map_u2_p8", 8, "blocks"),
        ("map_u2_p8_toolbox2009", 8, "toolbox2009"),
    ],
)
def test_uniform_patterns_are_numbered_as_in_the_reference(stored, name, n, convention):
    """A volume of 3x3x3 whose centre sees one chosen XY code shows the bin of that code."""
    ring = [(1, 2), (0, 2), (0, 1), (0, 0), (1, 0), (2, 0), (2, 1), (2, 2)][:: 8 // n]
    for code, expected in enumerate(stored[name]):
        cube = np.full((3, 3, 3), 9, np.uint8)
        for p, place in enumerate(ring):
            cube[1][place] = 9 if code >> p & 1 else 8
        counts = lbp_top(cube, radii=(1, 1, 1), n_neighbours=n, **{**ONE, "convention": convention})
        assert counts[0, 0, 0, 0].nonzero()[0].tolist() == [expected]


def test_a_pixel_by_hand():
    cube = np.zeros((3, 3, 3), np.uint8)
    cube[1, 1, 1] = 5
    cube[1, 1, 2] = 5  # right: bit 0 of XY and XT; a tie counts
    cube[1, 0, 1] = 7  # above: bit 1 of XY (angle 90 degrees), bit 0 of YT
    cube[0, 1, 1] = 6  # a frame earlier: bit 1 of XT and YT
    counts = lbp_top(cube, radii=(1, 1, 1), patterns="all", **ONE)
    assert counts.shape == (1, 1, 1, 3, 16)
    assert counts[0, 0, 0].argmax(axis=1).tolist() == [0b0011, 0b0011, 0b0011] and counts.sum() == 3
    earlier = lbp_top(cube, radii=(1, 1, 1), patterns="all", **TOOLBOX)
    # there time points the other way in XT, and time comes first in YT
    assert earlier[0, 0, 0].argmax(axis=1).tolist() == [0b0011, 0b1001, 0b0110]


def test_brighter_and_steeper_grey_levels_change_nothing(volume):
    half = volume // 2
    np.testing.assert_array_equal(lbp_top(half * 2 + 1), lbp_top(half))


@pytest.mark.parametrize("sampling", ["nearest", "bilinear"])
def test_every_centre_is_counted_once_per_plane(volume, sampling):
    counts = lbp_top(volume, n_neighbours=8, sampling=sampling)
    np.testing.assert_array_equal(counts.sum(axis=(0, 1, 2, 4)), 4 * 22 * 26)
    # 22 // 5 = 4 rows a block, the last one 6; 26 // 5 = 5 columns, the last one 6
    np.testing.assert_array_equal(
        counts.sum(axis=-1)[0, :, :, 0], 4 * np.outer([4, 4, 4, 4, 6], [5, 5, 5, 5, 6])
    )


def test_blocks_hold_the_patterns_of_their_pixels(volume):
    whole = lbp_top(volume[:, :14, :], blocks=(1, 1, 1), radii=(1, 1, 2))
    blocks = lbp_top(
        volume, blocks=(1, 2, 1), radii=(1, 1, 2)
    )  # 22 centres: the first 11 lie in rows 1 to 11
    upper = lbp_top(volume[:, :13, :], blocks=(1, 1, 1), radii=(1, 1, 2))
    np.testing.assert_array_equal(blocks[0, 0], upper[0, 0])
    assert (whole >= upper).all()


def test_feature_is_one_per_histogram(volume):
    feature = lbp_top_feature(lbp_top(volume))
    assert feature.dtype == np.float32 and feature.shape == (5 * 5 * 3 * 15,)
    np.testing.assert_allclose(feature.reshape(75, 15).sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"n_neighbours": 6},
        {"patterns": "ri"},
        {"convention": "2012"},
        {"sampling": "cubic"},
        {"radii": (1, 1, 6)},  # no frame has six before and after it
        {"radii": (0, 1, 1)},
        {"blocks": (1, 23, 5)},
        {"blocks": (0, 5, 5)},
        {"blocks": (4, 5, 5)},  # of four frames, one shared
        {"overlap": 1.0},
        {"overlap": -0.1},
        {"overlap": 0.2, "blocks": (1, 22, 5)},  # blocks of one row have nothing to share
    ],
)
def test_wrong_options(volume, options):
    with pytest.raises(ConfigError):
        lbp_top(volume, **options)


@pytest.mark.parametrize("wrong", [np.zeros((12, 24), np.uint8), np.zeros((12, 24, 28))])
def test_wrong_volume(wrong):
    with pytest.raises(ConfigError):
        lbp_top(wrong)
