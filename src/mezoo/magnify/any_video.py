"""Magnify any video, as `mezoo magnify` does: frames in, frames out, in blocks where the method allows."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from mezoo.atomic import write_text
from mezoo.errors import ConfigError, DataError
from mezoo.magnify.frames import BLOCK
from mezoo.magnify.registry import Magnifier, get_magnifier
from mezoo.magnify.streaming import in_blocks
from mezoo.video import VideoSource, open_video, write_mp4

#: Total factor without preset.
_FACTOR = 4.0
#: Pixels in a block: the phase method holds about 100 bytes for each.
_BLOCK_PIXELS = 4_000_000
#: Bytes per pixel and frame that a method needs for a whole clip: the phase method's two spectra.
_WHOLE_CLIP_BYTES = 60
#: Height of the captions over the two pictures, px.
_CAPTION = 24

Append = Callable[[np.ndarray], None]


def magnify_video(
    video: str | Path,
    out: str | Path,
    *,
    method: str = "lagrangian",
    factor: float | None = None,
    fps: float | None = None,
    preset: str | None = None,
    weights: str | Path | None = None,
    side_by_side: bool = False,
) -> None:
    """Magnify a video and write it as a film or as frames; a bar on a terminal tells the progress.

    The first frame is the reference. Settings and the digest of weights stand in the film's comment, or in
    ``magnified.json`` beside the frames.

    Parameters
    ----------
    video : Path
        Video file or folder of frames.
    out : Path
        ``.mp4``, or a new folder for PNG frames with the numbers of the source.
    method : str
        Name of a method, see `get_magnifier`.
    factor : float, optional
        Total factor m; that of the preset, or 4, when absent.
    fps : float, optional
        True frames per second; those of the file when absent. A film is written at the rate of the file if it
        has one.
    preset : str, optional
        Settings of the method by name; its defaults when absent.
    weights : Path, optional
        For a learned method.
    side_by_side : bool
        Put the original on the left, with captions.

    Raises
    ------
    ConfigError
        Wrong usage, no frame rate, or a clip that does not fit into memory with a filter that needs all of it.
    DataError
        The video cannot be read.
    """
    out, magnifier = Path(out), get_magnifier(method)
    factor, params = _settings(magnifier, factor, preset, weights)
    _check_out(out)
    source = open_video(video)
    rate = _rate(source, fps)
    about = {"factor": factor, "fps": rate, "preset": preset, **magnifier.describe(**params)}
    frames = ((number, frame) for number, frame in source.iter_frames(gray=False))
    number, first = next(frames)
    pairs = _magnified(source, chain([(number, first)], frames), first, magnifier, rate, factor, params)
    size = (first.shape[0] + _CAPTION, 2 * first.shape[1]) if side_by_side else first.shape[:2]
    captions = ("original", f"{method}, {factor:g} x")
    # disable=None: a bar on a terminal only
    bar = tqdm(total=source.n_frames, desc="magnify", unit="frame", disable=None)
    with bar, _writer(out, source.fps or rate, size, about) as append:
        for number, before, after in pairs:
            append(number, beside(before, after, captions) if side_by_side else after)
            bar.update()


def _settings(
    magnifier: Magnifier, factor: float | None, preset: str | None, weights: str | Path | None
) -> tuple[float, dict[str, Any]]:
    params: dict[str, Any] = {}
    if preset is not None:
        chosen = magnifier.preset(preset)
        params, factor = dict(chosen.params), chosen.factor if factor is None else factor
    if weights is not None:
        params["weights"] = str(weights)
    elif "weights" in magnifier.defaults:
        raise ConfigError(
            f"no weights for {magnifier.name}",
            "published ones, or a small substitute",
            "Give --weights FILE; mezoo train-magnet -o magnet.h5 trains one in about 3 minutes",
        )
    return _FACTOR if factor is None else factor, params


def _check_out(out: Path) -> None:
    if out.suffix not in ("", ".mp4"):
        raise ConfigError(f"output '{out.name}'", "FILE.mp4, or a folder for frames", "Change the name")
    if out.suffix == "" and out.exists():
        raise ConfigError("the folder exists", "a new one for the frames", "Choose another name", file=out)


def _rate(source: VideoSource, fps: float | None) -> float:
    rate = fps if fps is not None else source.fps
    if rate is None:
        raise ConfigError("the frame rate is unknown", "frames per second", "Give --fps", file=source.path)
    return rate


def _magnified(
    source: VideoSource,
    frames: Iterator[tuple[int, np.ndarray]],
    first: np.ndarray,
    magnifier: Magnifier,
    rate: float,
    factor: float,
    params: dict[str, Any],
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield number, frame and magnified frame."""
    step, length = in_blocks(magnifier.name, first, rate, factor, **params), _block_length(first)
    if step is None:
        _check_memory(source, first)
        length = None

        def step(clip: np.ndarray) -> np.ndarray:
            return magnifier.magnify(clip, rate, factor, **params)

    while block := list(islice(frames, length)):
        clip = np.stack([frame for _, frame in block])
        for (number, frame), result in zip(block, step(clip), strict=True):
            yield number, frame, result


def _block_length(frame: np.ndarray) -> int:
    return max(1, min(BLOCK, _BLOCK_PIXELS // (frame.shape[0] * frame.shape[1])))


def _check_memory(source: VideoSource, first: np.ndarray) -> None:
    """Refuse a clip that a method must hold as a whole and the machine cannot."""
    needed = (source.n_frames or 0) * first.shape[0] * first.shape[1] * _WHOLE_CLIP_BYTES
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > free:
        raise ConfigError(
            f"a filter over the whole clip of {source.n_frames} frames needs about {needed / 1e9:.1f} GB",
            f"at most {free / 1e9:.1f} GB, what is free",
            "Cut the video, or choose settings with a recursive filter (no ideal or fir)",
            file=source.path,
        )


def beside(before: np.ndarray, after: np.ndarray, captions: tuple[str, str]) -> np.ndarray:
    """Two frames (H, W, 3) side by side under a line of captions, uint8 (H + 24, 2 W, 3)."""
    height, width = before.shape[:2]
    picture = np.zeros((height + _CAPTION, 2 * width, 3), np.uint8)
    picture[_CAPTION:, :width], picture[_CAPTION:, width:] = before, after
    for text, left in zip(captions, (0, width), strict=True):
        scale = min(0.5, 0.5 * (width - 12) / cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0])
        place = (left + 6, _CAPTION - 8)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255,) * 3, 1, cv2.LINE_AA)
    return picture


@contextmanager
def _writer(
    out: Path, fps: float, size: tuple[int, int], about: dict[str, Any]
) -> Iterator[Callable[[int, np.ndarray], None]]:
    """Open the film or the folder; it appears whole or not at all."""
    text = json.dumps(about, sort_keys=True)
    if out.suffix == ".mp4":
        with write_mp4(out, fps=fps, size=size, comment=text) as append:
            yield lambda number, frame: append(frame)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        write_text(folder / "magnified.json", text + "\n")
        yield lambda number, frame: _write_png(folder / f"{number:06d}.png", frame)
        folder.chmod(0o755)
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_png(path: Path, frame: np.ndarray) -> None:
    if not cv2.imwrite(str(path), frame[..., ::-1]):
        raise DataError("the frame cannot be written", "room on the disk", "Free some", file=path)
