"""Throughput of the whole preprocessing: raw frames -> faces -> flow -> MDMO, as a run of the workflow does it.

Every step is a process of its own, started through the command line with one thread, so that start-up, decoding
and detection are in its time, and its memory is its own. OpenCV's TV-L1 takes the place of ours in the step
``flow`` on fewer frames of the same video, in turns with ours.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mezoo.bench.methods import REFERENCE
from mezoo.bench.processes import Step, check_system, run_step
from mezoo.bench.spread import Spread
from mezoo.motion.backends import get_backend
from mezoo.video import open_video

STEPS = ("faces", "flow", "mdmo")
_OURS = "native"


@dataclass(frozen=True)
class Clip:
    """The video that is processed.

    Attributes
    ----------
    name : str
    path : Path
        Video file or folder of frames.
    fps : float
    first, n_frames, n_reference : int
        Number of the first frame; frames taken, and those taken for the reference.
    size : int or None
        Width in px to which faces are scaled; native resolution when None.
    """

    name: str
    path: Path
    fps: float
    first: int
    n_frames: int
    n_reference: int
    size: int | None = None

    @classmethod
    def of(
        cls, name: str, path: Path, *, frames: int, reference: int, fps: float = 30, size: int | None = None
    ) -> Clip:
        """Take the first `frames` frames of a video, all when it is shorter; `fps` where the file has none."""
        source = open_video(path)
        n = min(frames, source.n_frames or frames)
        return cls(name, path, source.fps or fps, source.first, n, min(reference, n), size)


@dataclass(frozen=True)
class StepRow:
    """One step of the pipeline; `opencv` differs in the step ``flow`` only.

    Attributes
    ----------
    clip, step, method : str
        `method` is the flow method of the path.
    frames : int
    rate : Spread
        Frames per second of one core.
    share : Spread
        Of the time of the path per frame, 0-1.
    memory : Spread
        Peak, bytes.
    disk : float
        Bytes per frame.
    """

    clip: str
    step: str
    method: str
    frames: int
    rate: Spread
    share: Spread
    memory: Spread
    disk: float


@dataclass(frozen=True)
class PathRow:
    """The whole path of one clip.

    Attributes
    ----------
    clip : str
    rate, reference_rate : Spread
        Frames per second of one core, with our flow and with the reference's.
    speedup : Spread
        Of ours.
    memory_ratio : Spread
        Peak of the step ``flow``, reference by ours; the other steps are the same.
    disk_ratio : float
        Bytes per frame of all artifacts, reference by ours.
    """

    clip: str
    rate: Spread
    reference_rate: Spread
    speedup: Spread
    memory_ratio: Spread
    disk_ratio: float


@dataclass(frozen=True)
class ScalingRow:
    """Videos side by side, one process each: frames per second of all, and per worker by that of one worker."""

    clip: str
    workers: int
    rate: Spread
    efficiency: Spread


def worker_counts(cores: int) -> list[int]:
    """Numbers of workers to compare: 1, 2, 4 ... and all cores."""
    return sorted({2**k for k in range(cores.bit_length()) if 2**k <= cores} | {cores})


def pipeline(
    clip: Clip, folder: Path, *, runs: int, workers: Sequence[int], done: Callable[[], object]
) -> tuple[PathRow, list[StepRow], list[ScalingRow]]:
    """Measure the pipeline on one video.

    Parameters
    ----------
    clip : Clip
    folder : Path
        For artifacts.
    runs : int
    workers : sequence of int
        Numbers of processes side by side; 1 is always measured.
    done : callable
        Called after each run.

    Raises
    ------
    ConfigError
        The system has no ``/proc`` to read the memory of a process from.
    DataError
        A step failed, or its artifact says so.
    """
    check_system()
    folder.mkdir(parents=True, exist_ok=True)
    blank = np.zeros((32, 32), np.uint8)
    get_backend(_OURS)(blank, blank)  # compiles, once per machine: the processes find the code on disk
    few = folder / f"{STEPS[0]}.h5"  # of the chain, when the reference gets all frames
    if clip.n_reference < clip.n_frames:
        few = folder / "few.h5"
        _faces(clip, few, clip.n_reference)
    ours: list[dict[str, Step]] = []
    theirs: list[Step] = []
    walls: dict[int, list[float]] = {n: [] for n in workers if n > 1}
    for _ in range(runs):
        ours.append(chain(clip, folder))
        theirs.append(_flow(few, folder / "reference.h5", REFERENCE))
        for n, spent in walls.items():
            spent.append(_side_by_side(clip, folder, n))
        done()
    path = _path_row(clip, ours, theirs)
    return path, _step_rows(clip, ours, theirs), _scaling_rows(clip, path.rate, walls)


def chain(clip: Clip, folder: Path) -> dict[str, Step]:
    """Run all steps on one video, one after the other, with artifacts in `folder`."""
    folder.mkdir(exist_ok=True)
    faces, flow, features = (folder / f"{step}.h5" for step in STEPS)
    return {
        "faces": _faces(clip, faces, clip.n_frames),
        "flow": _flow(faces, flow, _OURS),
        "mdmo": run_step(["mdmo", str(flow), str(faces)], features),
    }


def _faces(clip: Clip, out: Path, n: int) -> Step:
    record = {
        "dataset": "bench",
        "subject": "s01",
        "video": clip.name,
        "path": str(clip.path),
        "fps": clip.fps,
    }
    record |= {"first_frame": clip.first, "last_frame": clip.first + n - 1}
    return run_step(["faces", json.dumps(record)], out, {"size": clip.size} if clip.size else {})


def _flow(faces: Path, out: Path, backend: str) -> Step:
    return run_step(["flow-pair", str(faces)], out, {"backend": backend})


def _side_by_side(clip: Clip, folder: Path, n: int) -> float:
    """Seconds in which `n` workers process one video each."""
    start = time.perf_counter()
    with ThreadPoolExecutor(n) as pool:
        for finished in [pool.submit(chain, clip, folder / f"worker{k}") for k in range(n)]:
            finished.result()
    return time.perf_counter() - start


def _per_frame(clip: Clip, ours: dict[str, Step], theirs: Step | None = None) -> dict[str, float]:
    """Seconds per frame of each step, with the reference's flow if given."""
    found = {step: ours[step].seconds / clip.n_frames for step in STEPS}
    return found | ({"flow": theirs.seconds / clip.n_reference} if theirs else {})


