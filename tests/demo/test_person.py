"""Neutral faces: a face detector finds every subject, landmarks sit on the face, subjects differ."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from mezoo.demo.layouts import DEFAULT, LAYOUTS
from mezoo.demo.person import paint
from mezoo.demo.traits import describe

OTHERS = [layout for layout in LAYOUTS if layout not in DEFAULT]


@pytest.fixture(scope="module")
def people():
    cast = []
    for layout, count in (("casme_sq", 8), ("samm_lv", 8), *((name, 3) for name in OTHERS)):
        conditions = LAYOUTS[layout]
        first = 100 * conditions.number
        for face in range(first, first + count):
            person = paint(describe(face, 0), conditions.shape, face_width=conditions.face_width, seed=face)
            cast.append((layout, person))
    return cast


def grey(person):
    return cv2.cvtColor(person.image.astype(np.uint8), cv2.COLOR_BGR2GRAY)


def test_dlib_finds_every_subject_and_agrees_with_the_landmarks(people):
    dlib = pytest.importorskip("dlib")
    spec = importlib.util.find_spec("face_recognition_models")
    model = Path(spec.origin).parent / "models" / "shape_predictor_68_face_landmarks.dat"
    detect, predict = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(model))
    for _, person in people:
        boxes = detect(grey(person), 0)
        assert len(boxes) == 1
        found = np.array([(p.x, p.y) for p in predict(grey(person), boxes[0]).parts()])
        assert np.linalg.norm(found - person.landmarks, axis=1).mean() < 0.025 * person.face_width


def test_landmarks_are_in_order_inside_the_frame(people):
    for layout, person in people:
        points, (height, width) = person.landmarks, LAYOUTS[layout].shape
        assert (points >= 0).all() and (points < (width, height)).all()
        assert (np.diff(points[:17, 0])[2:-2] > 0).all() and (np.diff(points[17:27, 0]) > 0).all()
        assert points[[37, 38, 43, 44], 1].max() < points[[40, 41, 46, 47], 1].min()
        assert points[33, 1] < points[51, 1] < points[62, 1] < points[66, 1] < points[57, 1] < points[8, 1]


def test_subjects_differ_in_geometry_and_tone(people):
    casme = [person for layout, person in people if layout == "casme_sq"]
    for k, one in enumerate(casme):
        for other in casme[:k]:
            shape = (one.landmarks - one.landmarks[30]) / one.face_width
            shape = shape - (other.landmarks - other.landmarks[30]) / other.face_width
            assert np.linalg.norm(shape, axis=1).mean() > 0.008
            assert np.abs(one.image - other.image).mean() > 12


def test_same_seed_paints_the_same_person():
    first, second = (paint(describe(5, 2), (256, 320), face_width=150, seed=9) for _ in range(2))
    assert np.array_equal(first.image, second.image) and np.array_equal(first.landmarks, second.landmarks)
