"""How surely the followed face is seen: dlib's predictor gives 68 points for a hand or a profile too.

The tracker keeps the response of the frontal HOG detector for every frame. It falls to half and less where a
hand covers the face (0.5 to 1.3 against 1.7 to 2.9 in a film with both), while the points stay plausible.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.filters import apply_hysteresis_threshold

from mezoo.faces.detect import DlibDetector, FaceModels
from mezoo.faces.landmarks import LandmarkTracker, face_box

#: Distance from the expected centre, in sides of the box, from which a detection is another face.
_REACH = 0.8
#: A covered run of frames has a response below the first share of the usual one, and ends where it is above
#: the second. The usual one is this percentile.
_COVERED, _CLEAR, _USUAL = 0.5, 0.7, 75
#: Usual response from which on a lower one means something: of a blurred face the detector never says much.
_SPEAKS = 0.3
#: Largest tilt in degrees, and largest asymmetry of nose and eyes (about 30 degrees), away from the usual pose.
_TILT, _TURN = 15.0, 0.45
#: Speed of both per second above which the head turns, and seconds over which it is measured.
_TILT_SPEED, _TURN_SPEED, _SPEED_WINDOW = 20.0, 1.0, 0.2


class ScoredTracker(LandmarkTracker):
    """Follow one face among others and keep the detector's response.

    Parameters
    ----------
    start : ndarray, shape (68, 2)
        Landmarks of the face in crop pixels.
    models : FaceModels
    """

    def __init__(self, start: np.ndarray, models: FaceModels) -> None:
        self._near = _NearDetector(models)
        super().__init__(start, models, self._near)

    @property
    def score(self) -> float:
        """Response of the HOG detector in the last frame; -1 where it found nothing."""
        return self._near.score

    def step(self, crop: np.ndarray) -> np.ndarray | None:
        """Find the landmarks of the next frame; another face than the one near the last landmarks is not taken."""
        self._near.centre = face_box(self._last).reshape(2, 2).mean(axis=0)
        return super().step(crop)


class _NearDetector(DlibDetector):
    """Confirms only a face near `centre`, and keeps its response."""

    centre, score = np.zeros(2), -1.0

    def confirm(self, crops: Sequence[np.ndarray], side: float) -> list[list[np.ndarray]]:
        found = [face for crop in crops for face in self.responses(crop, side)]
        own = [
            face
            for face in found
            if np.linalg.norm(face.box.reshape(2, 2).mean(axis=0) - self.centre) < _REACH * side
        ]
        self.score = max((face.score for face in own), default=-1.0)
        return [[face.box for face in own]]


def covered(scores: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Tell where the face is covered or blurred: the response is far below what is usual in this video.

    Parameters
    ----------
    scores : ndarray, shape (T,)
        Of `ScoredTracker`.

    Returns
    -------
    ndarray, bool, shape (T,)
    """
    usual = float(np.percentile(scores, _USUAL))
    if usual < _SPEAKS:
        return np.zeros(len(scores), bool)
    doubt = 1 - scores / usual
    return np.asarray(apply_hysteresis_threshold(doubt, 1 - _CLEAR, 1 - _COVERED), bool)


def turned(landmarks: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Tell where the head is tilted or turned away from its usual pose, for landmarks of shape (T, 68, 2).

    The usual pose is the median: somebody who holds the head aslant can be looked at, too.
    """
    tilt, asymmetry = (values - np.median(values) for values in _pose(landmarks))
    return np.asarray((np.abs(tilt) > _TILT) | (np.abs(asymmetry) > _TURN))


def turning(landmarks: NDArray[np.floating], rate: float) -> NDArray[np.bool_]:
    """Tell where the head turns too fast for expressions to be told from it.

    Only the shift of the head is taken from the motion of its regions: while it tilts by 25 degrees per second the
    brow and the chin of a still face move like a strong expression.

    Parameters
    ----------
    landmarks : ndarray, shape (T, 68, 2)
    rate : float
        Frames per second.

    Returns
    -------
    ndarray, bool, shape (T,)
    """
    tilt, asymmetry = _pose(landmarks)
    window = max(2, round(_SPEED_WINDOW * rate))
    fast = np.zeros(len(landmarks), bool)
    if len(landmarks) <= window:
        return fast
    change = np.maximum(
        np.abs(tilt[window:] - tilt[:-window]) / _TILT_SPEED,
        np.abs(asymmetry[window:] - asymmetry[:-window]) / _TURN_SPEED,
    )
    for start in np.flatnonzero(change * rate / window > 1):
        fast[start : start + window + 1] = True
    return fast


def _pose(landmarks: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Tilt in degrees, and asymmetry of nose and outer eye corners from -1 to 1, each (T,)."""
    left, right = landmarks[:, 36:42].mean(axis=1), landmarks[:, 42:48].mean(axis=1)
    across = right - left
    tilt = np.degrees(np.arctan2(across[:, 1], across[:, 0]))
    along = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    to_left = ((landmarks[:, 30] - landmarks[:, 36]) * along).sum(axis=1)
    to_right = ((landmarks[:, 45] - landmarks[:, 30]) * along).sum(axis=1)
    return tilt, (to_left - to_right) / np.maximum(to_left + to_right, 1e-6)
