"""Interpolate any video: block by block where a method looks at two neighbours only, with a look beside the source.

What ``mezoo interpolate`` does. A block is some frames and the first one of the next block, so memory does not grow
with the video; a method that fits a curve through all frames (TIM) needs the whole clip, up to `MOST_BYTES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mezoo.errors import ConfigError
from mezoo.film import CAPTION, beside, check_out, write_frames
from mezoo.interpolate.clips import even_positions
from mezoo.interpolate.registry import Interpolator, get_interpolator
from mezoo.interpolate.rife_origin import trained_on
from mezoo.interpolate.stage import learned_settings
from mezoo.video import VideoSource, open_video

#: Source frames, their results and the source beside them that a method which needs a whole clip may hold.
MOST_BYTES = 2_000_000_000
#: Frames per second of what is made of a folder, which tells no rate.
FPS = 25.0
_BLOCK = 16


@dataclass(frozen=True)
class Made:
    """What came out: frames read and written, frames per second of the result."""

    n_source: int
    n: int
    fps: float


def interpolate_video(
    video: str | Path,
    out: str | Path,
    *,
    method: str = "flow_warp",
    frames: int | None = None,
    factor: int | None = None,
    fps: float | None = None,
    weights: str | Path | None = None,
    side_by_side: bool = False,
) -> Made:
    """Bring a video to a number of frames, or make `factor` frames of each, and write it.

    Parameters
    ----------
    video : Path
        Video file or folder of frames.
    out : Path
        ``.mp4``, or a folder for images, absent or empty.
    method : str
        See `get_interpolator`.
    frames : int, optional
        Frames of the result, at least 2, the first and the last one included.
    factor : int, optional
        New frames per interval of the source; (T - 1) factor + 1 in all. One of both is given.
    fps : float, optional
        Of the result; so many that it lasts as long as the source when absent, 25 for a folder of frames.
    weights : Path, optional
        For a learned method.
    side_by_side : bool
        The source, each frame held until the next one, on the left, with captions.

    Returns
    -------
    Made

    Raises
    ------
    ConfigError
        Wrong usage, or a clip too large for a method that needs all of it at once.
    DataError
        The video cannot be read.
    """
    _check(frames, factor, fps, Path(out))
    chosen = get_interpolator(method)
    params = learned_settings(chosen, weights)
    about = chosen.describe(**params)  # fails early without weights
    source = open_video(video)
    n_source, shape = _count(source)
    places = even_positions(n_source, frames or (n_source - 1) * (factor or 1) + 1)
    if not chosen.local:
        _check_memory(chosen, n_source, len(places), shape)
    rate = fps or (source.fps * (len(places) - 1) / (n_source - 1) if source.fps else FPS)
    size = (shape[0] + CAPTION, 2 * shape[1]) if side_by_side else (shape[0], shape[1])
    about |= {"frames": len(places), "frames_of_source": n_source}
    if (corpora := trained_on(weights)) is not None:
        about["weights_trained_on"] = corpora
    captions = ("original", f"{method}, {n_source} -> {len(places)} frames")
    number = 0
    # disable=None: a bar on a terminal only
    bar = tqdm(total=len(places), desc=method, unit="frame", disable=None)
    with bar, write_frames(Path(out), fps=rate, size=size, about=about) as append:
        for block, inside in _blocks(source, places, _BLOCK if chosen.local else n_source):
            for image, place in zip(chosen.at(block, inside, **params), inside, strict=True):
                held = block[int(place)]
                number += 1
                append(number, beside(held, image, captions) if side_by_side else image)
                bar.update()
    return Made(n_source, len(places), rate)


def _check(frames: int | None, factor: int | None, fps: float | None, out: Path) -> None:
    if (frames is None) == (factor is None) or (frames or 2) < 2 or (factor or 1) < 1:
        raise ConfigError(
            f"frames {frames or 'not given'}, factor {factor or 'not given'}",
            "one of them: at least 2 frames, or a factor of at least 1",
            "Give --frames N or --factor K",
        )
    if fps is not None and not 0 < fps <= 1000:
        raise ConfigError(f"{fps} frames per second", "more than 0, at most 1000", "Correct --fps")
    check_out(out)


def _count(source: VideoSource) -> tuple[int, tuple[int, ...]]:
    """Count the frames, those of a file by decoding it; tell also their shape (H, W, 3)."""
    n, shape = 0, (0, 0, 3)
    for _, frame in source.iter_frames(gray=False):
        n, shape = n + 1, frame.shape
        if source.path.is_dir():
            n = source.n_frames or 0
            break
    if n < 2:
        raise ConfigError(f"a video of {n} frame(s)", "at least 2", "Take a longer video", file=source.path)
    return n, shape


def _check_memory(method: Interpolator, n_source: int, n: int, shape: tuple[int, ...]) -> None:
    each = int(np.prod(shape))
    needed = (2 * n_source + n) * each  # read one by one, then put together
    if needed > MOST_BYTES:
        raise ConfigError(
            f"{n_source} frames of {shape[1]}x{shape[0]} px for {n} new ones, all at once"
            f" ({needed / 1e9:.1f} GB)",
            f"at most {MOST_BYTES / 1e9:.0f} GB for {method.name}: the new frames and twice the source,"
            f" here {MOST_BYTES // each} frames in all",
            "Cut the expression out of the video, or take linear, flow_warp or rife, which stream",
        )


def _blocks(
    source: VideoSource, places: NDArray[np.float64], size: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float64]]]:
    """Blocks of source frames with the places (counted in the block) that lie between them, in order.

    A block ends with the first frame of the next one; a place at that frame belongs to the next one.
    """
    stream = (frame for _, frame in source.iter_frames(gray=False))
    held, first = [next(stream)], 0
    while more := list(islice(stream, size)):
        held += more
        end = first + len(more)
        inside = places[(places >= first) & (places < end)]
        if len(inside):
            yield np.stack(held), inside - first
        held, first = held[-1:], end
    yield np.stack(held), places[places >= first] - first  # the last frame
