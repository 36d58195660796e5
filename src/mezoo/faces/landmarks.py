"""68 landmarks per frame, followed through a video with dlib's regression trees.

Predictor: Kazemi & Sullivan, "One millisecond face alignment with an ensemble of regression trees",
CVPR 2014; points in iBUG order (0-based: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67).

Two properties of the predictor shape this file. It expects a box as the HOG detector places it, but HOG
boxes jump by a factor of 1.2 between frames; so the box of a frame is derived from the landmarks of the
frame before by a fixed map. And it returns whole pixels, and 68 points for any picture, face or not; so
the face is enlarged before (finer than one pixel), and the HOG detector, on a small copy of every frame,
confirms that a face is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import dlib
import numpy as np

from mezoo.faces.detect import PREDICTOR_FILE, Detector, DlibDetector, FaceModels
from mezoo.faces.pictures import as_grey

#: Map from landmarks 17..67 to a HOG-like box: side and downward shift of the centre, both in units of
#: their root-mean-square radius. Mean of 475 detections of two people (spread 0.3, 0.1).
_BOX_SIDE, _BOX_DROP = 3.37, 0.10
#: Side in pixels to which the face is enlarged for the predictor. Against a known motion of a 90-px
#: (170-px) face with noise: 0.52 (0.61) px error at native size, 0.22 (0.38) here, 0.20 (0.34) at 600.
_PREDICT_SIDE = 400
#: Share of the side around the box that the predictor gets to see.
_PREDICT_MARGIN = 0.3
#: Intersection over union from which a detection confirms the expected box.
_CONFIRM_OVERLAP = 0.3
#: Median step of the landmarks from one frame to the next, as a share of the box's side, beyond which the
#: box is taken from the detector instead.
_LARGEST_STEP = 0.15


def face_box(landmarks: np.ndarray) -> np.ndarray:
    """Box as the HOG detector would place it around landmarks.

    Parameters
    ----------
    landmarks : ndarray, shape (68, 2)

    Returns
    -------
    ndarray, float64, shape (4,)
        (left, top, right, bottom) in pixels; a square.
    """
    inner = landmarks[17:].astype(np.float64)
    x, y = inner.mean(axis=0)
    radius = np.sqrt(((inner - (x, y)) ** 2).sum(axis=1).mean())
    half, y = _BOX_SIDE / 2 * radius, y + _BOX_DROP * radius
    return np.array([x - half, y - half, x + half, y + half])


def predict(image: np.ndarray, box: np.ndarray, models: FaceModels) -> np.ndarray:
    """Predict 68 landmarks inside a box.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W)
    box : ndarray, float, shape (4,)
        HOG-like (left, top, right, bottom) in pixels.
    models : FaceModels

    Returns
    -------
    ndarray, float32, shape (68, 2)
        (x, y) in pixels of `image`, finer than one pixel for faces narrower than 400.
    """
    side = box[2] - box[0]
    reach = _PREDICT_MARGIN * side
    left, top = (max(0, int(v - reach)) for v in box[:2])
    right, bottom = (max(1, int(v + reach) + 1) for v in box[2:])
    view = image[top:bottom, left:right]
    scale = max(1.0, _PREDICT_SIDE / side)
    view = np.ascontiguousarray(cv2.resize(view, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR))
    # resizing keeps the outer edges of the picture in place, so pixel centres move by half a pixel
    origin = np.array([left, top]) - 0.5 + 0.5 / scale
    corners = np.rint((box - np.tile(origin, 2)) * scale).astype(int)
    shape = models.predictor(view, dlib.rectangle(*(corners - [0, 0, 1, 1]).tolist()))
    points = np.array([(point.x, point.y) for point in shape.parts()])
    return (points / scale + origin).astype(np.float32)


def settle(image: np.ndarray, box: np.ndarray, models: FaceModels) -> np.ndarray:
    """Predict landmarks from a detector's box, then again from the box that follows from them."""
    return predict(image, face_box(predict(image, box, models)), models)


