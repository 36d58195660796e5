"""Face images with exactly known motion, and face crops of a real video.

The moving image is a picture that is continuous (a spline of order 5 through a slightly blurred portrait) and
is evaluated where the motion came from, so the truth holds exactly up to noise and rounding to grey levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from mezoo.errors import DataError

#: Part of the portrait (x, y, side) in px of the 512 x 512 picture: the face fills the middle, and the native
#: resolution is nearly that of the crops (one px of the picture is about one px at 224).
_WINDOW = (116, 10, 220)
_BLUR = 0.7  # px; takes away what is finer than the sampling, which no spline can interpolate
#: Where the skin moves: centre (x, y) as share of the side, direction (dx, dy) of length 1. Mouth corners up and
#: out, brows up.
_BUMPS = (
    ((0.38, 0.59), (-0.6, -0.8)),
    ((0.59, 0.59), (0.6, -0.8)),
    ((0.38, 0.36), (0.0, -1.0)),
    ((0.59, 0.37), (0.0, -1.0)),
)
_WIDTH = 0.055  # of a bump (sigma), share of the side
_INVERSIONS = 12  # each gains a digit: the motion changes by less than a tenth of a px per px


@dataclass(frozen=True)
class Scene:
    """Frames of one face.

    Attributes
    ----------
    frames : ndarray, uint8, shape (T, H, W)
    truth : ndarray, float64, shape (H, W, 2), or None
        Flow from the first to the last frame, (dx right, dy down) in px, where it is known.
    """

    frames: np.ndarray
    truth: np.ndarray | None = None


def motion(x: np.ndarray, y: np.ndarray, size: int, peak: float) -> np.ndarray:
    """Displacement of the skin at real-valued places.

    Parameters
    ----------
    x, y : ndarray
        Places in px.
    size : int
        Side of the image in px.
    peak : float
        Largest displacement in px.

    Returns
    -------
    ndarray, float64, shape (..., 2)
        (dx right, dy down) in px.
    """
    total = np.zeros((*x.shape, 2))
    for (at_x, at_y), direction in _BUMPS:
        distance = (x - at_x * size) ** 2 + (y - at_y * size) ** 2
        total += np.exp(-distance / (2 * (_WIDTH * size) ** 2))[..., None] * direction
    return peak * total


def portrait_scene(size: int, peak: float, noise: float, *, n: int, seed: int = 0) -> Scene:
    """Make a portrait whose skin moves from rest to `peak` px within `n` frames, as from onset to apex.

    Parameters
    ----------
    size : int
        Side of the images in px.
    peak : float
        Largest displacement of the last frame in px; the course is a quarter of a sine.
    noise : float
        Standard deviation of the camera noise in grey levels, independent in every frame.
    n : int
        Frames after the first.
    seed : int
        Of the noise.

    Returns
    -------
    Scene
        n + 1 frames.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size].astype(np.float64)
    frames = []
    for amount in peak * np.sin(np.pi / 2 * np.arange(n + 1) / n):
        from_x, from_y = x.copy(), y.copy()
        for _ in range(_INVERSIONS):  # the place p with p + u(p) = (x, y)
            moved = motion(from_x, from_y, size, amount)
            from_x, from_y = x - moved[..., 0], y - moved[..., 1]
        value = _brightness(size, from_x, from_y) + rng.normal(0, noise, x.shape)
        frames.append(np.clip(np.rint(value), 0, 255).astype(np.uint8))
    return Scene(np.stack(frames), motion(x, y, size, peak))


def _brightness(size: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Grey levels of the continuous portrait at real-valued places."""
    from scipy.ndimage import map_coordinates

    return map_coordinates(_spline(size), [y, x], order=5, mode="mirror", prefilter=False)


@cache
def _spline(size: int) -> np.ndarray:
    """Coefficients of the portrait, float64, shape (size, size)."""
    from scipy.ndimage import gaussian_filter, spline_filter
    from skimage.data import astronaut

    left, top, side = _WINDOW
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)[top : top + side, left : left + side]
    way = cv2.INTER_AREA if size < side else cv2.INTER_CUBIC
    image = cv2.resize(grey, (size, size), interpolation=way).astype(np.float64)
    return spline_filter(gaussian_filter(image, _BLUR), order=5, mode="mirror")


def video_scene(path: str | Path, size: int, *, n: int) -> Scene:
    """Cut the face out of the first frames of a video that show one.

    Parameters
    ----------
    path : Path
        Video file or folder of frames.
    size : int
        Width of the crops in px.
    n : int
        Frames after the first.

    Raises
    ------
    DataError
        No face, or fewer frames.
    """
    from mezoo.faces.backends import load_backend
    from mezoo.faces.crop import crop_frame, enlarge_box
    from mezoo.faces.landmarks import face_box
    from mezoo.faces.stage import find_first_face
    from mezoo.video import open_video

    source = open_video(path)
    first = find_first_face(islice(source.iter_frames(), 10), load_backend(), Path(path))
    box = enlarge_box(face_box(first.landmarks), margin=0.2, shape=first.shape)
    kept = (frame for number, frame in source.iter_frames() if number >= first.number)
    frames = [crop_frame(frame, box, size=size) for frame in islice(kept, n + 1)]
    if len(frames) <= n:
        raise DataError(
            f"{len(frames)} frames from the first face on",
            f"at least {n + 1}",
            "Take a longer video",
            file=path,
        )
    return Scene(np.stack(frames))


def demo_video(folder: Path, size: str, layout: str = "casme_sq") -> Path:
    """Draw a demo video (421 frames when `size` is small); return the folder of its frames."""
    from mezoo.demo import write_corpus

    plan = write_corpus(folder / "demo", layout, n_subjects=1, size=size)
    return folder / "demo" / plan.videos[0].path
