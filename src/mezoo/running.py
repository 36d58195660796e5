"""Who works in a folder of results: the same command goes on after a kill, two runs at once do not mix.

Snakemake locks a folder with plain files, which stay behind when it is killed. Here every run holds a
lock of the operating system for as long as it lives. The system frees it however the run ends, so the
next run can tell what a dead one left from what a living one needs.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

_HELD: list[TextIO] = []  # open until this process ends
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def enter(folder: str | Path = ".") -> None:
    """Join the runs of a folder; remove Snakemake's lock if the run that took it is dead.

    Called while the Snakefile is read, before Snakemake looks for locks. Snakemake still refuses two runs
    that would write the same files. A lock taken on another machine is left alone: whether a process
    lives there cannot be told from here.

    Parameters
    ----------
    folder : Path
        Where Snakemake works.
    """
    state = Path(folder) / ".snakemake"
    state.mkdir(exist_ok=True)
    handle = open(state / "mezoo.run", "a+", encoding="utf-8")  # noqa: SIM115  held until the end
    _HELD.append(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = _beside_another(handle, state / "locks")
    except OSError:
        return  # a file system without such locks: Snakemake's stay as they are
    else:
        message = _alone(handle, state / "locks")
    fcntl.flock(handle, fcntl.LOCK_SH)
    if message:
        print(f"mezoo: {message}", file=sys.stderr)


def _alone(handle: TextIO, locks: Path) -> str:
    """Nobody else lives here, as far as can be seen: a lock of Snakemake is one that stayed behind."""
    owner, note = _read(handle), ""
    if _is_locked(locks):
        if not _is_here(owner):
            return (
                f"a run in this folder did not end ({_name(owner)}); it cannot be seen from here. "
                "If it is dead, run `snakemake --unlock`; then the same command goes on"
            )
        shutil.rmtree(locks)
        note = f"the last run in this folder was killed ({_name(owner)}); going on where it stopped"
    _write(handle)
    return note


def _beside_another(handle: TextIO, locks: Path) -> str:
    if not _is_locked(locks):
        return ""
    return f"another run is working in this folder ({_name(_read(handle))}): wait for it, or end it"


def _is_locked(locks: Path) -> bool:
    try:
        return any(locks.iterdir())
    except FileNotFoundError:  # never made, or just now removed by a run that ends
        return False


def _name(owner: dict[str, Any]) -> str:
    return f"process {owner.get('pid', '?')} on {owner.get('host', 'an unknown machine')}"


def _read(handle: TextIO) -> dict[str, Any]:
    handle.seek(0)
    try:
        return dict(json.loads(handle.read() or "{}"))
    except ValueError:  # cut off by a power failure
        return {}


def _write(handle: TextIO) -> None:
    handle.truncate(0)
    handle.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "boot": _boot()}))
    handle.flush()


def _is_here(owner: dict[str, Any]) -> bool:
    """Whether a run was started on this machine; a container has a new name but the same kernel."""
    return owner.get("host") == socket.gethostname() or (bool(_boot()) and owner.get("boot") == _boot())


def _boot() -> str:
    return _BOOT.read_text().strip() if _BOOT.is_file() else ""


@contextmanager
def alone_in(folder: str | Path) -> Iterator[None]:
    """Wait until no other process works in `folder`, e.g. a job that outlived its killed workflow."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"mezoo: waiting for another process that works in {folder}", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without such locks
        yield
    finally:
        os.close(handle)
