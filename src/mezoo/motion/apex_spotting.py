"""Search for the apex of an expression whose onset and offset are known: where brows and mouth have moved furthest.

The search by largest difference from the onset frame, with which public code fills in the apexes that SMIC does not
code (Liong, See, Wong, Le Ngo, Oh, Phan, ACPR 2015, compare it with divide and conquer). Their difference is one of
grey levels or LBP histograms; ours is the optical flow since the onset without the motion of the head, because in
grey levels the head outweighs a micro-expression. How far the found apex is from a coded one: docs/recognition.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import DataError
from mezoo.motion import head_motion
from mezoo.motion.backends import get_backend

#: Both brows, and the mouth: the regions that move; eyes are left out, since they blink.
_REGIONS = (range(17, 22), range(22, 27), range(48, 68))
#: Room around a region, share of the distance between the eyes.
_ROOM = 0.2
#: The curve is smoothed over this share of the clip.
_SMOOTH = 1 / 8
#: Frames of a longer clip that are looked at, in even steps: macro-expressions of SAMM-LV last thousands.
_MOST = 128


def spot_apex(frames: NDArray[np.uint8], landmarks: NDArray[np.floating]) -> int:
    """Position of the frame in which brows and mouth have moved furthest since the first one.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W), T >= 2
        Grey frames from onset to offset.
    landmarks : ndarray, shape (68, 2)
        (x, y) in px of the first frame.

    Returns
    -------
    int
        From 1 to T - 1; the first of equals.

    Raises
    ------
    DataError
        The landmarks tell no motion of the head, or no region lies inside the frame.
    """
    curve = moved(frames, landmarks)
    window = max(1, int(len(curve) * _SMOOTH)) | 1
    padded = np.pad(curve, window // 2, mode="edge")
    smooth = np.convolve(padded, np.full(window, 1 / window), mode="valid")
    return 1 + int(np.argmax(smooth[1:]))


def moved(frames: NDArray[np.uint8], landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean motion of brows and mouth since the first frame.

    Parameters
    ----------
    frames, landmarks
        As of `spot_apex`.

    Returns
    -------
    ndarray, float64, shape (T,)
        In px, 0 for the first frame.
    """
    inside = _regions(landmarks, frames.shape[1:])
    flow_of = get_backend("dis")  # fast, and the same apex whatever method the flow stages use
    found = [0.0]
    for frame in frames[1:]:
        flow = head_motion.remove(flow_of(frames[0], frame), landmarks)[inside]
        found.append(float(np.hypot(flow[:, 0], flow[:, 1]).mean()))
    return np.array(found)


def looked_at(n: int) -> NDArray[np.int64]:
    """Positions of the frames of a clip of `n` frames that are searched, the first and last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, _MOST)).round().astype(np.int64))


def _regions(landmarks: NDArray[np.floating], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    inside = np.zeros(shape, bool)
    room = _ROOM * float(np.linalg.norm(landmarks[36:42].mean(axis=0) - landmarks[42:48].mean(axis=0)))
    for region in _REGIONS:
        points = landmarks[list(region)]
        (left, top), (right, bottom) = points.min(axis=0) - room, points.max(axis=0) + room
        inside[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : max(0, int(right) + 1)] = True
    if not inside.any():
        raise DataError(
            "brows and mouth outside of the frame", "a face inside", "Look at the faces of this video"
        )
    return inside
