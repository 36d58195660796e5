"""Any video as frames at an even rate: what a phone, a camera or a folder of images holds, upright.

The corpora are read strictly (`mezoo.video`): there a damaged frame is a fault of the copy. Here as much as
possible is used: frames that cannot be decoded are left out and counted. Frames are placed on an even grid of
time, since phones record at a varying rate; a rate far above what expressions need is thinned out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.errors import DataError
from mezoo.video import FrameFolder, open_video

#: Frames per second above which a video is thinned out, and about how many are then kept.
_FASTEST, _KEPT = 40.0, 30.0
#: Intervals between frames that differ by more than this factor are a varying rate.
_VARYING = 1.5
#: Seconds for which a frame stands for those after it.
_STALE = 0.2
#: Longest video, in frames: two hours at 60 per second.
_LONGEST = 432_000
#: Assumed of a folder of frames, which states no rate.
FOLDER_FPS = 30.0


@dataclass(frozen=True, eq=False)
class Reel:
    """A video on an even grid of time; tick k is at k / `rate` seconds.

    Attributes
    ----------
    path : Path
    numbers : ndarray, int64, shape (T,)
        Frame number shown at each tick (1, 2, ... in a file; a folder has its own numbers).
    rate : float
        Ticks per second.
    stride : int
        Frames of the video per tick.
    size : tuple of int
        (H, W) of the upright frames.
    n_read, n_damaged : int
        Frames that could be decoded, and pieces that could not.
    varying : bool
        Whether the frame rate of the file varies.
    assumed : bool
        Whether the rate is assumed, as for a folder of frames.
    stale : ndarray, bool, shape (T,)
        Ticks at which an old frame is still shown, because those after it are damaged or were not recorded.
    """

    path: Path
    numbers: NDArray[np.int64]
    rate: float
    stride: int
    size: tuple[int, int]
    n_read: int
    n_damaged: int
    varying: bool
    assumed: bool
    stale: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def fps(self) -> float:
        """Mean frames per second of the video itself."""
        return self.rate * self.stride

    def frames(self, *, longest: int | None = None, gray: bool = True) -> Iterator[tuple[int, np.ndarray]]:
        """Yield tick and frame, uint8 (H, W) or (H, W, 3); reduced to at most `longest` px on its longer side."""
        wanted, tick = self.numbers, 0
        for shot in shots(self.path):
            if tick < len(wanted) and shot.number == wanted[tick]:
                picture = shot.picture(longest, gray)
                if longest is None and picture.shape[:2] != self.size:
                    picture = cv2.resize(picture, self.size[::-1], interpolation=cv2.INTER_AREA)
                while tick < len(wanted) and shot.number == wanted[tick]:
                    yield tick, picture
                    tick += 1
            if tick == len(wanted):
                return


@dataclass(frozen=True, eq=False)
class Shot:
    """One decoded frame: number, time in seconds if known, and (H, W) when upright."""

    number: int
    time: float | None
    image: av.VideoFrame | np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the upright frame."""
        if isinstance(self.image, np.ndarray):
            return self.image.shape[0], self.image.shape[1]
        height, width = self.image.height, self.image.width
        return (width, height) if self.image.rotation % 180 else (height, width)

    def picture(self, longest: int | None, gray: bool) -> np.ndarray:
        """Pixels of the upright frame, grey or RGB, reduced to `longest` px on the longer side."""
        height, width = self.size
        scale = 1.0 if longest is None else min(1.0, longest / max(height, width))
        height, width = (max(2, round(side * scale)) for side in (height, width))
        if isinstance(self.image, np.ndarray):
            image = (
                self.image
                if scale == 1
                else cv2.resize(self.image, (width, height), interpolation=cv2.INTER_AREA)
            )
            return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if gray else image
        turns = self.image.rotation // 90
        if turns % 2:
            height, width = width, height
        small = self.image.reformat(width=width, height=height, format="gray" if gray else "rgb24")
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))


def shots(path: Path, damaged: list[str] | None = None, *, fps: float = FOLDER_FPS) -> Iterator[Shot]:
    """Decode all that can be decoded; the reasons why a piece could not are added to `damaged`.

    A folder of frames is taken to have `fps` frames per second.
    """
    notes: list[str] = [] if damaged is None else damaged
    return _of_folder(path, notes, fps) if path.is_dir() else _of_file(path, notes)


