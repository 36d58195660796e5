"""The box of a video: enlarged, clipped, cut and scaled."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.faces.crop import crop_frame, enlarge_box


def test_margin_is_added_on_every_side():
    box = enlarge_box(np.array([100.0, 50.0, 140.0, 130.0]), margin=0.25, shape=(480, 640))
    assert box.dtype == np.int32 and box.tolist() == [90, 30, 150, 150]


def test_box_is_clipped_to_the_frame():
    box = enlarge_box(np.array([-5.0, 10.0, 95.0, 110.0]), margin=0.2, shape=(120, 100))
    assert box.tolist() == [0, 0, 100, 120]


def test_crop_at_native_resolution_is_the_pixels_of_the_box():
    frame = np.arange(48, dtype=np.uint8).reshape(6, 8)
    np.testing.assert_array_equal(crop_frame(frame, np.array([2, 1, 5, 4])), frame[1:4, 2:5])


@pytest.mark.parametrize("size", [20, 40, 80])
def test_size_sets_the_width(size):
    frame = np.zeros((100, 100), np.uint8)
    frame[30:60, 50:90] = 200  # right half of the box
    crop = crop_frame(frame, np.array([10, 30, 90, 60]), size=size)
    assert crop.shape == (round(30 * size / 80), size)
    np.testing.assert_array_equal(crop[:, : size // 2 - 1], 0)
    np.testing.assert_array_equal(crop[:, size // 2 + 1 :], 200)
