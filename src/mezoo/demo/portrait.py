"""The public-domain portrait every synthetic face is made of, with its landmarks and masks.

The picture is NASA's portrait of Eileen Collins as shipped inside scikit-image (``skimage.data.astronaut``, public
domain).  Its 68 iBUG landmarks were located once with dlib's 300-W predictor, averaged over 60 jittered face boxes
(largest spread 0.5 px), and are stored here as numbers so that the demo needs no detector.  The two masks beside this
file (hair; whole head without the suit) were cut once with OpenCV's GrabCut and cover `WINDOW`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

WINDOW = (100, 0, 260, 230)  # x, y, width, height of the part of the 512 x 512 picture that is used, px
ZOOM = 3  # the window is enlarged once so that later warps sample a smooth, finely spaced picture

# x, y of the 68 iBUG landmarks in the 512 x 512 picture, px
_LANDMARKS = """
179.7 104.0  179.9 115.8  180.8 127.2  181.9 138.7  185.0 150.2  191.2 160.3  200.0 168.6  209.5 175.9
220.8 178.5  232.4 177.0  243.2 171.1  253.4 163.5  260.7 154.0  265.3 143.0  268.1 131.3  270.4 120.0
272.0 108.1  186.5  94.4  192.3  88.5  200.6  87.4  209.0  89.0  216.7  92.7  236.2  93.9  244.1  91.0
252.3  90.6  260.3  92.5  265.4  98.7  226.0 102.4  225.8 110.9  225.5 119.0  225.4 127.5  214.5 131.3
219.5 132.7  224.5 134.5  229.8 133.2  234.5 132.0  195.3 101.4  200.6  98.0  207.2  98.7  212.7 104.0
206.5 104.5  200.0 104.0  237.7 105.5  243.8 100.5  250.0 100.6  255.5 104.5  250.5 106.5  244.0 106.5
200.7 139.3  209.3 139.4  218.0 139.7  223.5 141.0  229.6 140.0  237.7 140.4  245.8 140.9  237.6 151.1
229.1 155.2  222.5 155.8  216.3 154.8  207.9 149.9  203.4 140.5  217.5 143.2  223.3 144.4  229.5 143.5
242.9 142.0  229.3 150.0  222.9 150.5  216.9 149.6
"""

# Outline of the hair (x, y in the 512 x 512 picture), control points for hair volume.
HAIR_OUTLINE = np.array(
    [(158, 118), (153, 90), (160, 55), (193, 28), (232, 16), (272, 35), (297, 62), (301, 90), (286, 124)],
    np.float32,
)


@dataclass(frozen=True)
class Portrait:
    """The prepared picture.

    Attributes
    ----------
    image : ndarray, float32, shape (230 * ZOOM, 260 * ZOOM, 3)
        BGR, 0..255, with lip skin in place of the teeth and the smile's creases softened.
    hair, head : ndarray, float32, same height and width
        Soft masks in [0, 1].
    landmarks : ndarray, float32, shape (68, 2)
        (x, y) in window pixels before enlarging: ``image`` holds landmark p at ``(p + 0.5) * ZOOM - 0.5``.
    hair_outline : ndarray, float32, shape (9, 2)
        (x, y) in the same pixels.
    """

    image: NDArray[np.float32]
    hair: NDArray[np.float32]
    head: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    hair_outline: NDArray[np.float32]


def landmarks() -> NDArray[np.float32]:
    """Return the 68 landmarks, float32, shape (68, 2), (x, y) in pixels of `WINDOW`."""
    points = np.array(_LANDMARKS.split(), np.float32).reshape(68, 2)
    return points - np.array(WINDOW[:2], np.float32)


@cache
def portrait() -> Portrait:
    """Load, crop, enlarge and prepare the portrait (once per process)."""
    from skimage.data import astronaut

    x, y, width, height = WINDOW
    window = astronaut()[y : y + height, x : x + width, ::-1].astype(np.float32)
    image = _enlarge(window)
    # The portrait is 92 px wide at the face; a mild unsharp mask offsets the softness of the enlargement.
    image += 0.4 * (image - cv2.GaussianBlur(image, (0, 0), 1.6 * ZOOM))
    points = landmarks()
    _soften_creases(image, points)
    _close_mouth(image, points)
    hair, head = (_enlarge(_mask(name)) for name in ("portrait_hair.png", "portrait_head.png"))
    outline = HAIR_OUTLINE - np.array((x, y), np.float32)
    return Portrait(np.clip(image, 0, 255), np.clip(hair, 0, 1), np.clip(head, 0, 1), points, outline)


def _enlarge(image: NDArray[np.float32]) -> NDArray[np.float32]:
    large = cv2.resize(image, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.float32)


def _mask(name: str) -> NDArray[np.float32]:
    packed = np.frombuffer(files("mezoo.demo").joinpath(name).read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255)


def _close_mouth(image: NDArray[np.float32], points: NDArray[np.float32]) -> None:
    """Paint lip skin over the teeth (inner mouth, landmarks 60-67), in place, with a soft edge."""
    mask = np.zeros(image.shape[:2], np.float32)
    polygon = np.round(((points[60:68] + 0.5) * ZOOM - 0.5) * 8).astype(np.int32)
    cv2.fillPoly(mask, [polygon], (1.0,), cv2.LINE_8, 3)
    # Teeth reach past the landmark polygon, so it grows a little before it is softened.
    grown = cv2.dilate(mask, np.ones((7, 13), np.uint8))
    cover = cv2.GaussianBlur(grown, (0, 0), 2.0)[..., None]
    x, y = np.round((points[[56, 57, 58]].mean(axis=0) - (0, 2)) * ZOOM).astype(int)
    lip = image[y - 3 : y + 4, x - 12 : x + 13].mean(axis=(0, 1))
    image += cover * (lip - image)


def _soften_creases(image: NDArray[np.float32], points: NDArray[np.float32]) -> None:
    """Blur the smile's creases beside the mouth corners, in place: a neutral face has none."""
    mask = np.zeros(image.shape[:2], np.float32)
    for corner, wing in ((points[48], points[31]), (points[54], points[35])):
        outward = np.sign(corner[0] - points[33, 0])
        crease = np.stack([corner + (outward * 4, 3), corner + (outward * 4, -4), wing + (outward * 7, -1)])
        line = np.round(((crease + 0.5) * ZOOM - 0.5) * 8).astype(np.int32)
        cv2.polylines(mask, [line], False, (1.0,), 5 * ZOOM, cv2.LINE_8, 3)
    cover = cv2.GaussianBlur(mask, (0, 0), 2.0 * ZOOM)[..., None]
    image += 0.8 * cover * (cv2.GaussianBlur(image, (0, 0), 5.0 * ZOOM) - image)
