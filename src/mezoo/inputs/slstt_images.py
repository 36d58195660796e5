"""Flow from the onset to each of 11 frames around the apex, as colour images: what SLSTT looks at.

Zhang, Hong, Arandjelovic, Zhao, "Short and long range relation based spatio-temporal transformer for micro-expression
recognition", IEEE Trans. Affective Computing 13(4), 2022, and its official code. Direction is the hue, magnitude the
brightness, stretched to the full range in each frame by itself, so that how far a face moves is lost.

Deviations from the official code: frames are grey already (there 0.299 B + 0.587 G + 0.114 R, red and blue swapped by
mistake); missing frames are blended linearly (there RIFE; 11 clips of 578 need any); images are neither compressed nor
written, and are in the order of time (there in the order of the file system); larger images shrink by area (there
by a triangle of the same width).
"""

from __future__ import annotations

import numpy as np

from mezoo.errors import DataError
from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input

N_FRAMES = 11
#: Side of the crop in widths of the jaw. Faces have 1.1 to 1.4; far from it the landmarks are not a face.
_PLAUSIBLE = (0.5, 2.5)
#: What the flow can be computed for, px.
_LEAST = 16


@clip_input(
    "slstt_images",
    stages=("faces",),
    shape=(N_FRAMES, 3, "size", "size"),
    axes="frame, (red, green, blue), H, W",
    units="grey level",
    dtype="uint8",
    arguments=("size",),
    paper="Zhang et al., SLSTT, IEEE TAC 2022",
    reads_apex=True,
)
def slstt_images(clip: Clip, *, size: int) -> np.ndarray:
    """Cut the face, choose the frames, and paint the flow from the onset to each.

    As in the official code only the apex needs landmarks: they place one crop for all frames.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    size : int
        Side in px; 384 in the paper.

    Returns
    -------
    ndarray, uint8, shape (11, 3, size, size)
        Frames in the order of time; red, green, blue.

    Raises
    ------
    DataError
        Apex not after the onset or after the offset, no face at the apex, or one of impossible shape.
    """
    from mezoo.interpolate.linear import render_linear
    from mezoo.interpolate.schedule import slstt_schedule

    times = slstt_schedule(clip.onset, clip.apex, clip.offset, length=N_FRAMES)
    clip.require_face(clip.apex)
    faces = clip.artifacts["faces"]
    window = face_window(faces["landmarks"][clip.apex])
    first, stop = int(times[0]), int(np.ceil(times[-1])) + 1
    raw = cut(faces["frames"][first:stop], window)
    onset = cut(faces["frames"][clip.onset : clip.onset + 1], window)[0]
    return flow_images(onset, render_linear(raw, times - first), size=size)


def face_window(landmarks: np.ndarray) -> tuple[int, int, int, int]:
    """Square around the tip of the nose, from brow to below the chin.

    Its side is ``(y8 - y19) + (y8 - y57)``: chin to brow, and once more chin to lower lip; its centre is landmark 30.
    Both bounds are rounded down, so that the side may be one more or less than a whole number would give.

    Parameters
    ----------
    landmarks : ndarray, shape (68, 2)
        (x, y) in px, iBUG order.

    Returns
    -------
    tuple of int
        top, bottom, left, right; bottom and right exclusive. May reach beyond the frame.

    Raises
    ------
    DataError
        The landmarks are not a face: the side is less than 16 px, or out of proportion to the width of the jaw. (The
        official files hold such a clip, with a third of the usual side; there it is used.)
    """
    x, y = np.asarray(landmarks, np.float64).T
    side = (y[8] - y[19]) + (y[8] - y[57])
    width = x[16] - x[0]
    if not (side >= _LEAST and _PLAUSIBLE[0] * width <= side <= _PLAUSIBLE[1] * width):
        raise DataError(
            f"a face {width:.0f} px wide and {side:.0f} px from brow to below the chin",
            "the proportions of a face",
            "Look at the landmarks of this video",
        )
    top, bottom = (int(np.floor(y[30] + half)) for half in (-side / 2, side / 2))
    left, right = (int(np.floor(x[30] + half)) for half in (-side / 2, side / 2))
    return top, bottom, left, right


def cut(frames: np.ndarray, window: tuple[int, int, int, int]) -> np.ndarray:
    """Cut a window out of frames; what lies outside of them repeats their border.

    So the nose stays in the middle and the scale the same where the frames are cut tighter than the window (the
    official code cuts whole frames, where this does not happen).

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W)
    window : tuple of int
        top, bottom, left, right.

    Returns
    -------
    ndarray, uint8, shape (T, bottom - top, right - left)
    """
    top, bottom, left, right = window
    height, width = frames.shape[1:]
    rows = np.clip(np.arange(top, bottom), 0, height - 1)
    columns = np.clip(np.arange(left, right), 0, width - 1)
    return frames[:, rows[:, None], columns]


def flow_images(onset: np.ndarray, frames: np.ndarray, *, size: int) -> np.ndarray:
    """Paint the flow from one frame to each of the others.

    Parameters
    ----------
    onset : ndarray, uint8, shape (H, W)
    frames : ndarray, uint8, shape (N, H, W)
    size : int
        Side of the images in px.

    Returns
    -------
    ndarray, uint8, shape (N, 3, size, size)
        Red, green, blue, see `mezoo.motion.features.flow_hsv` (brightness ``frame``).
    """
    import cv2

    from mezoo.motion.backends import get_backend
    from mezoo.motion.features.flow_hsv import flow_hsv

    flow_of = get_backend("farneback")  # its defaults are the parameters of the official code
    way = cv2.INTER_AREA if size < min(onset.shape) else cv2.INTER_LINEAR
    images = np.empty((len(frames), 3, size, size), np.uint8)
    for image, frame in zip(images, frames, strict=True):
        colours = flow_hsv(flow_of(onset, frame), value="frame")
        image[:] = cv2.resize(colours, (size, size), interpolation=way).transpose(2, 0, 1)
    return images
