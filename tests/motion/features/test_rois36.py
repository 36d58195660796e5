"""The 36 regions: corners and pixels of the usual port, and what holds of any face."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.features.rois36 import roi_masks, rois36


def test_parity(liu):
    np.testing.assert_array_equal(rois36(liu["landmarks"], 20), liu["roi_vertices_delta20"])
    np.testing.assert_allclose(rois36(liu["landmarks"]), liu["roi_vertices_default"], rtol=0, atol=1e-9)


def test_parity_of_the_pixels(liu):
    masks = roi_masks(liu["roi_vertices_delta20"], (220, 220))
    packed = np.packbits(masks.reshape(36, -1), axis=1)
    np.testing.assert_array_equal(packed, liu["roi_masks_packed"])
    np.testing.assert_array_equal(masks.sum(axis=(1, 2)), liu["roi_pixel_count"])


def test_regions_follow_the_face(face_points):
    points = face_points(100)
    expected = rois36(points)
    np.testing.assert_allclose(rois36(2 * points + [7, -3]), 2 * expected + [7, -3], atol=1e-4)


def test_pixels_outside_are_left_out(face_points):
    masks = roi_masks(rois36(face_points(160) + [0, -60]), (100, 90))
    assert masks.shape == (36, 100, 90) and not masks[0].any() and masks[20].any()


@pytest.mark.parametrize("landmarks", [np.zeros((67, 2)), np.full((68, 2), np.nan)])
def test_wrong_usage(landmarks):
    with pytest.raises(ConfigError, match="68 finite points"):
        rois36(landmarks)
