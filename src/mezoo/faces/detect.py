"""The face of a frame: dlib's HOG detector, once more on the enlarged frame, then its CNN detector.

HOG: five linear filters on histograms of oriented gradients (Dalal & Triggs, CVPR 2005), upright faces
from about 80 px. CNN: max-margin object detection (King, arXiv 1502.00046), also profiles and covered
faces, some hundred times slower. The scores of the two cannot be compared.

The model files are those of the package ``face_recognition_models`` or of a folder the user names. The
68-point model was trained on 300-W, whose licence excludes commercial use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import cv2
import dlib
import numpy as np

from mezoo.errors import ConfigError
from mezoo.faces.pictures import as_grey

PREDICTOR_FILE = "shape_predictor_68_face_landmarks.dat"
CNN_FILE = "mmod_human_face_detector.dat"

#: Threshold down to which HOG responses are computed, so that an error can tell how far off they were.
_LOWEST_SCORE = -1.0
#: Longer side in pixels to which a frame is reduced for the CNN detector (1.2 s at 640x480 on one core).
_CNN_LONGER_SIDE = 640
#: CNN boxes sit higher than HOG boxes by this share of their side (mean over 9 frames where both fired).
_CNN_RISE = 0.09
#: Side in pixels of a known face in the copy of its crop for HOG, whose window is 80 px.
_CONFIRM_SIDE = 96
#: HOG response that confirms a face at its expected place: below the threshold 0 for a new face; noise
#: stays below -1.
_CONFIRM_SCORE = -0.25


@dataclass(frozen=True)
class Face:
    """A detected face.

    Attributes
    ----------
    box : ndarray, float64, shape (4,)
        (left, top, right, bottom) in pixels, right and bottom exclusive, from dlib placed as HOG places its
        boxes (brows to chin); may reach beyond the frame.
    score : float
        Response above the detector's threshold.
    detector : str
        ``hog``, ``hog_up1`` (frame enlarged twofold), ``cnn`` or ``retinaface``.
    """

    box: np.ndarray
    score: float
    detector: str


class Detector(Protocol):
    """What the stage asks of a detector. Pictures are uint8, (H, W) grey or (H, W, 3) RGB.

    Attributes
    ----------
    colour : bool
        Whether it makes use of colours.
    wanted : str
        What it calls a face, for errors.
    """

    colour: bool
    wanted: str

    def detect(self, picture: np.ndarray) -> tuple[Face | None, float]:
        """Find the face of a frame, and the highest response of the frame, -inf if there is none."""

    def confirm(self, crops: Sequence[np.ndarray], side: float) -> list[list[np.ndarray]]:
        """Boxes of all faces in each of some crops of one size, in which one of about `side` px is expected."""

    def missed(self, best: float, number: int) -> str:
        """Tell how far off the highest response of all frames, that of frame `number`, was."""

    def record(self, face: Face) -> dict[str, Any]:
        """Attributes of the artifact whose first face is `face`."""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, for the record."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class FaceModels:
    """The detectors and the landmark predictor, each loaded when first used.

    Parameters
    ----------
    folder : Path, optional
        Holds the model files; the package ``face_recognition_models`` when absent.

    Raises
    ------
    ConfigError
        A model file is absent.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            # the package itself cannot be imported beside a recent setuptools, so it is only located
            spec = find_spec("face_recognition_models")
            places = spec.submodule_search_locations if spec else None
            folder = Path(places[0]) / "models" if places else None
        self.folder = folder
        self.hog = dlib.get_frontal_face_detector()

    def file(self, name: str) -> Path:
        """Path of a model file."""
        if self.folder is None or not (self.folder / name).is_file():
            raise ConfigError(
                f"the model file {name} is absent",
                "the file in the configured folder or in the package face_recognition_models",
                "Install face_recognition_models, or give the folder of the dlib models",
                file=self.folder,
            )
        return self.folder / name

    def sha256(self, name: str) -> str:
        """SHA-256 of a model file, for the record."""
        return file_sha256(self.file(name))

    @cached_property
    def predictor(self) -> dlib.shape_predictor:
        """The 68-point predictor (Kazemi & Sullivan, CVPR 2014)."""
        return dlib.shape_predictor(str(self.file(PREDICTOR_FILE)))

    @cached_property
    def cnn(self) -> dlib.cnn_face_detection_model_v1:
        """The CNN detector."""
        return dlib.cnn_face_detection_model_v1(str(self.file(CNN_FILE)))


