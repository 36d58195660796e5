"""Magnify any video, as `mezoo magnify` does: frames in, frames out, in blocks where the method allows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mezoo.errors import ConfigError
from mezoo.film import CAPTION, beside, check_out, write_frames
from mezoo.magnify.frames import BLOCK
from mezoo.magnify.registry import Magnifier, get_magnifier
from mezoo.magnify.streaming import in_blocks
from mezoo.video import VideoSource, open_video

#: Total factor without preset.
_FACTOR = 4.0
#: Pixels in a block: the phase method holds about 100 bytes for each.
_BLOCK_PIXELS = 4_000_000
#: Bytes per pixel and frame that a method needs for a whole clip: the phase method's two spectra.
_WHOLE_CLIP_BYTES = 60


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
    ``about.json`` beside the images.

    Parameters
    ----------
    video : Path
        Video file or folder of frames.
    out : Path
        ``.mp4``, or a folder for images with the frame numbers of the source, absent or empty.
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
    check_out(out)
    source = open_video(video)
    rate = _rate(source, fps)
    about = {"factor": factor, "fps": rate, "preset": preset, **magnifier.describe(**params)}
    frames = source.iter_frames(gray=False)
    number, first = next(frames)
    pairs = _magnified(source, chain([(number, first)], frames), first, magnifier, rate, factor, params)
    captions = ("original", f"{method}, {factor:g} x")
    height, width = first.shape[:2]
    size = (height + CAPTION, 2 * width) if side_by_side else (height, width)
    # disable=None: a bar on a terminal only
    bar = tqdm(total=source.n_frames, desc=method, unit="frame", disable=None)
    with bar, write_frames(out, fps=source.fps or rate, size=size, about=about) as append:
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

    def whole(clip: np.ndarray) -> np.ndarray:
        return magnifier.magnify(clip, rate, factor, **params)

    streamed = in_blocks(magnifier.name, first, rate, factor, **params)
    if streamed is None:
        _check_memory(source, first)
    step, length = streamed or whole, _block_length(first) if streamed else None
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
