"""Regions on a schematic face."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.rois import (
    ROI_LANDMARKS,
    frame_boxes,
    interocular,
    plausible,
    radius_px,
    window_origins,
)

SHAPE = (160, 160)


def test_boxes_of_whole_regions(face_points):
    points = np.rint(face_points())
    nose, rois, usable = frame_boxes(points, radius=5, shape=SHAPE)
    assert usable and rois.shape == (12, 4)
    for box, k in zip(rois, ROI_LANDMARKS, strict=True):
        x, y = points[k]
        assert box.tolist() == [x - 5, y - 5, x + 6, y + 6]
    margin = int(0.35 * (points[42, 0] - points[39, 0]) / 2)
    low, high = points[29:31].min(axis=0) - margin, points[29:31].max(axis=0) + margin + 1
    assert nose.tolist() == [*low, *high]


def test_boxes_are_cut_at_the_border(face_points):
    points = face_points() - [
        30,
        40,
    ]  # the left brow leaves the image on the left, all brows come near the top
    _, rois, usable = frame_boxes(points, radius=12, shape=SHAPE)
    assert usable
    assert (rois[..., :2] >= 0).all() and (rois[..., 2:] <= 160).all()
    assert (rois[:6, 1] == 0).all() and (rois[0, 2] - rois[0, 0]) < 25


def test_many_frames_at_once(face_points):
    frames = np.stack([face_points() + [dx, 0] for dx in (0, 3.4, -2)])
    frames[1, 28] = np.nan
    nose, rois, usable = frame_boxes(frames, radius=4, shape=SHAPE)
    assert usable.tolist() == [True, False, True]
    assert not nose[1].any() and not rois[1].any()
    for k in (0, 2):
        np.testing.assert_array_equal(frame_boxes(frames[k], radius=4, shape=SHAPE)[1], rois[k])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p.__setitem__((39, 0), p[42, 0] + 1),  # inner eye corners exchanged
        lambda p: p.__setitem__((48, 0), p[54, 0] + 1),  # mouth corners exchanged
        lambda p: p.__setitem__((30, 1), p[39, 1] - 1),  # nose tip above the eyes
        lambda p: p.__setitem__((5, 0), np.inf),
    ],
)
def test_implausible_landmarks(face_points, spoil):
    points = face_points()
    assert plausible(points)
    spoil(points)
    assert not plausible(points)
    assert not frame_boxes(points, radius=5, shape=SHAPE)[2]


def test_region_outside_of_the_image_is_not_usable(face_points):
    assert plausible(face_points() + [0, -60])
    assert not frame_boxes(face_points() + [0, -60], radius=5, shape=SHAPE)[2]


def test_radius(face_points):
    assert interocular(face_points(160)) == pytest.approx(0.34 * 160, rel=1e-5)
    assert radius_px(5, "px", eye_distance=0) == 5
    assert radius_px(0.1, "interocular", eye_distance=54.4) == 5
    assert radius_px(0.001, "interocular", eye_distance=54.4) == 1
    for radius, unit in ((0, "px"), (-1, "px"), (float("nan"), "px"), (5, "mm")):
        with pytest.raises(ConfigError, match="radius"):
            radius_px(radius, unit, eye_distance=50)


def test_windows_cover_their_boxes_and_stay_inside():
    rng = np.random.default_rng(0)
    shape, window = (50, 70), (15, 21)
    low = np.stack([rng.integers(0, 60, 500), rng.integers(0, 40, 500)], -1)
    high = np.minimum(low + np.stack([rng.integers(1, 22, 500), rng.integers(1, 16, 500)], -1), [70, 50])
    origin = window_origins(np.concatenate([low, high], -1), window=window, shape=shape)
    assert (origin >= 0).all() and (origin + [21, 15] <= [70, 50]).all()
    assert (origin <= low).all() and (origin + [21, 15] >= high).all()