def _path_row(clip: Clip, ours: Sequence[dict[str, Step]], theirs: Sequence[Step]) -> PathRow:
    rate = Spread.of([1 / sum(_per_frame(clip, run).values()) for run in ours])
    pairs = list(zip(ours, theirs, strict=True))
    slow = Spread.of([1 / sum(_per_frame(clip, run, other).values()) for run, other in pairs])
    memory = Spread.of([other.memory / run["flow"].memory for run, other in pairs])
    disk = sum(step.disk for step in ours[0].values())
    other_disk = disk - ours[0]["flow"].disk + theirs[0].disk * clip.n_frames / clip.n_reference
    return PathRow(clip.name, rate, slow, rate.ratio(slow), memory, other_disk / disk)


def _step_rows(clip: Clip, ours: Sequence[dict[str, Step]], theirs: Sequence[Step]) -> list[StepRow]:
    rows = []
    for method in (_OURS, REFERENCE):
        others = [None] * len(ours) if method == _OURS else theirs
        taken = [_per_frame(clip, run, other) for run, other in zip(ours, others, strict=True)]
        for step in STEPS:
            replaced = step == "flow" and method == REFERENCE
            done = theirs if replaced else [run[step] for run in ours]
            n = clip.n_reference if replaced else clip.n_frames
            rows.append(
                StepRow(
                    clip.name, step, method, n,
                    Spread.of([1 / run[step] for run in taken]),
                    Spread.of([run[step] / sum(run.values()) for run in taken]),
                    Spread.of([one.memory for one in done]),
                    done[0].disk / n,
                )
            )  # fmt: skip
    return rows


def _scaling_rows(clip: Clip, alone: Spread, walls: Mapping[int, list[float]]) -> list[ScalingRow]:
    rows = [ScalingRow(clip.name, 1, alone, alone.ratio(alone))]
    for n, spent in walls.items():
        rate = Spread.of([n * clip.n_frames / seconds for seconds in spent])
        rows.append(ScalingRow(clip.name, n, rate, rate.scaled(1 / n).ratio(alone)))
    return rows
