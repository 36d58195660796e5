"""Files that appear whole or not at all: temporary name in the same folder, fsync, rename."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def temporary_for(path: Path) -> Path:
    """Make an empty temporary file beside `path`; what a killed writer of the same file left is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        leftover.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    return Path(name)


def publish(temporary: str | Path, path: str | Path) -> None:
    """Flush a finished temporary file to the disk and give it its final name, atomically."""
    with open(temporary, "rb+") as handle:
        os.fsync(handle.fileno())
    os.chmod(temporary, 0o666 & ~_umask())
    os.replace(temporary, path)
    folder = os.open(Path(path).parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the rename itself must survive a power cut
    finally:
        os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a small file whole or not at all (temporary name, fsync, rename)."""
    temporary = temporary_for(Path(path))
    try:
        temporary.write_bytes(content)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a small text file as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


@contextmanager
def new_folder(path: str | Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends it takes the place of `path`, after an error nothing does."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield work
        work.chmod(0o777 & ~_umask())
        shutil.rmtree(path, ignore_errors=True)
        os.replace(work, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
