"""Frames out for people: a film or a folder of images, whole or absent, and two pictures side by side."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mezoo.atomic import write_text
from mezoo.errors import ConfigError
from mezoo.video import write_mp4

#: Height of the captions over pictures side by side, px.
CAPTION = 24
_FONT, _FONT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.5

Append = Callable[[int, np.ndarray], None]


def check_out(out: Path) -> None:
    """Raise `ConfigError` unless frames can be written there: FILE.mp4, or a folder that is absent or empty."""
    if out.suffix not in ("", ".mp4"):
        raise ConfigError(f"a file {out.suffix}", "FILE.mp4, or a folder for images", "Change -o", file=out)
    if not out.suffix and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError("there is something already", "an empty or a new folder", "Change -o", file=out)


@contextmanager
def write_frames(
    out: Path, *, fps: float, size: tuple[int, int], about: Mapping[str, Any] | None = None
) -> Iterator[Append]:
    """Write frames as an H.264 video or as images ``frame_00001.png``; nothing appears when the block raises.

    Parameters
    ----------
    out : Path
        See `check_out`.
    fps : float
        Frames per second of a video.
    size : tuple of int
        (height, width) of the frames.
    about : mapping, optional
        How the frames were made, JSON-able: the video's comment, or ``about.json`` among the images.

    Yields
    ------
    append : callable
        Takes a frame number and a frame, uint8, shape (H, W, 3) RGB; a video does without the number.
    """
    check_out(out)
    text = json.dumps(about, sort_keys=True) if about else ""
    if out.suffix:
        with write_mp4(out, fps=fps, size=size, comment=text) as append:
            yield lambda number, frame: append(frame)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    try:
        if text:
            write_text(folder / "about.json", text + "\n")
        yield lambda number, frame: _write_png(folder / f"frame_{number:05d}.png", frame)
        folder.chmod(0o755)
        folder.replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_png(path: Path, frame: np.ndarray) -> None:
    if not cv2.imwrite(str(path), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)):
        raise OSError(f"{path} cannot be written")


def beside(left: np.ndarray, right: np.ndarray, captions: tuple[str, str]) -> np.ndarray:
    """Join two frames (H, W, 3) under their captions, uint8 (H + 24, 2 W, 3)."""
    height, width = left.shape[:2]
    picture = np.full((height + CAPTION, 2 * width, 3), 255, np.uint8)
    for frame, text, start in zip((left, right), captions, (0, width), strict=True):
        picture[CAPTION:, start : start + width] = frame
        natural = cv2.getTextSize(text, _FONT, _FONT_SCALE, 1)[0][0]
        scale = _FONT_SCALE * min(1.0, (width - 12) / natural)
        cv2.putText(picture, text, (start + 6, CAPTION - 8), _FONT, scale, (0, 0, 0), 1, cv2.LINE_AA)
    return picture
