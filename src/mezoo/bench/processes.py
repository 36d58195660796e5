"""One command of mezoo in a process of its own: how long it took, how much memory it held, what it wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DataError

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_LOOK = 0.02  # seconds between two looks at the memory of a process


@dataclass(frozen=True)
class Step:
    """One process: seconds, peak of its resident memory and size of its artifact in bytes."""

    seconds: float
    memory: int
    disk: int


def check_system() -> None:
    """Raise `ConfigError` where the memory of a process cannot be read."""
    if not Path("/proc/self/status").is_file():
        raise ConfigError("a system without /proc", "Linux", "Run the benchmark on Linux")


def run_step(arguments: Sequence[str], out: Path, settings: Mapping[str, Any] | None = None) -> Step:
    """Run one command of mezoo that writes one artifact, in a process of its own with one thread.

    Raises
    ------
    DataError
        The command failed, or wrote a failed artifact.
    """
    command = [sys.executable, "-m", "mezoo", *arguments, "-o", str(out)]
    command += ["--threads", "1", *(["--settings", json.dumps(settings)] if settings else [])]
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=os.environ | _ONE_THREAD, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        with ThreadPoolExecutor(1) as watcher:
            memory = watcher.submit(_peak_memory, process.pid)
            _, errors = process.communicate()
        seconds = time.perf_counter() - start
    if process.returncode:
        said = errors.strip().splitlines() or ["no message"]
        raise DataError(
            f"mezoo {arguments[0]} ended with status {process.returncode}: {said[-1]}",
            "a run without errors",
            "Run this step alone",
        )
    with Artifact(out) as artifact:
        if not artifact.ok:
            raise DataError(artifact.reason, "a video that can be processed", "Take another video")
    return Step(seconds, memory.result(), out.stat().st_size)


def _peak_memory(pid: int) -> int:
    """Watch a process until it ends; peak of its resident memory in bytes.

    Not from `resource`: what the system reports there for a child begins with the memory of its parent.
    """
    peak = 0
    while True:
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return peak
        high = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        if not high:  # it has ended and waits to be collected
            return peak
        peak = max(peak, int(high[0]) * 1024)
        time.sleep(_LOOK)
