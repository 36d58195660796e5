import cv2
import numpy as np
import pytest

from mezoo.faces.confidence import ScoredTracker, covered, turned, turning
from mezoo.faces.detect import detect_face
from mezoo.faces.landmarks import settle


def face(tilt=0.0, shift=0.0):
    """Schematic landmarks, (68, 2): eyes, nose tip, the rest at the mouth; tilted in degrees, nose moved aside."""
    points = np.tile([50.0, 80.0], (68, 1))
    points[36:42], points[42:48] = [35, 40], [65, 40]
    points[36], points[45], points[30] = [25, 40], [75, 40], [50 + shift, 58]
    angle = np.radians(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points - 50) @ turn.T + 50


def tracker_of(portrait, models):
    found, _ = detect_face(portrait, models)
    return ScoredTracker(settle(portrait, found.box, models), models)


def test_the_response_falls_where_the_mouth_is_covered(portrait, models):
    tracker = tracker_of(portrait, models)
    covering = portrait.copy()
    cv2.ellipse(covering, (165, 142), (42, 24), 0, 0, 360, 170, cv2.FILLED)
    scores = []
    for picture in [portrait] * 6 + [covering] * 2:
        tracker.step(picture)
        scores.append(tracker.score)
    assert min(scores[:6]) > 0.5
    assert np.flatnonzero(covered(np.array(scores))).tolist() == [6, 7]


def test_another_face_does_not_take_the_place_of_a_lost_one(portrait, models):
    tracker = tracker_of(portrait, models)
    both = np.hstack([portrait, portrait])
    assert tracker.step(both) is not None
    both[:, :320] = 90
    assert tracker.step(both) is None and tracker.score == -1


def test_covered_where_the_detector_doubts():
    scores = np.full(200, 2.0) + np.random.default_rng(0).normal(0, 0.15, 200)
    scores[60:100] = 1.2
    scores[75:80] = 0.7
    scores[150] = 1.5
    found = np.flatnonzero(covered(scores))
    assert found[0] == 60 and found[-1] == 99 and len(found) == 40


@pytest.mark.parametrize(
    ("tilt", "shift", "bad"), [(0, 0, 0), (8, 4, 0), (24, 0, 1), (-25, 0, 1), (2, 14, 1)]
)
def test_turned(tilt, shift, bad):
    usual = [face(5, 1)] * 4  # a head held a little aslant
    assert turned(np.stack([*usual, face(5 + tilt, 1 + shift)])).tolist() == [False] * 4 + [bool(bad)]


def test_turning_while_the_head_moves():
    tilts = np.concatenate([np.zeros(30), np.linspace(0, 14, 12), np.full(30, 14)])
    found = np.flatnonzero(turning(np.stack([face(tilt) for tilt in tilts]), 30.0))
    assert 25 <= found[0] <= 31 and 40 <= found[-1] <= 48
    slow = np.stack([face(tilt) for tilt in np.linspace(0, 14, 90)])
    assert not turning(slow, 30.0).any() and not turning(slow[:3], 30.0).any()