def _of_folder(path: Path, notes: list[str], fps: float) -> Iterator[Shot]:
    folder = open_video(path)
    assert isinstance(folder, FrameFolder) and folder.n_frames is not None
    for number in range(folder.first, folder.first + folder.n_frames):
        if number in folder.missing:
            continue
        try:
            _, image = next(folder.iter_frames([number], gray=False))
        except DataError as error:
            notes.append(error.found)
            continue
        yield Shot(number, (number - folder.first) / fps, image)


def _of_file(path: Path, notes: list[str]) -> Iterator[Shot]:
    try:
        container = av.open(str(path))
    except (OSError, av.error.FFmpegError) as error:
        raise _no_video(path, f"the file cannot be opened as a video ({error.strerror})") from error
    with container:
        if not container.streams.video:
            raise _no_video(path, "the file holds sound but no picture")
        stream = container.streams.video[0]
        stream.codec_context.thread_count = (
            1  # with more of them a damaged file decodes differently each time
        )
        rate, number = stream.average_rate or stream.guessed_rate, 0
        for frame in _decoded(container, stream, notes):
            time = float(number / rate) if frame.time is None and rate else frame.time
            number += 1
            yield Shot(number, time, frame)


def _decoded(container, stream, notes: list[str]) -> Iterator[av.VideoFrame]:
    """Frames of all packets; a damaged packet, or the frames that follow from it, are left out."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except av.error.FFmpegError as error:
            notes.append(str(error.strerror))
            if len(notes) > _LONGEST:  # a reader that cannot get past a place
                return
            continue
        for frame in frames:
            if frame.is_corrupt:
                notes.append("damaged frame")
            else:
                yield frame


def _no_video(path: Path, found: str) -> DataError:
    return DataError(
        found, "a video (mp4, mov, avi, mkv, webm ...) or a folder of images", "Check the path", file=path
    )


def lay_out(
    path: Path,
    times: list[float | None],
    numbers: list[int],
    size: tuple[int, int],
    damaged: list[str],
    target: float | None,
) -> Reel:
    """Place the frames of a video on an even grid of time.

    Parameters
    ----------
    path : Path
    times : list of float or None
        Seconds at which each decoded frame is shown.
    numbers : list of int
        Their numbers.
    size : tuple of int
    damaged : list of str
    target : float, optional
        Frames per second that are wanted; about 30 of a fast video when absent. Never more than there are.

    Raises
    ------
    DataError
        The video has a single frame: motion needs a second one.
    """
    if len(numbers) < 2:
        raise DataError(
            "the video has a single frame" if numbers else "no frame of the video can be decoded",
            "a film of at least a second: motion is what is looked for",
            "Give a longer video",
            file=path,
        )
    order = np.array([np.nan if time is None else time for time in times], float)
    known = bool(np.isfinite(order).all() and order[-1] > order[0])
    # a repeated or earlier time is a fault of the file
    seconds = np.maximum.accumulate(order - order[0]) if known else np.arange(len(numbers)) / FOLDER_FPS
    steps = np.diff(seconds)
    fps = (len(seconds) - 1) / float(seconds[-1])
    # a hole (frames that were left out) is no varying rate: the median tells
    varying = bool(np.percentile(steps, 95) > _VARYING * np.percentile(steps, 5))
    if not varying:
        fps = 1 / float(np.mean(steps[steps <= _VARYING * np.median(steps)]))
    wanted = target or (_KEPT if fps > _FASTEST else fps)
    stride = max(1, round(fps / wanted))
    rate = fps / stride
    ticks = np.arange(int(np.floor(seconds[-1] * rate + 1e-6)) + 1) / rate
    shown = np.searchsorted(seconds, ticks + 0.5 / fps, side="right") - 1
    return Reel(
        path=path,
        numbers=np.array(numbers, np.int64)[np.maximum(shown, 0)],
        rate=rate,
        stride=stride,
        size=size,
        n_read=len(numbers),
        n_damaged=len(damaged),
        varying=varying,
        assumed=path.is_dir() or not known,
        stale=ticks - seconds[np.maximum(shown, 0)] > _STALE + 1 / fps + 1e-6,
    )
