"""One interface for all face back-ends: what the stage asks, records and refuses."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import cv2
import numpy as np
import pytest
import skimage.data

from mezoo import config
from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.faces import DETECTORS, LANDMARKS, backends, faces
from mezoo.faces.backends import load_backend
from mezoo.faces.detect import DlibDetector, load_models
from mezoo.faces.landmarks import DlibLandmarks


class Colour(DlibDetector):
    """dlib's detector, but it wants colours and remembers what it was shown."""

    colour = True

    def __init__(self):
        super().__init__(load_models())
        self.shown = []

    def detect(self, picture):
        self.shown.append(picture)
        return super().detect(picture)

    def confirm(self, crops, side):
        self.shown += crops
        return super().confirm(crops, side)


class Batched(DlibLandmarks):
    """dlib's landmarks, five frames at a time."""

    def track(self, start, detector):
        tracker = super().track(start, detector)
        tracker.batch = 5
        return tracker


@pytest.fixture
def made(monkeypatch):
    """Put made back-ends in the place of RetinaFace and SAN."""
    detector = Colour()
    monkeypatch.setitem(backends._DETECTORS, "retinaface", lambda weights: detector)
    monkeypatch.setitem(backends._LANDMARKS, "san", lambda weights: Batched(load_models()))
    load_backend.cache_clear()
    yield detector
    load_backend.cache_clear()


@pytest.fixture
def record(tmp_path):
    """Six coloured frames of a face that moves, number 4 missing."""
    (tmp_path / "frames").mkdir()
    face = skimage.data.astronaut()[:240, 60:380, ::-1]
    for number in (1, 2, 3, 5, 6, 7):
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), np.roll(face, number, axis=1))
    return {"dataset": "made", "video": "v", "subject": "s", "path": str(tmp_path / "frames")}


def test_every_backend_can_be_chosen():
    for key, names in (("detector", DETECTORS), ("landmarks", LANDMARKS)):
        choices = get_args(config.FacesConfig.model_fields[key].annotation)
        assert choices == names, "the list in mezoo.config repeats names, to load without OpenCV"


def test_stage_gives_colours_and_batches_and_stores_the_same_grey(tmp_path, record, made):
    faces(record, tmp_path / "dlib.h5", missing_frames="hold")
    faces(record, tmp_path / "made.h5", missing_frames="hold", detector="retinaface", landmarks="san")
    assert made.shown and all(picture.ndim == 3 for picture in made.shown)
    red, _, blue = np.mean(made.shown[0], axis=(0, 1))
    assert red > blue + 5  # the astronaut's suit; blue first would be the other way round
    with Artifact(tmp_path / "dlib.h5") as a, Artifact(tmp_path / "made.h5") as b:
        assert a.ok and b.ok and a["index"][:].tolist() == list(range(1, 8))
        left, top, right, bottom = b["box"][:]
        source = cv2.imread(f"{record['path']}/3.png", cv2.IMREAD_GRAYSCALE)  # not grey made from colours
        np.testing.assert_array_equal(b["frames"][2], source[top:bottom, left:right])
        places = [artifact["landmarks"][:] + artifact["box"][:2] for artifact in (a, b)]
        np.testing.assert_allclose(*places, atol=2)
        assert np.flatnonzero(b["interpolated"][:]).tolist() == [3]
        assert set(b.params) - set(a.params) == {
            "detector",
            "detector_weights",
            "landmarks",
            "landmark_weights",
        }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"detector": "retinaface"}, "RetinaFace without weights.*faces.detector_weights"),
        ({"landmarks": "san"}, "SAN without weights.*faces.landmark_weights"),
        ({"detector": "retinaface", "detector_weights": "absent.pth"}, "no file of RetinaFace weights here"),
        ({"landmarks": "san", "landmark_weights": "absent.pth"}, "no file of SAN weights here"),
        ({"detector": "retina"}, "Did you mean 'retinaface'"),
    ],
)
def test_without_weights_one_sentence_and_no_artifact(tmp_path, record, settings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        faces(record, tmp_path / "out.h5", **settings)
    assert "\n" not in str(caught.value) and not (tmp_path / "out.h5").exists()


@pytest.mark.parametrize(
    ("chosen", "key"),
    [({"detector": "retinaface"}, "detector_weights"), ({"landmarks": "san"}, "landmark_weights")],
)
def test_configuration_tells_it_before_anything_runs(tmp_path, chosen, key):
    with pytest.raises(ConfigError, match=f"is chosen and faces.{key} is empty"):
        config.parse({"faces": chosen})
    with pytest.raises(ConfigError, match=f"faces.{key} is no file"):
        config.parse({"faces": chosen | {key: str(tmp_path / "absent")}})
    (tmp_path / "weights").touch()
    config.parse({"faces": chosen | {key: str(tmp_path / "weights")}})


def test_torch_is_loaded_only_when_asked_for():
    code = "import sys; from mezoo.faces.backends import load_backend; load_backend(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
