"""Flow of two image files as artifact, .flo file and colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DataError
from mezoo.motion import flow_files, get_backend
from mezoo.motion.show import color_wheel, flo_bytes, flow_colors, read_flo, round_scale, sparse_flow


@pytest.fixture
def images(tmp_path, moving_pair):
    reference, moving, _ = moving_pair(lambda x, y: (1.0, -0.5), shape=(64, 80))
    paths = tmp_path / "a.png", tmp_path / "b.png"
    for path, image in zip(paths, (reference, moving), strict=True):
        cv2.imwrite(str(path), image)
    return (*paths, get_backend("native")(reference, moving))


def test_artifact(images, tmp_path):
    a, b, flow = images
    flow_files(a, b, tmp_path / "out" / "flow.h5")
    with Artifact(tmp_path / "out" / "flow.h5") as artifact:
        assert artifact.stage == "flow_pair" and artifact.params["backend"] == "native"
        np.testing.assert_array_equal(artifact["flow"][0], flow.astype(np.float16))


def test_flo(images, tmp_path):
    a, b, flow = images
    flow_files(a, b, tmp_path / "flow.flo")
    np.testing.assert_array_equal(read_flo(tmp_path / "flow.flo"), flow)
    theirs = cv2.readOpticalFlow(str(tmp_path / "flow.flo"))
    np.testing.assert_array_equal(theirs, flow)


def test_png_in_colour_of_another_backend(images, tmp_path):
    a, b, flow = images
    flow_files(a, b, tmp_path / "flow.png", backend="dis")
    picture = cv2.imread(str(tmp_path / "flow.png"))[..., ::-1]
    reference, moving = (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in (a, b))
    np.testing.assert_array_equal(picture, flow_colors(get_backend("dis")(reference, moving)))
    assert not list(tmp_path.glob(".*")), "no temporary file stays"


def test_a_profile_is_handed_to_the_method(images, tmp_path):
    a, b, _ = images
    with pytest.raises(ConfigError, match="parameter 'profile' of the flow method farneback"):
        flow_files(a, b, tmp_path / "flow.flo", backend="farneback", profile="stream")


def test_wrong_use(images, tmp_path):
    a, b, _ = images
    with pytest.raises(ConfigError, match=".flo or .png"):
        flow_files(a, b, tmp_path / "flow.jpg")
    with pytest.raises(ConfigError, match="no image"):
        flow_files(a, tmp_path / "absent.png", tmp_path / "flow.png")
    cv2.imwrite(str(tmp_path / "small.png"), np.zeros((64, 40), np.uint8))
    with pytest.raises(ConfigError, match="one shape"):
        flow_files(a, tmp_path / "small.png", tmp_path / "flow.png")


def test_damaged_flo(tmp_path):
    whole = flo_bytes(np.zeros((4, 5, 2), np.float32))
    for content in (b"", whole[:-1], whole + b"x", b"PIEX" + whole[4:]):
        (tmp_path / "flow.flo").write_bytes(content)
        with pytest.raises(DataError, match="no flow field"):
            read_flo(tmp_path / "flow.flo")


def test_colours():
    """Published wheel: right is red, down is yellow, left is cyan to blue, up is blue to magenta; still is white."""
    flow = np.array([[[0, 0], [2, 0], [0, 2], [-2, 0], [0, -2]]], np.float32)
    white, right, down, left, up = flow_colors(flow)[0].astype(int)
    assert white.tolist() == [255, 255, 255]
    assert right[0] == 255 and max(right[1:]) < 20
    assert min(down[:2]) > 200 and down[2] < 20
    assert left[0] < 20 and min(left[1:]) > 90
    assert up[2] == 255 and up[1] < 100
    faint, strong = flow_colors(flow[:, [1, 1]] * np.float32([[[0.25], [2.0]]]), largest=2.0)[0].astype(int)
    assert faint[1] > 180 and strong[0] == 191


def test_the_wheel_is_the_legend_of_the_colours():
    wheel = color_wheel(101)
    directions = np.array([[(1, 0), (0, 1), (-1, 0), (0, -1)]], np.float32)
    rim = wheel[[50, 100, 50, 0], [100, 50, 0, 50]]
    np.testing.assert_array_equal(rim, flow_colors(directions, largest=1.0)[0])
    assert wheel[50, 50].tolist() == wheel[0, 0].tolist() == [255, 255, 255]
    np.testing.assert_allclose(wheel[50, 75], flow_colors(directions / 2, largest=1.0)[0, 0], atol=1)


def test_sparse_flow_is_the_mean_of_squares():
    flow = np.arange(2 * 11 * 8, dtype=np.float32).reshape(11, 8, 2)
    places, vectors = sparse_flow(flow, 4)
    assert places.tolist() == [[1.5, 2.5], [5.5, 2.5], [1.5, 6.5], [5.5, 6.5]], (
        "11 rows leave one above, two below"
    )
    np.testing.assert_allclose(vectors[1], flow[1:5, 4:8].mean(axis=(0, 1)))


@pytest.mark.parametrize(
    ("factor", "scale"),
    [(1, 1), (1.9, 1), (2, 2), (4.99, 2), (37, 20), (0.6, 0.5), (0.013, 0.01), (1000, 1000)],
)
def test_round_scale(factor, scale):
    assert round_scale(factor) == pytest.approx(scale)
