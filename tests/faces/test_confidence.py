import numpy as np
import pytest

from mezoo.faces.confidence import covered, turned, turning


def face(tilt=0.0, shift=0.0):
    """Schematic landmarks, (68, 2): eyes, nose tip, the rest at the mouth; tilted in degrees, nose moved aside."""
    points = np.tile([50.0, 80.0], (68, 1))
    points[36:42], points[42:48] = [35, 40], [65, 40]
    points[36], points[45], points[30] = [25, 40], [75, 40], [50 + shift, 58]
    angle = np.radians(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points - 50) @ turn.T + 50


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
