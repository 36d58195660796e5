"""What ``mezoo bench pipeline`` does: measure the way from raw frames to MDMO, print and write it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mezoo.bench.machine import machine
from mezoo.bench.pipeline import Clip, pipeline, worker_counts
from mezoo.bench.progress import progress
from mezoo.bench.scenes import demo_video
from mezoo.bench.tables import PipelineResults, print_pipeline, write_json
from mezoo.errors import ConfigError


def pipeline_command(
    *,
    runs: int = 5,
    frames: int = 300,
    reference: int = 40,
    video: Path | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> PipelineResults:
    """Measure the throughput from raw frames to MDMO on a demo video and on `video`, print it and write it.

    Parameters
    ----------
    runs : int
    frames, reference : int
        Frames of each video; those of them for the path with OpenCV's TV-L1, at least 2.
    video : Path, optional
        A second video.
    quick : bool
        A few small frames and one worker: to try whether it works.
    out : Path, optional
        JSON file.

    Raises
    ------
    ConfigError
        Numbers of frames that cannot be used, or a system without ``/proc``.
    DataError
        A video cannot be processed.
    """
    if not 2 <= reference <= frames:
        found = f"{frames} frames, {reference} of them for the reference"
        raise ConfigError(found, "at least 2 for the reference, and no more than all", "Change the numbers")
    frames, reference, size = (4, 4, 96) if quick else (frames, reference, None)
    results = PipelineResults(machine(), {"runs": runs, "frames": frames, "reference": reference})
    results.settings |= {"video": video.name if video else None, "quick": quick}
    workers = [1] if quick else worker_counts(results.machine.usable_cores)
    with tempfile.TemporaryDirectory() as folder, progress(runs * (2 if video else 1)) as done:
        sources = {"demo": demo_video(Path(folder), "tiny" if quick else "small")} | (
            {video.stem: video} if video else {}
        )
        for name, path in sources.items():
            clip = Clip.of(name, path, frames=frames, reference=reference, size=size)
            place = Path(folder) / f"work_{name}"
            row, steps, scaling = pipeline(clip, place, runs=runs, workers=workers, done=done)
            results.paths.append(row)
            results.steps += steps
            results.scaling += scaling
    print_pipeline(results)
    if out:
        write_json(results, out)
    return results
