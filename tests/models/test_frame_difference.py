from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.frame_difference import (
    contrast,
    difference,
    mean_of_largest_third,
    positions,
    spot_differences,
)


def out_and_back(frames: int, onset: int, half: int, *, rois=(8, 9, 10, 11), speed=0.5) -> np.ndarray:
    """Some ROIs move up from `onset` for `half` rows and back as long."""
    mdmo = np.zeros((frames, 12, 2))
    mdmo[onset : onset + half, rois, 1] = -speed
    mdmo[onset + half : onset + 2 * half, rois, 1] = speed
    return mdmo


def test_positions_are_sums_of_motion():
    mdmo = np.random.default_rng(0).normal(size=(7, 12, 2))
    path = positions(mdmo)
    assert path.shape == (8, 12, 2) and not path[0].any()
    np.testing.assert_allclose(np.diff(path, axis=0), mdmo)


def test_a_third_counts():
    assert mean_of_largest_third(np.array([[9.0, 1, 5, 2, 3, 4], [0, 0, 0, 0, 0, 6]])).tolist() == [7.0, 3.0]
    assert mean_of_largest_third(np.array([3.0, 4.0])) == 4.0, "at least one"


def test_contrast_by_hand():
    assert contrast(np.array([1.0, 7.0, 3.0, 4.0]), reach=1).tolist() == [5.0, -2.5]
    assert contrast(np.zeros(4), reach=2).tolist() == []


def test_the_apex_is_the_largest_difference():
    # At the apex the ROIs are half * speed = 4 px away, k before and after they are at rest.
    curve = difference(out_and_back(100, 40, 8), k=8)
    assert np.argmax(curve) == 48 and curve[48] == pytest.approx(4 - (2 + 2) / 2)
    assert (curve >= 0).all() and not curve[:16].any() and not curve[-16:].any()


def test_steady_motion_of_the_head_is_no_expression():
    assert difference(np.full((100, 12, 2), 0.3), k=6) == pytest.approx(np.zeros(100))


def test_a_third_of_the_rois_is_enough():
    few, all_of_them = (
        difference(out_and_back(100, 40, 8, rois=rois), k=8) for rois in ([8, 9, 10, 11], range(12))
    )
    np.testing.assert_allclose(few, all_of_them, atol=1e-12)


def test_spots_both_expressions():
    mdmo = out_and_back(300, 60, 8) + out_and_back(300, 200, 8, speed=0.8)
    found = spot_differences(mdmo, k=8, p=0.3)
    assert found.intervals.tolist() == [[200, 216], [60, 76]]


@pytest.mark.parametrize("frames", [0, 1, 20, 33])
def test_short_or_still_videos_give_nothing(frames):
    assert len(spot_differences(np.zeros((frames, 12, 2)), k=8, p=0.5)) == 0
