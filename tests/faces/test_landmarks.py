"""Landmarks follow a face that is moved by known amounts, and say so when there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.faces.detect import detect_face
from mezoo.faces.landmarks import LandmarkTracker, face_box, plausible, predict, settle

#: Landmarks at the centres of the ROI windows of AUW-GCN.
ROI = [18, 19, 20, 23, 24, 25, 28, 30, 48, 51, 54, 57]


@pytest.fixture(scope="module")
def start(portrait, models):
    face, _ = detect_face(portrait, models)
    return settle(portrait, face.box, models)


class TestPredict:
    def test_points_lie_on_the_features(self, start):
        # read off the picture: outer corners of the eyes, tip of the nose, corners of the mouth
        expected = [(133, 101), (198, 104), (163, 127), (142, 139), (187, 139)]
        np.testing.assert_allclose(start[[36, 45, 30, 48, 54]], expected, atol=4)

    def test_box_and_landmarks_are_consistent(self, portrait, start, models):
        again = predict(portrait, face_box(start), models)
        assert np.abs(again - start).max() < 1.5

    @pytest.mark.parametrize("scale", [0.6, 1.5, 3.0])
    def test_points_scale_with_the_picture(self, portrait, start, models, scale):
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=way)
        points = predict(image, face_box((start + 0.5) * scale - 0.5), models)
        error = (points + 0.5) / scale - 0.5 - start
        assert np.sqrt((error[ROI] ** 2).sum(1).mean()) < 0.8 and np.abs(error[ROI].mean(0)).max() < 0.35

    def test_finer_than_a_pixel(self, portrait, start, models):
        assert (np.abs(start - np.rint(start)) > 0.05).mean() > 0.5


class TestPlausible:
    def test_real_face(self, start, portrait):
        assert plausible(start, portrait.shape)

    def test_upside_down(self, start, portrait):
        assert not plausible(start * [1, -1] + [0, 240], portrait.shape)

    def test_swapped_inner_eye_corners(self, start, portrait):
        swapped = start.copy()
        swapped[[39, 42]] = start[[42, 39]]
        assert not plausible(swapped, portrait.shape)

    def test_jaw_may_leave_the_picture_but_nothing_else(self, start):
        lowest = start[17:, 1].max()
        assert start[:17, 1].max() > lowest + 5
        assert plausible(start, (int(lowest) + 3, 320))
        assert not plausible(start, (int(lowest) - 3, 320))

    def test_crushed(self, start, portrait):
        crushed = start.copy()
        crushed[:, 0] = 164 + 0.05 * (start[:, 0] - 164)
        assert not plausible(crushed, portrait.shape)


class TestTracker:
    def test_known_motion(self, moved, start, models):
        tracker = LandmarkTracker(start, models)
        t = np.arange(40)
        truth = np.stack([6 * np.sin(t / 6), 4 * np.sin(t / 4)], 1)
        points = np.stack([tracker.step(moved(dx, dy)) for dx, dy in truth])
        error = points - truth[:, None] - start
        assert np.abs(error[:, ROI]).max() < 1.5
        assert np.sqrt((error[:, ROI] ** 2).sum(-1).mean()) < 0.6

    def test_no_drift_on_a_still_face(self, moved, start, models):
        tracker = LandmarkTracker(start, models)
        still = moved(0, 0)
        points = [tracker.step(still) for _ in range(60)]
        assert np.abs(points[-1] - start).max() < 1.5

    @pytest.mark.parametrize("level", [0, 128])
    def test_blank_frame(self, moved, start, models, level):
        tracker = LandmarkTracker(start, models)
        assert tracker.step(np.full((240, 320), level, np.uint8)) is None
        assert tracker.step(moved(3, 0)) is not None

    def test_noise_is_no_face(self, start, models):
        noise = np.random.default_rng(0).integers(0, 255, (240, 320), np.uint8)
        assert LandmarkTracker(start, models).step(noise) is None

    def test_face_found_again_after_a_jump(self, moved, start, models):
        points = LandmarkTracker(start, models).step(moved(60, 10))
        assert np.abs(points - start - [60, 10])[ROI].max() < 2.5
