"""What ``mezoo bench interpolate`` does: rebuild frames that were left out, print and write how well."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mezoo.bench.machine import machine
from mezoo.bench.progress import progress
from mezoo.bench.rebuilding import interpolators, rebuilding
from mezoo.bench.scenes import demo_video, video_scene
from mezoo.bench.tables import InterpolationResults, print_interpolation, write_json


def interpolate_command(
    *,
    runs: int = 3,
    video: Path | None = None,
    rife_weights: Path | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> InterpolationResults:
    """Measure how well and how fast frames are rebuilt, of a demo clip at 200 fps and of `video`.

    Parameters
    ----------
    runs : int
    video : Path, optional
        A second clip.
    rife_weights : Path, optional
        Without them rife is left out.
    quick : bool
        A few small frames: to try whether it works.
    out : Path, optional
        JSON file.

    Raises
    ------
    ConfigError
        Weights that cannot be used.
    DataError
        A video is too short or shows no face.
    """
    methods, size, n = interpolators(rife_weights), (64 if quick else 224), (8 if quick else 48)
    spacings = (2,) if quick else (2, 8)
    results = InterpolationResults(machine(), {"runs": runs, "methods": list(methods), "quick": quick})
    results.settings |= {"video": video.name if video else None, "frames": n + 1, "size": size}
    with tempfile.TemporaryDirectory() as folder:
        clip = demo_video(Path(folder), "tiny", layout="casme2")
        clips = {"demo": video_scene(clip, size, n=n).frames}
        if video:
            clips[video.stem] = video_scene(video, size, n=n).frames
        with progress(len(clips) * len(spacings) * len(methods)) as done:
            results.rebuilt = rebuilding(clips, methods, spacings=spacings, runs=runs, done=done)
    print_interpolation(results)
    if out:
        write_json(results, out)
    return results
