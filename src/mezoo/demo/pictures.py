"""Frames of a synthetic video as files: a folder of pictures, a video file, or the still of an apex; and copies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.demo.layout import Copy, PlannedVideo
from mezoo.demo.render import frames
from mezoo.demo.truth import Truth, load_truth

JPEG_QUALITY = 92
_OPTIONS = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY], ".png": [cv2.IMWRITE_PNG_COMPRESSION, 3]}


def draw(video: PlannedVideo, truth: Truth, draft: Path) -> None:
    """Draw a video into `draft`, which becomes what `video.path` names: a folder or a file."""
    pictures = enumerate(frames(truth, video.seed), video.first_frame)
    if video.path.endswith(".mp4"):
        _draw_mp4(video, truth, draft)
    elif video.path.endswith(".jpg"):
        apex = video.events[0].apex + video.first_frame - 1
        _write(next(picture for number, picture in pictures if number == apex), draft, ".jpg")
    else:
        draft.mkdir(parents=True)
        wanted = set(video.numbers())
        for number, picture in pictures:
            if number in wanted:
                path = draft / video.frame.format(number)
                _write(picture, path, path.suffix)


def _draw_mp4(video: PlannedVideo, truth: Truth, draft: Path) -> None:
    from mezoo.video import write_mp4

    with write_mp4(draft, fps=video.fps, size=truth.pose_weight.shape) as append:
        for picture in frames(truth, video.seed):
            append(picture if picture.ndim == 2 else picture[..., ::-1])


def _write(picture: NDArray[np.uint8], path: Path, suffix: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    done, packed = cv2.imencode(suffix, picture, _OPTIONS.get(suffix, []))
    if not done:
        raise OSError(f"cannot write {path}")
    path.write_bytes(packed.tobytes())


def duplicate(video: PlannedVideo, copy: Copy, root: Path, draft: Path) -> None:
    """Copy frames of a finished video to a second folder, whole or cut to the face."""
    draft.mkdir(parents=True)
    low, high = copy.span or (video.first_frame, video.first_frame + video.n_frames)
    box = _face(load_truth(root / "truth" / f"{video.key}.h5")) if copy.crop else None
    for number in video.numbers():
        if not low <= number <= high:
            continue
        packed = (root / video.path / video.frame.format(number)).read_bytes()
        target = draft / (copy.frame or video.frame).format(number)
        if box is None:
            target.write_bytes(packed)
        else:
            picture = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_UNCHANGED)
            _write(np.asarray(picture, np.uint8)[box], target, target.suffix)


def _face(truth: Truth) -> tuple[slice, slice]:
    """Rows and columns of the face, a little wider than its landmarks, the same in every frame."""
    low, high = truth.landmarks.min(axis=0), truth.landmarks.max(axis=0)
    height, width = truth.pose_weight.shape
    margin = 0.12 * (high - low)
    left, top = np.maximum(low - margin, 0).astype(int)
    right, bottom = np.minimum(high + margin, (width, height)).astype(int)
    return slice(top, bottom), slice(left, right)
