"""What a folder of frames holds by the names and sizes of its files, kept between runs.

Each folder is listed once. A second run asks a folder for its time of change only: adding, removing or
renaming a file changes it; writing other bytes into an existing file does not, then delete the cache file.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from mezoo.atomic import write_text
from mezoo.errors import DataError
from mezoo.frame_names import frame_number

CACHE_NAME = ".scan-cache"
_FORMAT = "mezoo.scan/1"
_SETTLED_NS = 2 * 10**9  # a folder changed more recently may change again within one tick of its clock


@dataclass(frozen=True)
class FolderScan:
    """Frames of one folder by name and size; nothing is decoded.

    Attributes
    ----------
    n_frames : int
        Number of frame files.
    first, last : int
        Lowest and highest frame number; 0 when there is no frame.
    gaps : tuple of (int, int)
        Runs of missing numbers between them, both ends inclusive.
    n_bytes, n_empty : int
        Size of all frames together; number of frames of 0 bytes.
    sizes : str
        Digest of (position after the first number, size) of every frame: the same for a copy with other
        names, times, place or first number.
    """

    n_frames: int
    first: int
    last: int
    gaps: tuple[tuple[int, int], ...]
    n_bytes: int
    n_empty: int
    sizes: str

    @property
    def n_missing(self) -> int:
        """Number of missing frames between the first and the last."""
        return sum(end - start + 1 for start, end in self.gaps)

    def has(self, number: int) -> bool:
        """Tell whether a frame of this number is there."""
        return self.n_frames > 0 and self.first <= number <= self.last and not self.lacks(number)

    def lacks(self, number: int) -> bool:
        """Tell whether a number lies in a gap."""
        return any(start <= number <= end for start, end in self.gaps)


def scan_folder(folder: str | Path) -> FolderScan:
    """List a folder of frames once.

    Raises
    ------
    DataError
        The folder cannot be read, holds no frame, or two files have the same number.
    """
    sizes: dict[int, int] = {}
    names: dict[int, str] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                number = frame_number(entry.name)
                if number is None:
                    continue
                size = _size(entry)
                if size is None:
                    continue
                if number in sizes:
                    raise _twice(folder, number, names[number], entry.name)
                sizes[number], names[number] = size, entry.name
    except OSError as error:
        raise DataError(
            f"the folder of frames cannot be read ({error.strerror})",
            "a folder with one image per frame",
            "Check its permissions and the disk",
            file=folder,
        ) from error
    if not sizes:
        raise DataError(
            "no frame in the folder", "at least one frame", "Will be recorded as failed", file=folder
        )
    numbers = sorted(sizes)
    text = "\n".join(f"{number - numbers[0]}:{sizes[number]}" for number in numbers)
    return FolderScan(
        n_frames=len(numbers),
        first=numbers[0],
        last=numbers[-1],
        gaps=tuple(_gaps(numbers)),
        n_bytes=sum(sizes.values()),
        n_empty=sum(size == 0 for size in sizes.values()),
        sizes=blake2b(text.encode(), digest_size=16).hexdigest(),
    )


def _size(entry: os.DirEntry[str]) -> int | None:
    """Size of a regular file; None for a folder named like a frame and for a link to nothing."""
    try:
        status = entry.stat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _gaps(numbers: list[int]) -> Iterable[tuple[int, int]]:
    for before, after in zip(numbers, numbers[1:], strict=False):
        if after > before + 1:
            yield before + 1, after - 1


def _twice(folder: str | Path, number: int, *names: str) -> DataError:
    return DataError(
        f"frame {number} has two files ({', '.join(sorted(names))})",
        "one file per frame number",
        "Remove the one that does not belong to the release",
        file=folder,
    )


class FolderScans:
    """Scans by folder: each is made once, in this run or an earlier one.

    Parameters
    ----------
    file : Path, optional
        Where the scans of earlier runs are kept. A file that cannot be understood counts as absent.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known = _load(file) if file is not None else {}
        self._used: dict[str, tuple[int, FolderScan]] = {}
        self.n_listed = 0

    def scan(self, folder: Path) -> FolderScan:
        """Give the scan of a folder; errors as `scan_folder`."""
        key = os.path.abspath(folder)
        if key in self._used:
            return self._used[key][1]
        try:
            changed = os.stat(key).st_mtime_ns
        except OSError:
            changed = -1  # scan_folder tells why
        known = self._known.get(key)
        if known is None or known[0] != changed:
            self.n_listed += 1
            is_settled = changed < time.time_ns() - _SETTLED_NS
            known = (changed if is_settled else -1, scan_folder(folder))
        self._used[key] = known
        return known[1]

    def save(self) -> None:
        """Keep the scans of this run for the next one."""
        if self._file is None:
            return
        folders = {
            key: [changed, asdict(scan)]
            for key, (changed, scan) in sorted(self._used.items())
            if changed >= 0
        }
        write_text(self._file, json.dumps({"format": _FORMAT, "folders": folders}, separators=(",", ":")))


def _load(file: Path) -> dict[str, tuple[int, FolderScan]]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT:
            return {}
        return {
            key: (changed, FolderScan(**values | {"gaps": tuple(map(tuple, values["gaps"]))}))
            for key, (changed, values) in kept["folders"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
