from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.errors import ConfigError, DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip
from mezoo.inputs.shape_patches import NODES, cut, scaled
from mezoo.magnify.shape_map import shape_map

FACTORS = (1.5, 2.0, 3.0)
SIDE = 128
PLACES = 1000.0 * np.arange(SIDE)[:, None] + np.arange(SIDE)  # m[y, x] = 1000 y + x


def test_rows_are_y_and_columns_are_x():
    patch = cut(PLACES, np.array([[40.0, 90.0]]))[0]  # x = 40, y = 90
    assert patch[3, 3] == 90_040
    assert patch[0, 3] == 87_040 and patch[3, 6] == 90_043 and patch[6, 0] == 93_037


def test_the_middle_is_the_nearest_pixel():
    middles = cut(PLACES, np.array([[40.4, 90.4], [40.6, 89.6], [39.51, 90.49]]))[:, 3, 3]
    assert middles.tolist() == [90_040, 90_041, 90_040]


def test_windows_are_moved_inside():
    points = np.array([[-5.0, 60.0], [1.0, 2.0], [127.0, 60.0], [60.0, 400.0]])
    patches = cut(PLACES, points)
    assert patches.shape == (4, 7, 7)
    assert patches[:, 3, 3].tolist() == [60_003, 3_003, 60_124, 124_060]
    assert patches.min() >= 0 and patches.max() == 127_063


def test_points_follow_their_picture():
    cv2 = pytest.importorskip("cv2")
    size, new_size = (90, 120), (128, 128)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    points = np.array([[30.0, 20.0], [77.3, 61.8]])
    for channel, picture in enumerate((x, y)):
        resized = cv2.resize(picture, new_size[::-1])
        for point, place in zip(points, scaled(points, size, new_size), strict=True):
            found = cv2.remap(
                resized, *(np.array([[value]], np.float32) for value in place), cv2.INTER_LINEAR
            )
            assert found[0, 0] == pytest.approx(point[channel], abs=0.05)


@pytest.fixture
def make(tmp_path):
    """Open an expression whose apex frame is 12, with landmarks at known places of a 100 x 80 crop."""
    opened = []

    def make(*, valid=True, reason="", factors=FACTORS, n_events=2):
        rng = np.random.default_rng(0)
        landmarks = rng.uniform(10, 70, (5, 68, 2)).astype(np.float32)
        numbers = np.arange(10, 15, dtype=np.int32)
        with ArtifactWriter(tmp_path / "faces.h5", stage="faces", params={}, inputs={}) as writer:
            writer.write("frames", np.zeros((5, 100, 80), np.uint8), axes="(T, H, W)")
            writer.write("landmarks", landmarks, axes="(T, 68, 2)")
            writer.write("index", numbers, axes="(T)")
            writer.write("valid", np.array([True, True, valid, True, True]), axes="(T)")
        shapes = rng.random((n_events * len(factors), 4, SIDE, SIDE)).astype(np.float16)
        with ArtifactWriter(tmp_path / "shape.h5", stage="shape", params={}, inputs={}) as writer:
            writer.write("shape", shapes, axes="(N, C, H, W)")
            event = np.repeat(np.arange(n_events, dtype=np.int16), len(factors))
            writer.write("event", event, axes="(N)")
            writer.write("factor", np.tile(factors, n_events).astype(np.float32), axes="(N)")
            writer.attrs |= {"events": ["e0", "e1"], "reasons": ["", reason]}
        artifacts = {name: Artifact(tmp_path / f"{name}.h5") for name in ("faces", "shape")}
        opened.extend(artifacts.values())
        event = EventRecord("d", "v", "s", "e1", onset=10, apex=12, offset=14)
        return Clip(event, artifacts), landmarks[2], shapes

    yield make
    for artifact in opened:
        artifact.__exit__(None, None, None)


def test_content(make):
    clip, landmarks, shapes = make()
    found = request("shape_patches-3").make(clip)
    assert found.shape == request("shape_patches-3").shape == (3, 30, 7, 7) and found.dtype == np.float32
    for view in range(3):
        picture = shape_map(shapes[3 + view])  # the second expression
        for node in (0, 9, 10, 29):
            x, y = landmarks[NODES[node]] + 0.5
            row, column = round(y * 128 / 100 - 0.5), round(x * 128 / 80 - 0.5)
            assert found[view, node, 3, 3] == picture[row, column]


def test_nodes_are_eyebrows_then_mouth():
    assert len(NODES) == 30 and NODES[:10] == tuple(range(17, 27)) and NODES[10:] == tuple(range(48, 68))


def test_another_number_of_factors(make):
    clip = make()[0]
    with pytest.raises(ConfigError, match=r"holds 3 factors \[1.5, 2.0, 3.0\].*shape_patches-10"):
        request("shape_patches-10").make(clip)


def test_unusable_expressions(make):
    with pytest.raises(DataError, match="no valid face in frame 12"):
        request("shape_patches-3").make(make(valid=False)[0])
    with pytest.raises(DataError, match="apex 9 lies outside"):
        request("shape_patches-3").make(make(reason="apex 9 lies outside")[0])
