"""Facts of the machine, read from the system: a figure of speed means nothing without them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: Distributions whose version can change a figure.
_LIBRARIES = (
    "numpy", "numba", "llvmlite", "opencv-contrib-python-headless", "dlib-bin", "av", "h5py", "hdf5plugin",
    "scipy", "scikit-image", "torch",
)  # fmt: skip
#: Vector extensions worth telling, as Linux names them (x86 and ARM).
_VECTOR = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "asimd", "sve", "sve2")
#: Runnable processes (mean of the last minute) from which on timings of one core are doubtful.
_BUSY = 0.5
_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


@dataclass(frozen=True)
class Machine:
    """What a figure was measured on.

    Attributes
    ----------
    cpu : str
    cores, usable_cores : int
        Processors of the system, and those this process may use.
    vector : tuple of str
        Vector extensions of the processor, as far as the system names them.
    caches : dict of str to int
        ``L1d``, ``L2``, ``L3`` -> bytes, as one core sees them; empty where the system does not tell.
    memory : int
        Bytes of main memory.
    gpus : tuple of str
        Names of NVIDIA's, as ``nvidia-smi`` tells them.
    system, python : str
    libraries : dict of str to str
        Distribution -> version, of those that are installed.
    load : float
        Mean number of runnable processes in the minute before the start.
    """

    cpu: str
    cores: int
    usable_cores: int
    vector: tuple[str, ...]
    caches: dict[str, int]
    memory: int
    gpus: tuple[str, ...]
    system: str
    python: str
    libraries: dict[str, str]
    load: float

    @property
    def warning(self) -> str:
        """Why figures measured now are doubtful; empty when nothing speaks against them."""
        if self.load <= _BUSY:
            return ""
        return f"the machine is busy (load {self.load:.2f}): trust the ratios, not the seconds"


def machine() -> Machine:
    """Read the facts of this machine; what a system does not tell stays empty."""
    name, flags = _cpu()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Machine(
        cpu=name,
        cores=os.cpu_count() or 1,
        usable_cores=usable or 1,
        vector=tuple(flag for flag in _VECTOR if flag in flags),
        caches=_caches(),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        gpus=_gpus(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries=_versions(),
        load=os.getloadavg()[0],
    )


def _cpu() -> tuple[str, set[str]]:
    """Model of the processor and its flags."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine(), set()
    rows = [line.split(":", 1) for line in text.splitlines() if ":" in line]
    facts = {key.strip(): value.strip() for key, value in reversed(rows)}  # the first processor wins
    flags = facts.get("flags") or facts.get("Features") or ""
    return facts.get("model name") or platform.machine(), set(flags.split())


def _caches() -> dict[str, int]:
    """Bytes of the data caches of the first processor."""
    found = {}
    for folder in sorted(_CACHES.glob("index*")):
        level, kind, size = (
            (folder / name).read_text(encoding="utf-8").strip() for name in ("level", "type", "size")
        )
        if kind != "Instruction":
            unit = {"K": 2**10, "M": 2**20, "G": 2**30}[size[-1]]
            found[f"L{level}d" if kind == "Data" else f"L{level}"] = int(size[:-1]) * unit
    return found


def _gpus() -> tuple[str, ...]:
    if shutil.which("nvidia-smi") is None:
        return ()
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    told = subprocess.run(command, capture_output=True, text=True)
    return tuple(told.stdout.splitlines()) if told.returncode == 0 else ()


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
