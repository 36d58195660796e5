"""The chain of detectors on a face whose place is known, and on no face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.faces.detect import CNN_FILE, PREDICTOR_FILE, FaceModels, detect_face

#: Centre of the portrait's face between brows and chin, read off the picture.
FACE = (164, 133)


def centre(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_clear_face_is_found_by_hog(portrait, models):
    face, best = detect_face(portrait, models)
    assert face.detector == "hog" and face.score == best > 1
    assert centre(face.box) == pytest.approx(FACE, abs=12) and 75 < face.box[2] - face.box[0] < 115


def test_small_face_needs_the_enlarged_frame(portrait, models):
    small = cv2.resize(portrait, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    face, _ = detect_face(small, models)
    assert face.detector == "hog_up1"
    assert np.array(centre(face.box)) * 2 == pytest.approx(FACE, abs=12)


def test_face_that_hog_misses_is_found_by_the_cnn(portrait, models):
    turn = cv2.getRotationMatrix2D(FACE, 50, 1.0)
    turned = cv2.warpAffine(portrait, turn, (320, 240), borderMode=cv2.BORDER_REPLICATE)
    face, best = detect_face(turned, models)
    assert face.detector == "cnn" and best <= 0 < face.score
    assert centre(face.box) == pytest.approx(FACE, abs=25)


def test_no_face(models):
    face, best = detect_face(np.random.default_rng(0).integers(0, 255, (120, 160), np.uint8), models)
    assert face is None and best < 0


def test_the_larger_of_two_faces(portrait, models):
    small = cv2.resize(portrait, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    pair = np.full((240, 640), 128, np.uint8)
    pair[:192, :256], pair[:, 320:] = small, portrait
    face, _ = detect_face(pair, models)
    assert centre(face.box)[0] == pytest.approx(FACE[0] + 320, abs=12)


def test_models_are_those_of_the_package(models):
    assert models.sha256(PREDICTOR_FILE).startswith("fbdc2cb80eb9aa7a")
    assert models.sha256(CNN_FILE).startswith("4cb19393e2fbaf2b")


def test_absent_model_file(tmp_path):
    with pytest.raises(ConfigError, match="shape_predictor_68_face_landmarks.dat is absent"):
        _ = FaceModels(tmp_path).predictor