@cache
def load_models(folder: Path | None = None) -> FaceModels:
    """Return the models of a folder, loaded once per process."""
    return FaceModels(folder)


def detect_face(image: np.ndarray, models: FaceModels) -> tuple[Face | None, float]:
    """Find the face of a frame: HOG, then HOG on the frame enlarged twofold, then the CNN.

    Of several faces the largest is taken among those that score at least half as high as the best: the
    recorded person sits nearest to the camera.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W)
        Grey levels.
    models : FaceModels

    Returns
    -------
    face : Face or None
    best : float
        Highest HOG response, also where it stays below the threshold 0; -inf below -1.
    """
    image = np.ascontiguousarray(image)  # dlib ignores strides and would see a sheared picture
    best = -np.inf
    for upsample, name in enumerate(("hog", "hog_up1")):
        rectangles, scores, _ = models.hog.run(image, upsample, _LOWEST_SCORE)
        found = [Face(as_box(r), s, name) for r, s in zip(rectangles, scores, strict=True)]
        best = max([best, *scores])
        if best > 0:
            return foremost(found), best
    return _detect_with_cnn(image, models), best


def foremost(faces: list[Face]) -> Face:
    """Choose the largest of the faces that score at least half as high as the best."""
    best = max(face.score for face in faces)
    return max((face for face in faces if face.score >= best / 2), key=lambda face: np.ptp(face.box[::2]))


def _detect_with_cnn(image: np.ndarray, models: FaceModels) -> Face | None:
    scale = min(1.0, _CNN_LONGER_SIDE / max(image.shape))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = []
    for detection in models.cnn(small, 0):
        box = as_box(detection.rect)
        box[1::2] += _CNN_RISE * (box[3] - box[1])
        found.append(Face(box / scale, detection.confidence, "cnn"))
    return foremost(found) if found else None


def as_box(rectangle: dlib.rectangle) -> np.ndarray:
    """Return (left, top, right, bottom) with exclusive right and bottom; dlib's are inclusive."""
    left, top = rectangle.left(), rectangle.top()
    return np.array([left, top, rectangle.right() + 1, rectangle.bottom() + 1], dtype=np.float64)


class DlibDetector:
    """`detect_face` in the form that the stage asks for; see `Detector`.

    Parameters
    ----------
    models : FaceModels
    """

    colour = False
    wanted = "a face (HOG score above 0)"

    def __init__(self, models: FaceModels) -> None:
        self._models = models

    def detect(self, picture: np.ndarray) -> tuple[Face | None, float]:
        """Find the face of a frame."""
        return detect_face(as_grey(picture), self._models)

    def confirm(self, crops: Sequence[np.ndarray], side: float) -> list[list[np.ndarray]]:
        """Boxes that HOG finds in small copies of the crops."""
        return [[face.box for face in self.responses(crop, side)] for crop in crops]

    def responses(self, crop: np.ndarray, side: float) -> list[Face]:
        """Find all faces in a small copy of a crop in which one of about `side` px is expected, with scores."""
        scale = _CONFIRM_SIDE / side
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(as_grey(crop), None, fx=scale, fy=scale, interpolation=way)
        rectangles, scores, _ = self._models.hog.run(small, 0, _CONFIRM_SCORE)
        return [Face(as_box(r) / scale, s, "hog") for r, s in zip(rectangles, scores, strict=True)]

    def missed(self, best: float, number: int) -> str:
        """Tell how far off HOG was; the CNN has no score without a face."""
        level = (
            f"best HOG score {best:.2f}, in frame {number}" if np.isfinite(best) else "no HOG score above -1"
        )
        return f"{level}; none from the CNN detector"

    def record(self, face: Face) -> dict[str, Any]:
        """Attributes of the artifact: the file of the CNN, where it was the one that found the face."""
        return {"detector_sha256": self._models.sha256(CNN_FILE)} if face.detector == "cnn" else {}
