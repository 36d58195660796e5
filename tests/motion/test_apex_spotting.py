"""The apex between onset and offset: on scenes of known motion, and against the coded apexes of demo clips."""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd
import pytest

from mezoo.demo.plan import plan_corpus
from mezoo.demo.render import frames as draw
from mezoo.demo.scene import build_scene
from mezoo.demo.truth import landmarks_at
from mezoo.errors import DataError
from mezoo.evaluation.apex_error import apex_error
from mezoo.motion.apex_spotting import looked_at, moved, spot_apex

SIDE, APEX = 160, 7


@pytest.fixture(scope="module")
def nodding(moving_pair):
    """Frames whose mouth moves until frame 7 and back, while the whole head drifts further all the time."""

    def frame(t):
        def displacement(x, y):
            mouth = np.exp(-((x - 0.5 * SIDE) ** 2 + (y - 0.73 * SIDE) ** 2) / (2 * 14**2))
            rise = 2.0 * np.interp(t, [0, APEX, 16], [0, 1, 0])
            return 0.25 * t + 0 * x, -rise * mouth + 0.1 * t

        return moving_pair(displacement, shape=(SIDE, SIDE))[0]

    return np.stack([frame(t) for t in range(17)])


def test_the_mouth_tells_the_apex_and_not_the_head(nodding, face_points):
    landmarks = face_points(SIDE)
    assert abs(spot_apex(nodding, landmarks) - APEX) <= 1
    curve = moved(nodding, landmarks)
    assert curve[0] == 0 and curve[APEX] > 2 * curve[-1]
    grey = np.abs(nodding.astype(float) - nodding[0]).mean(axis=(1, 2))
    assert np.argmax(grey) > APEX + 3, "in grey levels the drift outweighs the expression"


def test_the_onset_is_never_the_apex(face_points):
    still = np.full((4, SIDE, SIDE), 90, np.uint8)
    assert spot_apex(still, face_points(SIDE)) == 1


def test_a_face_outside_of_the_frame_is_a_data_error(nodding, face_points):
    with pytest.raises(DataError, match="outside"):
        spot_apex(nodding, face_points(SIDE) - 3 * SIDE)


def test_long_clips_are_searched_in_even_steps():
    assert looked_at(5).tolist() == [0, 1, 2, 3, 4]
    rows = looked_at(5000)
    assert len(rows) == 128 and rows[0] == 0 and rows[-1] == 4999 and np.ptp(np.diff(rows)) <= 1


def test_error_against_the_coded_apex():
    """Of three clips; docs/recognition.md has the errors over whole demo corpora."""
    coded, spotted, rates = [], [], []
    planned = [video for video in plan_corpus("casme2", n_subjects=3, size="tiny").videos if video.events]
    for video in [v for v in planned if None not in v.events[0].coded and not v.events[0].trap][:3]:
        truth, (onset, apex, offset) = build_scene(video, "casme2", 0), video.events[0].coded
        start, end = (int(number) - truth.first_frame for number in (onset, offset))
        images = [frame for t, frame in enumerate(draw(truth, video.seed)) if start <= t <= end]
        grey = [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image for image in images]
        landmarks = landmarks_at(truth, start)
        (left, top), (right, bottom) = landmarks.min(axis=0) - 20, landmarks.max(axis=0) + 20
        area = (slice(max(0, int(top)), int(bottom)), slice(max(0, int(left)), int(right)))
        origin = (area[1].start, area[0].start)
        found = spot_apex(np.stack(grey)[:, *area], landmarks - origin)
        coded.append(apex)
        spotted.append(onset + found)
        rates.append(truth.fps)
    truth_table, found_table = (pd.DataFrame({"apex": values}) for values in (coded, spotted))
    pairs = np.repeat(np.arange(len(coded))[:, None], 2, axis=1)
    error = apex_error(truth_table, found_table, pairs, fps=pd.Series(rates))
    assert error["apex_n"] == 3 and error["apex_error"] < 5 and error["apex_error_ms"] < 25
