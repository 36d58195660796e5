"""Registry of what finds faces and landmarks; the stage talks to all of them in the same way.

dlib's are the default. RetinaFace and SAN load torch, inside their factories, and need weights that their authors
publish: nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mezoo.errors import ConfigError, unknown
from mezoo.faces.detect import Detector, DlibDetector, load_models
from mezoo.faces.landmarks import DlibLandmarks, Landmarks


@dataclass(frozen=True)
class Backend:
    """A detector and a landmark predictor.

    Attributes
    ----------
    detector : Detector
    landmarks : Landmarks
    """

    detector: Detector
    landmarks: Landmarks

    @property
    def colour(self) -> bool:
        """Whether frames are to be read in colour."""
        return self.detector.colour or self.landmarks.colour


def _retinaface(weights: Path | None) -> Detector:
    from mezoo.faces.retinaface import RetinaFaceDetector

    return RetinaFaceDetector(_given(weights, "detector_weights", "RetinaFace"))


def _san(weights: Path | None) -> Landmarks:
    from mezoo.faces.san import San

    return San(_given(weights, "landmark_weights", "SAN"))


def _given(weights: Path | None, key: str, name: str) -> Path:
    if weights is None:
        raise ConfigError(
            f"{name} without weights",
            "the file that its authors publish",
            f"Give it as faces.{key}, or take dlib",
        )
    return weights.expanduser()


_DETECTORS: dict[str, Callable[[Path | None], Detector]] = {"retinaface": _retinaface}
_LANDMARKS: dict[str, Callable[[Path | None], Landmarks]] = {"san": _san}
#: Names of all detectors, and of all landmark predictors.
DETECTORS, LANDMARKS = ("dlib", *_DETECTORS), ("dlib", *_LANDMARKS)


@cache
def load_backend(
    detector: str = "dlib",
    landmarks: str = "dlib",
    *,
    models: Path | None = None,
    detector_weights: Path | None = None,
    landmark_weights: Path | None = None,
) -> Backend:
    """Load a detector and a landmark predictor, once per process.

    Parameters
    ----------
    detector : {'dlib', 'retinaface'}
    landmarks : {'dlib', 'san'}
    models : Path, optional
        Folder of the dlib model files; the package ``face_recognition_models`` when absent.
    detector_weights, landmark_weights : Path, optional
        Published weights of RetinaFace, of SAN.

    Returns
    -------
    Backend

    Raises
    ------
    ConfigError
        An unknown name, or weights that are not given, absent or of another network.
    """
    for what, name, known in (("detector", detector, DETECTORS), ("landmarks", landmarks, LANDMARKS)):
        if name not in known:
            raise unknown(f"faces.{what} {name!r}", name, known)
    own = load_models(models)
    found = DlibDetector(own) if detector == "dlib" else _DETECTORS[detector](detector_weights)
    return Backend(
        found, DlibLandmarks(own) if landmarks == "dlib" else _LANDMARKS[landmarks](landmark_weights)
    )
