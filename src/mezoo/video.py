"""Frames in, by frame number: one interface for image folders and video files; frames out as H.264.

Frame numbers are the corpus's own: the last integer of the file stem for a folder of images (names are
padded, unpadded or mixed, so positions in a sorted listing mean nothing), 1..n for a video file.
One frame is held at a time. Decoding runs on one thread: many videos are processed side by side.
"""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from mezoo.atomic import publish
from mezoo.errors import DataError
from mezoo.frame_names import frame_number

_LONGEST = 10_000_000  # frame numbers from the first to the last, 14 hours at 200 fps
_JPEG_START, _JPEG_SCAN, _JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"


def index_frames(folder: str | Path) -> dict[int, str]:
    """Find the frames of a folder by number, never by position.

    Parameters
    ----------
    folder : Path
        Holds one image (jpg, jpeg, png, bmp) per frame; anything else is ignored, and so are hidden
        files (``.DS_Store``, ``._*``) and ``Thumbs.db``.

    Returns
    -------
    dict of int to str
        Frame number (last integer of the stem) -> file name, in the order of the numbers. Empty when
        the folder holds no frame.

    Raises
    ------
    DataError
        The folder is absent, or two files have the same number.
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise DataError(
            f"the folder of frames cannot be read ({error.strerror})",
            "a folder with one image per frame",
            "Check the path of the corpus in the configuration",
            file=folder,
        ) from error
    found: dict[int, str] = {}
    for name in names:
        number = frame_number(name)
        if number is None:
            continue
        if number in found:
            raise DataError(
                f"frame {number} has two files ({found[number]}, {name})",
                "one file per frame number",
                "Remove the one that does not belong to the release",
                file=folder,
            )
        found[number] = name
    return dict(sorted(found.items()))


class VideoSource(ABC):
    """Frames of one video in the order of their numbers.

    Attributes
    ----------
    path : Path
    fps : float or None
        Frames per second as the file declares them; None for a folder.
    first : int
        Number of the first frame.
    n_frames : int or None
        Frames from the first to the last number, gaps included; None when a file does not state it.
    missing : frozenset of int
        Numbers between the first and the last that have no file (always empty for a video file).
    variable_fps : bool
        Whether the intervals between the frames read so far differ (by more than half of the shortest).
    """

    path: Path
    fps: float | None = None
    first: int = 1
    n_frames: int | None = None
    missing: frozenset[int] = frozenset()
    variable_fps: bool = False

    def iter_frames(
        self, numbers: Sequence[int] | None = None, *, stride: int = 1, gray: bool = True
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Stream frames without holding more than one.

        Parameters
        ----------
        numbers : sequence of int, optional
            Frame numbers wanted, ascending; all frames from the first to the last when absent.
        stride : int
            Keep every `stride`-th of these, beginning with the first.
        gray : bool
            Grey levels (the image's luma) or RGB.

        Yields
        ------
        number : int
        frame : ndarray, uint8, shape (H, W) or (H, W, 3)

        Raises
        ------
        DataError
            A frame is missing, unreadable or of another size than the frames before it, or the file
            ends before its stated end; the frames before that are yielded first.
        """
        size: tuple[int, ...] | None = None
        for number, frame in self._read(numbers, stride, gray):
            if size is not None and frame.shape != size:
                raise DataError(
                    f"frame {number} has {frame.shape[1]}x{frame.shape[0]} pixels, those before it "
                    f"{size[1]}x{size[0]}",
                    "one frame size per video",
                    "Check the copy of this video, or split it",
                    file=self.path,
                )
            size = frame.shape
            yield number, frame

    @abstractmethod
    def _read(self, numbers, stride, gray) -> Iterator[tuple[int, np.ndarray]]: ...


