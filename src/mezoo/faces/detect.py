"""The face of a frame: dlib's HOG detector, once more on the enlarged frame, then its CNN detector.

HOG: five linear filters on histograms of oriented gradients (Dalal & Triggs, CVPR 2005), upright faces
from about 80 px. CNN: max-margin object detection (King, arXiv 1502.00046), also profiles and covered
faces, some hundred times slower. The scores of the two cannot be compared.

The model files are those of the package ``face_recognition_models`` or of a folder the user names. The
68-point model was trained on 300-W, whose licence excludes commercial use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

import cv2
import dlib
import numpy as np

from mezoo.errors import ConfigError

PREDICTOR_FILE = "shape_predictor_68_face_landmarks.dat"
CNN_FILE = "mmod_human_face_detector.dat"

#: Threshold down to which HOG responses are computed, so that an error can tell how far off they were.
_LOWEST_SCORE = -1.0
#: Longer side in pixels to which a frame is reduced for the CNN detector (1.2 s at 640x480 on one core).
_CNN_LONGER_SIDE = 640
#: CNN boxes sit higher than HOG boxes by this share of their side (mean over 9 frames where both fired).
_CNN_RISE = 0.09


@dataclass(frozen=True)
class Face:
    """A detected face.

    Attributes
    ----------
    box : ndarray, float64, shape (4,)
        (left, top, right, bottom) in pixels, right and bottom exclusive, placed as HOG places its boxes
        (brows to chin); may reach beyond the frame.
    score : float
        Response above the detector's threshold.
    detector : str
        ``hog``, ``hog_up1`` (frame enlarged twofold) or ``cnn``.
    """

    box: np.ndarray
    score: float
    detector: str


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
        with open(self.file(name), "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

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
            return _foremost(found), best
    return _detect_with_cnn(image, models), best


def _foremost(faces: list[Face]) -> Face:
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
    return _foremost(found) if found else None


def as_box(rectangle: dlib.rectangle) -> np.ndarray:
    """Return (left, top, right, bottom) with exclusive right and bottom; dlib's are inclusive."""
    left, top = rectangle.left(), rectangle.top()
    return np.array([left, top, rectangle.right() + 1, rectangle.bottom() + 1], dtype=np.float64)
