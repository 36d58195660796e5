"""Grey frames of an expression, small, from onset to offset: as they are, magnified, or as a clip of one length.

Peng et al., AKMNet (arXiv 2009.09179, section IV-A): crops of 128 x 128 px of clips whose motion was magnified
by phase, as many frames as were recorded; the comparison of Table IV takes clips of one length by the temporal
interpolation model instead.
"""

from __future__ import annotations

import numpy as np

from mezoo.errors import DataError
from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input

_PAPER = "Peng et al., AKMNet, arXiv 2009.09179"


@clip_input(
    "frames",
    stages=("faces",),
    shape=("T", 1, "size", "size"),
    axes="frame, grey, H, W",
    units="grey level",
    dtype="uint8",
    arguments=("size",),
    paper=_PAPER,
)
def frames(clip: Clip, *, size: int) -> np.ndarray:
    """Give the frames from onset to offset (without one, to the apex), both included.

    A frame without a valid face is left out, except the onset, without which the expression cannot be used.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    size : int
        Side in px.

    Returns
    -------
    ndarray, uint8, shape (T, 1, size, size)

    Raises
    ------
    DataError
        The expression lies outside the video, is one frame only, or has no valid face at its onset.
    """
    rows = rows_of(clip)
    clip.require_face(rows.start)
    pictures = clip.artifacts["faces"]["frames"][rows]
    return shrink(pictures[clip.kept.valid[rows]], size)[:, None]


@clip_input(
    "magnified_frames",
    stages=("magnified-phase-{factor}",),
    shape=("T", 1, "size", "size"),
    axes="frame, grey, H, W",
    units="grey level",
    dtype="uint8",
    arguments=("factor", "size"),
    paper=_PAPER,
)
def magnified_frames(clip: Clip, *, factor: int, size: int) -> np.ndarray:
    """Give the frames from onset to offset with their motion since the onset magnified by phase.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``magnified-phase-<factor>``.
    factor : int
        Total factor: 16 for the paper's alpha of 15, which is added to the motion that is there.
    size : int
        Side in px.

    Returns
    -------
    ndarray, uint8, shape (T, 1, size, size)
        Frames without a valid face are left out.

    Raises
    ------
    DataError
        The magnified artifact could not use the expression.
    """
    pictures, valid = magnified_pictures(clip, factor)
    return shrink(pictures[valid], size)[:, None]


@clip_input(
    "tim_frames",
    stages=("faces",),
    shape=("length", 1, "size", "size"),
    axes="frame, grey, H, W",
    units="grey level",
    dtype="uint8",
    arguments=("length", "size"),
    paper=_PAPER,
)
def tim_frames(clip: Clip, *, length: int, size: int) -> np.ndarray:
    """Give the expression as a clip of one length by the temporal interpolation model.

    The frames are made small first: the model weighs frames and shrinking weighs pixels, so that their order
    changes no more than the rounding to grey levels.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``.
    length : int
        Frames in even steps from onset to offset, both included; at least 2.
    size : int
        Side in px.

    Returns
    -------
    ndarray, uint8, shape (length, 1, size, size)

    Raises
    ------
    DataError
        The expression lies outside the video, is one frame only, or one of its frames has no valid face: the steps
        would not be even.
    """
    rows = rows_of(clip)
    clip.require_face(*range(rows.start, rows.stop))
    return _spread(clip.artifacts["faces"]["frames"][rows], length, size)


@clip_input(
    "magnified_tim_frames",
    stages=("magnified-phase-{factor}",),
    shape=("length", 1, "size", "size"),
    axes="frame, grey, H, W",
    units="grey level",
    dtype="uint8",
    arguments=("factor", "length", "size"),
    paper=_PAPER,
)
def magnified_tim_frames(clip: Clip, *, factor: int, length: int, size: int) -> np.ndarray:
    """Give the magnified expression as a clip of one length: see `magnified_frames` and `tim_frames`."""
    pictures, valid = magnified_pictures(clip, factor)
    if not valid.all():
        raise DataError(
            f"{int((~valid).sum())} frames without a valid face", "a face in each", "Leave the event out"
        )
    return _spread(pictures, length, size)


def magnified_pictures(clip: Clip, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Magnified frames of an expression, uint8 (n, H, W), and which of them are valid, bool (n)."""
    stage = f"magnified-phase-{factor}"
    artifact, rows = clip.artifacts[stage], clip.rows(stage)
    # the rows of one expression follow each other
    pictures = artifact["frames"][rows[0] : rows[-1] + 1]
    return pictures, artifact["valid"][:][rows].astype(bool)


def _spread(pictures: np.ndarray, length: int, size: int) -> np.ndarray:
    from mezoo.interpolate.clips import even_positions
    from mezoo.interpolate.tim import render_tim

    small = shrink(pictures, size)
    return render_tim(small, even_positions(len(small), length))[:, None]


def shrink(pictures: np.ndarray, size: int) -> np.ndarray:
    """Resize uint8 (T, H, W) to (T, size, size); pixels are averaged, and interpolated where `size` is larger."""
    import cv2

    def resize(picture: np.ndarray) -> np.ndarray:
        # area averaging may not enlarge: OpenCV then takes the nearest pixel
        method = cv2.INTER_AREA if min(picture.shape) >= size else cv2.INTER_LINEAR
        return cv2.resize(picture, (size, size), interpolation=method)

    return np.stack([resize(picture) for picture in pictures])


def rows_of(clip: Clip) -> slice:
    """Positions of the kept frames from onset to offset, two at least; `DataError` outside the video."""
    from mezoo.motion.onset_stage import locate_frames

    onset, later = locate_frames(clip.event, clip.kept)
    return slice(onset, later[-1] + 1)