class FrameFolder(VideoSource):
    """A folder with one image per frame; `missing_frames` tells what a gap in the numbers means."""

    def __init__(self, path: Path, missing_frames: Literal["fail", "hold"]) -> None:
        self.path, self._hold = path, missing_frames == "hold"
        self._names = index_frames(path)
        if not self._names:
            raise DataError(
                "the folder holds no frame",
                "images (jpg, png, bmp) whose names end with the frame number",
                "Check that the archive was unpacked completely, or exclude the video",
                file=path,
            )
        self.first, last = min(self._names), max(self._names)
        if last - self.first >= _LONGEST:
            raise DataError(
                f"the frame numbers reach from {self.first} to {last}",
                f"at most {_LONGEST} numbers",
                "Remove the file that does not belong to the video",
                file=path,
            )
        self._all = range(self.first, last + 1)
        self.n_frames = len(self._all)
        self.missing = frozenset(self._all) - self._names.keys()

    def _read(self, numbers, stride, gray):
        for number in (self._all if numbers is None else numbers)[::stride]:
            yield number, self._image(number, gray)

    def _image(self, number: int, gray: bool) -> np.ndarray:
        name = self._names.get(number)
        if name is None and self._hold and number in self.missing:
            name = self._names[max(present for present in self._names if present < number)]
        if name is None:
            raise self._absent(number)
        data = (self.path / name).read_bytes()
        # a JPEG that was cut off is completed with grey by some decoders: its last scan has no end mark
        whole = not data.startswith(_JPEG_START) or data.rfind(_JPEG_END) > data.rfind(_JPEG_SCAN)
        mode = cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR_RGB
        frame = cv2.imdecode(np.frombuffer(data, np.uint8), mode) if data and whole else None
        if frame is None:
            raise DataError(
                f"frame {number} cannot be decoded ({len(data)} bytes)",
                "a whole jpg, png or bmp image",
                "Copy the file again, or exclude the video",
                file=self.path / name,
            )
        return frame

    def _absent(self, number: int) -> DataError:
        before, after = (n for n in self._names if n < number), (n for n in self._names if n > number)
        around = [n for n in (max(before, default=None), min(after, default=None)) if n is not None]
        exist = f"{around[0]}, {around[1]} exist" if len(around) == 2 else f"{around[0]} exists"
        return DataError(
            f"frame {number} is missing ({exist})",
            "a file for every frame number",
            "Copy it again, or set missing_frames: hold to repeat the frame before it",
            file=self.path,
        )


