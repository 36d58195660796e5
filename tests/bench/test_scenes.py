"""The motion of a scene is what its truth says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.bench.scenes import motion, portrait_scene, video_scene
from mezoo.errors import DataError
from mezoo.video import write_mp4


@pytest.mark.parametrize("peak", [0.3, 3.0])
def test_moving_image_at_the_place_of_the_truth_is_the_reference(peak):
    scene = portrait_scene(96, peak, 0, n=2)
    y, x = np.mgrid[:96, :96].astype(np.float32)
    u = scene.truth.astype(np.float32)
    # enlarged first, so that the linear interpolation of this check is not what errs
    large = cv2.resize(scene.frames[-1].astype(np.float32), None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    at = [(c + 0.5) * 8 - 0.5 for c in (x + u[..., 0], y + u[..., 1])]
    back = cv2.remap(large, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    error = np.abs(back - scene.frames[0])[4:-4, 4:-4]
    still = np.abs(scene.frames[-1].astype(float) - scene.frames[0])[4:-4, 4:-4]
    assert error.mean() < 0.6  # rounding of both images to grey levels alone is 0.33
    assert np.quantile(still, 0.99) > 5 * peak > np.quantile(error, 0.99)


def test_truth_has_the_peak_and_the_course_rises():
    scene = portrait_scene(128, 2.0, 0, n=4)
    assert np.linalg.norm(scene.truth, axis=-1).max() == pytest.approx(2.0, rel=0.01)
    change = [np.abs(frame.astype(int) - scene.frames[0]).mean() for frame in scene.frames]
    assert change[0] == 0 and np.all(np.diff(change) > 0)


def test_noise_has_its_standard_deviation_and_its_seed():
    first, last = portrait_scene(64, 0, 2.0, n=1, seed=1).frames.astype(float)
    assert (last - first).std() == pytest.approx(2.0 * np.sqrt(2), rel=0.1)
    assert not np.array_equal(first, portrait_scene(64, 0, 2.0, n=1, seed=2).frames[0])


def test_motion_scales_with_the_image():
    places = np.array([[10.0, 40.0]])
    np.testing.assert_allclose(
        motion(places, places, 64, 1.0), motion(2 * places, 2 * places, 128, 1.0), atol=1e-12
    )


def test_faces_of_a_video(tmp_path):
    from skimage.data import astronaut

    portrait = astronaut()[:320, 60:380]
    with write_mp4(tmp_path / "face.mp4", fps=25, size=(320, 320)) as append:
        for _ in range(3):
            append(portrait)
    scene = video_scene(tmp_path / "face.mp4", 96, n=2)
    assert scene.truth is None and scene.frames.shape[0] == 3 and scene.frames.shape[2] == 96
    with pytest.raises(DataError, match="at least 4"):
        video_scene(tmp_path / "face.mp4", 96, n=3)