def plausible(landmarks: np.ndarray, shape: tuple[int, int]) -> bool:
    """Tell whether landmarks form an upright face that lies inside the picture.

    Brows, eyes, nose tip and mouth lie in this order from top to bottom, the inner eye corners are not
    swapped (a wrong fit did this in CAS(ME)^2 s30_0505 and emptied the nose window), the outer ones are a
    fifth to four fifths of the box apart, and all points but the jaw are inside.
    """
    inner = landmarks[17:]
    if (inner < 0).any() or (inner > np.array(shape[::-1]) - 1).any():
        return False
    brows, eyes, mouth = (landmarks[a:b, 1].mean() for a, b in ((17, 27), (36, 48), (48, 68)))
    left, _, right, _ = face_box(landmarks)
    apart = np.linalg.norm(landmarks[45] - landmarks[36]) / (right - left)
    return bool(
        brows < eyes < landmarks[30, 1] < mouth and landmarks[42, 0] > landmarks[39, 0] and 0.2 < apart < 0.8
    )


class Tracker(Protocol):
    """Follows one face through the crops of a video.

    Attributes
    ----------
    batch : int
        Crops that are best given together.
    """

    batch: int

    def steps(self, crops: Sequence[np.ndarray]) -> list[np.ndarray | None]:
        """Landmarks (68, 2), or None, of the next crops, uint8, (h, w) grey or (h, w, 3) RGB."""


class Landmarks(Protocol):
    """What the stage asks of a landmark predictor. Pictures are uint8, (H, W) grey or (H, W, 3) RGB.

    Attributes
    ----------
    colour : bool
        Whether it makes use of colours.
    """

    colour: bool

    def settle(self, picture: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Landmarks float32 (68, 2) of the face in a detector's box."""

    def track(self, start: np.ndarray, detector: Detector) -> Tracker:
        """Follow the face that has the landmarks `start` (68, 2)."""

    def record(self) -> dict[str, Any]:
        """Attributes of the artifact."""


class DlibLandmarks:
    """dlib's predictor in the form that the stage asks for; see `Landmarks`.

    Parameters
    ----------
    models : FaceModels
    """

    colour = False

    def __init__(self, models: FaceModels) -> None:
        self._models = models

    def settle(self, picture: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Landmarks of the face in a detector's box."""
        return settle(as_grey(picture), box, self._models)

    def track(self, start: np.ndarray, detector: Detector) -> Tracker:
        """Follow a face."""
        return LandmarkTracker(start, self._models, detector)

    def record(self) -> dict[str, Any]:
        """Attributes of the artifact: the file of the predictor."""
        return {"predictor_sha256": self._models.sha256(PREDICTOR_FILE)}


class LandmarkTracker:
    """Follow one face through the crops of a video.

    Parameters
    ----------
    start : ndarray, shape (68, 2)
        Landmarks of the first face in crop pixels.
    models : FaceModels
    detector : Detector, optional
        Confirms that a face is there; dlib's when absent.
    """

    batch = 1

    def __init__(self, start: np.ndarray, models: FaceModels, detector: Detector | None = None) -> None:
        self._last, self._models = start, models
        self._detector = detector or DlibDetector(models)

    def steps(self, crops: Sequence[np.ndarray]) -> list[np.ndarray | None]:
        """Find the landmarks of the next frames, see `step`."""
        return [self.step(crop) for crop in crops]

    def step(self, crop: np.ndarray) -> np.ndarray | None:
        """Find the landmarks of the next frame.

        Parameters
        ----------
        crop : ndarray, uint8, shape (h, w) or (h, w, 3) RGB

        Returns
        -------
        ndarray, float32, shape (68, 2), or None
            None when no face is confirmed, or its landmarks are not plausible.
        """
        expected = face_box(self._last)
        (seen,) = self._detector.confirm([crop], expected[2] - expected[0])
        nearest, is_near = confirmed(seen, expected)
        if nearest is None:
            return None
        crop = as_grey(crop)
        if is_near:
            points = predict(crop, expected, self._models)
            step = np.median(np.linalg.norm(points - self._last, axis=1))
            if step <= _LARGEST_STEP * (expected[2] - expected[0]) and plausible(points, crop.shape):
                self._last = points
                return points
        points = settle(crop, nearest, self._models)
        if not plausible(points, crop.shape):
            return None
        self._last = points
        return points


def confirmed(seen: Sequence[np.ndarray], expected: np.ndarray) -> tuple[np.ndarray | None, bool]:
    """Choose the box nearest to the expected one, None of none, and tell whether it confirms it."""
    if not seen:
        return None, False
    nearest = max(seen, key=lambda box: overlap(box, expected))
    return nearest, overlap(nearest, expected) >= _CONFIRM_OVERLAP


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    inner = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = float(np.prod(np.maximum(inner, 0)))
    return shared / (float(np.prod(a[2:] - a[:2])) + float(np.prod(b[2:] - b[:2])) - shared)