class VideoFile(VideoSource):
    """A video file in any container and codec that FFmpeg decodes; portrait videos come upright."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as container:
            stream = container.streams.video[0]
            rate = stream.average_rate or stream.guessed_rate
            self.fps = float(rate) if rate else None
            self.n_frames = stream.frames or None
            self._end = self._stated_end(container, stream)

    @contextmanager
    def _open(self):
        try:
            container = av.open(str(self.path))
        except (OSError, av.error.FFmpegError) as error:
            raise DataError(
                f"the video file cannot be opened ({error.strerror})",
                "a whole video file in a format that FFmpeg reads",
                "Copy the file again: an incomplete copy lacks its index",
                file=self.path,
            ) from error
        with container:
            if not container.streams.video:
                raise DataError("the file holds no video", "a video stream", "Check the path", file=self.path)
            yield container

    def _stated_end(self, container, stream) -> float | None:
        """Time in seconds at which the last frame ends by the container's word; None when it is silent."""
        if "mp4" in container.format.name and stream.duration:
            # frames cut away by an edit list are counted in `frames` but not in the duration
            return float(((stream.start_time or 0) + stream.duration) * stream.time_base)
        if stream.frames and self.fps:
            return stream.frames / self.fps
        if container.duration and len(container.streams) == 1:
            return container.duration / av.time_base
        return None

    def _read(self, numbers, stride, gray):
        wanted = None if numbers is None else iter(numbers[::stride])
        target = 1 if wanted is None else next(wanted, None)
        for number, frame in self._decode():
            if target is None:
                return
            if number < target:
                continue
            turned = np.rot90(frame.to_ndarray(format="gray" if gray else "rgb24"), frame.rotation // 90)
            yield number, np.ascontiguousarray(turned)
            target = number + stride if wanted is None else next(wanted, None)
        if wanted is not None and target is not None:
            raise self._short(target - 1, f"frame {target} is beyond the end")

    def _decode(self) -> Iterator[tuple[int, av.VideoFrame]]:
        number, time, shortest, longest = 0, 0.0, np.inf, 0.0
        with self._open() as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            frames = container.decode(stream)
            while (frame := self._next(frames, number)) is not None:
                if number and frame.time is not None:
                    shortest, longest = min(shortest, frame.time - time), max(longest, frame.time - time)
                    self.variable_fps = bool(longest > 1.5 * shortest)
                number, time = number + 1, frame.time if frame.time is not None else time
                yield number, frame
        period = (longest if self.variable_fps else 1 / self.fps) if self.fps else 0.0
        if self._end is not None and time + 1.5 * period < self._end and number < (self.n_frames or np.inf):
            raise self._short(number, "it ends early")

    def _next(self, frames: Iterator[av.VideoFrame], number: int) -> av.VideoFrame | None:
        try:
            frame = next(frames, None)
        except av.error.FFmpegError as error:
            raise self._short(number, f"frame {number + 1} is damaged ({error.strerror})") from error
        if frame is not None and frame.is_corrupt:
            raise self._short(number, f"frame {number + 1} is damaged")
        return frame

    def _short(self, number: int, why: str) -> DataError:
        stated = self.n_frames or (round(self._end * self.fps) if self._end and self.fps else None)
        found = f"decoded {number} of {stated or 'an unknown number of'} frames: {why}"
        return DataError(found, "a whole video file", "Copy the file again", file=self.path)


def open_video(path: str | Path, *, missing_frames: Literal["fail", "hold"] = "fail") -> VideoSource:
    """Open a folder of frames or a video file.

    Parameters
    ----------
    path : Path
        Folder of images or video file.
    missing_frames : {'fail', 'hold'}
        What a number without a file inside a folder means: an error, or the frame before it once more.
        ``fail`` is the default because a repeated frame is motionless and the next one moves twofold.

    Returns
    -------
    VideoSource

    Raises
    ------
    DataError
        The path is absent or no video, or the folder holds no frame.
    """
    path = Path(path)
    return FrameFolder(path, missing_frames) if path.is_dir() else VideoFile(path)


@contextmanager
def write_mp4(
    path: str | Path, *, fps: float, size: tuple[int, int], comment: str = "", preset: str = "medium"
) -> Iterator[Callable[[np.ndarray], None]]:
    """Write an H.264 video (yuv420p) that appears under its name whole or not at all.

    Parameters
    ----------
    path : Path
    fps : float
        Frames per second.
    size : tuple of int
        (height, width) of the frames. H.264 needs even sizes: an odd one is padded by repeating the
        last row or column.
    comment : str
        Text that is kept in the file, e.g. how the frames were made.
    preset : str
        Of x264: ``veryfast`` takes about a third of the time, for films that are only looked at.

    Yields
    ------
    append : callable
        Takes one frame, uint8, shape (H, W) grey or (H, W, 3) RGB.
    """
    path, (height, width) = Path(path), size
    pad = ((0, height % 2), (0, width % 2))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        with av.open(name, "w", format="mp4") as container:
            if comment:
                container.metadata["comment"] = comment
            stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
            stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
            # The same frames give the same bytes on any processor and with any number of them.
            stream.options = {"crf": "16", "preset": preset, "x264-params": "cpu-independent=1"}
            stream.codec_context.thread_count = 1

            def append(frame: np.ndarray) -> None:
                if frame.shape[:2] != size:
                    raise ValueError(f"frame of shape {frame.shape} in a video of {size}")
                padded = np.pad(frame, pad if frame.ndim == 2 else (*pad, (0, 0)), mode="edge")
                image = av.VideoFrame.from_ndarray(padded, format="gray" if frame.ndim == 2 else "rgb24")
                container.mux(stream.encode(image))

            yield append
            container.mux(stream.encode(None))
        publish(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
