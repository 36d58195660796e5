"""Which expressions of one's own video are recognised: intervals of a file or of options, in frames or seconds.

Frames are numbered as `mezoo.video` does: by their names in a folder, from 1 in a file. Second 0 is the first frame.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mezoo.errors import ConfigError

_PLACES = ("onset", "apex", "offset")


@dataclass(frozen=True)
class Interval:
    """One expression in frame numbers; the apex is None where it is to be searched.

    Attributes
    ----------
    name : str
        Unique in its video.
    onset, offset : int
        Both included.
    apex : int or None
    kind : str
        ``micro``, ``macro``, or empty where nobody says.
    """

    name: str
    onset: int
    apex: int | None
    offset: int
    kind: str = ""


@dataclass(frozen=True)
class FrameClock:
    """Numbers of the first and last frame of a video, and its frames per second."""

    first: int
    last: int
    fps: float

    def frame(self, text: str, what: str, file: Path | None = None) -> int:
        """Frame number of ``12``, or of ``0.4s``; `ConfigError` for anything else or outside the video."""
        text = text.strip()
        try:
            if text.endswith("s"):
                number = self.first + round(float(text[:-1]) * self.fps)
            else:
                number = int(text)
        except (ValueError, OverflowError):
            raise ConfigError(
                f"{what} '{text}'", "a frame number, or seconds as 0.4s", "Correct it", file=file
            ) from None
        if not self.first <= number <= self.last:
            raise ConfigError(
                f"{what} {text}", f"a frame from {self.first} to {self.last}", "Correct it", file=file
            )
        return number

    def seconds(self, number: int) -> float:
        """Time of a frame."""
        return (number - self.first) / self.fps


def interval_of(
    places: Mapping[str, str], clock: FrameClock, *, name: str, kind: str = "", file: Path | None = None
) -> Interval:
    """Understand the places of one expression; without an apex it is to be searched.

    Parameters
    ----------
    places : mapping
        ``onset``, ``apex``, ``offset`` -> text as `FrameClock.frame` reads it; empty or absent: the first frame of
        the video, none, the last frame.
    clock : FrameClock
    name, kind : str
        See `Interval`.
    file : Path, optional
        Named in errors.
    """
    given = {place: places.get(place, "").strip() for place in _PLACES}
    onset = clock.frame(given["onset"], "onset", file) if given["onset"] else clock.first
    offset = clock.frame(given["offset"], "offset", file) if given["offset"] else clock.last
    apex = clock.frame(given["apex"], "apex", file) if given["apex"] else None
    if not onset < (offset if apex is None else apex) <= offset:
        raise ConfigError(
            f"onset {onset}, apex {'none' if apex is None else apex}, offset {offset}",
            "onset before apex, apex not after offset",
            "Correct the interval",
            item=name,
            file=file,
        )
    return Interval(name, onset, apex, offset, kind)


def read_intervals(path: Path, video: str, clock: FrameClock) -> list[Interval]:
    """Read the intervals of one video, e.g. ``intervals.csv`` of `mezoo spot`.

    Parameters
    ----------
    path : Path
        CSV file with the columns onset and offset (frames, or seconds as ``0.4s``), or onset_s and offset_s
        (seconds); may have apex or apex_s, type, interval (a name) and video (rows of other videos are left out).
    video : str
        Name of the video without suffix.
    clock : FrameClock

    Raises
    ------
    ConfigError
        It cannot be read, lacks a column, or a row cannot be understood.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            columns, rows = set(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeError, csv.Error) as error:
        raise ConfigError(
            f"the intervals cannot be read ({error})", "a CSV file", "Check its path", file=path
        ) from error
    if lacking := [place for place in ("onset", "offset") if not {place, f"{place}_s"} & columns]:
        raise ConfigError(
            f"no column {' and no column '.join(lacking)}",
            "onset and offset in frames, or onset_s and offset_s in seconds",
            "Add them",
            file=path,
        )
    found = []
    for number, row in enumerate(rows, start=1):
        if Path((row.get("video") or video).strip()).stem != video:
            continue
        name = (row.get("interval") or "").strip() or str(number)
        places = {place: _cell(row, place) for place in _PLACES}
        found.append(interval_of(places, clock, name=name, kind=(row.get("type") or "").strip(), file=path))
    if len({interval.name for interval in found}) < len(found):
        raise ConfigError("two intervals of one name", "each name once", "Correct the file", file=path)
    return found


def _cell(row: Mapping[str, str | None], place: str) -> str:
    """Text of a place: its frame where there is one, else its seconds."""
    seconds = (row.get(f"{place}_s") or "").strip()
    return (row.get(place) or "").strip() or (f"{seconds.removesuffix('s')}s" if seconds else "")
