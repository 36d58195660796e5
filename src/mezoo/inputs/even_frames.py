"""The frames of an expression brought to one length: what inputs that look at whole clips begin with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import DataError
from mezoo.inputs.clip import Clip
from mezoo.inputs.frames import magnified_pictures


def even_frames(clip: Clip, length: int) -> NDArray[np.uint8]:
    """Frames from onset to offset (without one, to the apex) in even steps, by the temporal interpolation model.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``faces``; one box for the whole video, so that the head moves in the crop as it did.
    length : int
        At least 2.

    Returns
    -------
    ndarray, uint8, shape (length, H, W)
        Grey levels.

    Raises
    ------
    DataError
        The frames are not coded, lie outside of the video, are one only, or one has no valid face.
    """
    from mezoo.motion.onset_stage import locate_frames

    onset, later = locate_frames(clip.event, clip.kept)
    clip.require_face(onset, *later)
    return _even(clip.artifacts["faces"]["frames"][onset : later[-1] + 1], length)


def even_magnified_frames(clip: Clip, factor: int, length: int) -> NDArray[np.uint8]:
    """Give the same of the frames whose motion since the onset was magnified by phase.

    Parameters
    ----------
    clip : Clip
        Needs the stage ``magnified-phase-<factor>``.
    factor : int
        Total factor.
    length : int
        At least 2.

    Returns
    -------
    ndarray, uint8, shape (length, H, W)

    Raises
    ------
    DataError
        The artifact could not use the expression, or one of its frames has no valid face.
    """
    pictures, valid = magnified_pictures(clip, factor)
    if not valid.all():
        raise DataError(
            "a frame without a valid face", "a face in every frame", "Look at the faces of this video"
        )
    return _even(pictures, length)


def _even(frames: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    from mezoo.interpolate.clips import even_positions
    from mezoo.interpolate.tim import render_tim

    return render_tim(frames, even_positions(len(frames), length))
