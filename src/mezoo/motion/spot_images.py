"""Small images of each frame for networks that spot expressions: flow and strain of brows and mouth, or the face.

SOFTNet (Liong, See, Wong, ICIP 2021), MTSN (Liong, Liong, See, Chan, ACM MM 2022, MEGC) and MEAN (Liong,
See, Chan, SPIC 2023) look at the flow from a frame to a later one; SMEConvNet (Zhang, Chen, Meng, Liu,
Fu, IEEE Access 2018) at the face itself. Lengths in px hold for a face box 128 px wide, as in their code.

Deviations: the regions follow the landmarks of each frame (there: of the first frame of the video); strain takes
backward differences in all of them (SOFTNet: forward ones, the same values one px further).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.strain import optical_strain

#: Width of the face box for which the lengths below hold, px.
FACE_WIDTH = 128
_REGION_MARGIN, _EYE_MARGIN, _NOSE_RADIUS = 12, 15, 5
_NOSE = 28
#: Places of the eye centres in an aligned face, as shares of its side.
_EYES_Y, _LEFT_EYE_X, _RIGHT_EYE_X = 0.35, 0.3, 0.7
#: How each point of an eye is pushed outwards for the mask, in units of `_EYE_MARGIN`.
_PUSH = np.array([(-1, 0), (0, -1), (0, -1), (1, 0), (0, 1), (0, 1)])


@dataclass(frozen=True)
class Kind:
    """What an image shows.

    Attributes
    ----------
    size : int
        Height and width in px.
    flow : bool
        Horizontal flow, vertical flow and strain of brows (upper half) and mouth; otherwise the aligned face in
        grey.
    still_nose : bool
        Whether the mean over a patch on the nose is subtracted, and the flow taken without its sign.
    eyes : bool
        Whether the eyes are seen; otherwise they are 0, for blinks.
    """

    size: int
    flow: bool = True
    still_nose: bool = False
    eyes: bool = True

    @property
    def channels(self) -> int:
        """Number of channels."""
        return 3 if self.flow else 1


KINDS = {
    "softnet": Kind(42, still_nose=True, eyes=False),
    "mtsn": Kind(28, still_nose=True, eyes=False),  # its code starts from finished images of 28 px
    "mean": Kind(42),
    "face224": Kind(224, flow=False),
    "face48": Kind(48, flow=False),  # for the demo
}
_NAME = re.compile(r"(?P<kind>[a-z0-9]+)-(?P<ms>\d+)")


def parse_name(name: str) -> tuple[Kind, int]:
    """Read ``<kind>-<milliseconds>``, e.g. ``softnet-200``: what is seen, and the time to the second frame.

    Raises
    ------
    ConfigError
        Another form, or an unknown kind.
    """
    match = _NAME.fullmatch(name)
    if match is None or match["kind"] not in KINDS:
        raise ConfigError(
            f"images '{name}'",
            f"a kind ({', '.join(KINDS)}), a hyphen and milliseconds, e.g. softnet-200",
            "Correct the name",
        )
    return KINDS[match["kind"]], int(match["ms"])


def frames_of(ms: int, fps: float) -> int:
    """Turn milliseconds into frames, at least 1: an interval of 0 leads to the next frame."""
    return max(1, int(ms * fps / 1000 + 0.5))


def flow_image(flow: np.ndarray, landmarks: np.ndarray, kind: Kind) -> tuple[np.ndarray, np.ndarray] | None:
    """Cut brows and mouth out of a flow field and its strain.

    Parameters
    ----------
    flow : ndarray, float32, shape (H, W, 2)
        (dx right, dy down) in px of a face that is `FACE_WIDTH` px wide.
    landmarks : ndarray, shape (68, 2)
        (x, y) in px of the same image.
    kind : Kind
        One of flow.

    Returns
    -------
    image : ndarray, uint8, shape (size, size, 3)
        Horizontal, vertical, strain; each from its least value (0) to its largest (255): over the regions where
        the nose is held still, over the whole face otherwise (as SOFTNet and MEAN).
    span : ndarray, float32, shape (3, 2)
        These two values, in px (strain: px per px).
    None
        When a region has no pixel.
    """
    points = np.rint(landmarks).astype(np.int64)
    boxes = _regions(points, flow.shape[:2])
    if boxes is None:
        return None
    field = np.dstack([flow, optical_strain(flow, differences="backward")])
    if kind.still_nose:
        x, y = points[_NOSE]
        nose = field[max(y - _NOSE_RADIUS, 0) : y + _NOSE_RADIUS + 1, max(x - _NOSE_RADIUS, 0) :]
        patch = nose[:, : 2 * _NOSE_RADIUS + 1]
        if not patch.size:
            return None
        field -= patch.mean(axis=(0, 1))
        field[..., :2] = np.abs(field[..., :2])
    if not kind.eyes:
        _mask_eyes(field, points)
    half = (kind.size, kind.size // 2)
    regions = np.concatenate([cv2.resize(field[y:b, x:r], half) for x, y, r, b in boxes])
    span = _span(regions if kind.still_nose else field)
    return _levels(regions, span), span


def face_image(frame: np.ndarray, landmarks: np.ndarray, kind: Kind) -> tuple[np.ndarray, np.ndarray] | None:
    """Turn and scale a face so that the eyes lie at fixed places.

    Parameters
    ----------
    frame : ndarray, uint8, shape (H, W)
    landmarks : ndarray, shape (68, 2)
        (x, y) in px.
    kind : Kind
        One that is not of flow.

    Returns
    -------
    image : ndarray, uint8, shape (size, size, 1)
        Grey levels; the border is repeated where the face leaves the frame.
    span : ndarray, float32, shape (1, 2)
        0 and 255.
    None
        When the eyes coincide.
    """
    left, right = landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0)
    (dx, dy), wanted = right - left, (_RIGHT_EYE_X - _LEFT_EYE_X) * kind.size
    if not dx**2 + dy**2:
        return None
    scale = wanted / (dx**2 + dy**2)
    turn = scale * np.array([[dx, dy], [-dy, dx]])  # maps right - left onto (wanted, 0)
    place = np.array([_LEFT_EYE_X, _EYES_Y]) * kind.size - turn @ left
    matrix = np.column_stack([turn, place])
    image = cv2.warpAffine(
        frame, matrix, (kind.size, kind.size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return image[..., None], np.array([[0, 255]], np.float32)


def _regions(points: np.ndarray, shape: tuple[int, ...]) -> list[tuple[int, int, int, int]] | None:
    """Boxes (left, top, right, bottom) of brows and mouth inside the image; None when one has no pixel."""
    x, y = points.T
    low = [(x[17], min(y[19], y[24])), (x[60], y[50])]
    high = [(x[26], max(y[41], y[46])), (x[64], y[57])]
    size = np.array(shape[::-1])
    boxes = np.hstack(
        [
            np.clip(np.array(low) - _REGION_MARGIN, 0, size),
            np.clip(np.array(high) + _REGION_MARGIN, 0, size),
        ]
    )
    if not (boxes[:, 2:] > boxes[:, :2]).all():
        return None
    return [(int(left), int(top), int(right), int(bottom)) for left, top, right, bottom in boxes]


def _mask_eyes(field: np.ndarray, points: np.ndarray) -> None:
    for first in (36, 42):
        corners = points[first : first + 6] + _PUSH * _EYE_MARGIN
        corners = np.clip(corners, 0, np.array(field.shape[1::-1]))
        cv2.fillPoly(field, [corners.astype(np.int32)], (0, 0, 0))


def _span(field: np.ndarray) -> np.ndarray:
    return np.stack([field.min(axis=(0, 1)), field.max(axis=(0, 1))], axis=-1).astype(np.float32)


def _levels(field: np.ndarray, span: np.ndarray) -> np.ndarray:
    low, width = span[:, 0], span[:, 1] - span[:, 0]
    shares = np.divide(field - low, width, out=np.zeros_like(field), where=width > 0)
    return np.rint(255 * np.clip(shares, 0, 1)).astype(np.uint8)
