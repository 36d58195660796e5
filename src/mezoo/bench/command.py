"""What ``mezoo bench flow``, ``pipeline``, ``interpolate``, ``magnify`` and ``effect`` do: measure, print, write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mezoo.bench.accuracy import NOISES, PEAKS, analytic, middlebury, scenes_of
from mezoo.bench.demo_truth import demo_accuracy
from mezoo.bench.effect import EffectPlan, effect
from mezoo.bench.flow_speed import ORDERS, flow_speed
from mezoo.bench.machine import machine
from mezoo.bench.magnification import QUICK as QUICK_MAGNIFICATION
from mezoo.bench.magnification import MagnifyExtent, choose_magnifiers, costs, quality
from mezoo.bench.methods import choose
from mezoo.bench.pipeline import Clip, pipeline, worker_counts
from mezoo.bench.rebuilding import interpolators, rebuilding
from mezoo.bench.roofline import roofline
from mezoo.bench.scenes import Scene, portrait_scene, video_scene
from mezoo.bench.tables import (
    FlowResults,
    InterpolationResults,
    MagnifyResults,
    PipelineResults,
    print_flow,
    print_interpolation,
    print_magnify,
    print_pipeline,
    write_json,
)
from mezoo.config import Config
from mezoo.errors import ConfigError
from mezoo.plan import corpora, require_spotted, spotted

_PEAK, _NOISE = 2.0, 1.0  # of the portrait whose flow is timed: px, grey levels
_DEMO = "casme_sq"


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    sizes : tuple of int
        Sides of the images, px.
    pairs : int
        Pairs of a video on which flow is timed.
    peaks, noises : tuple of float
        Of the analytic motion, px and grey levels.
    accuracy_size : int
        Side of the images with analytic motion, px.
    beyond : tuple of int
        Further sizes for the roofline: planes larger than the caches.
    events, steps : int
        Demo expressions, and consecutive pairs of each.
    """

    sizes: tuple[int, ...]
    pairs: int = 8
    peaks: tuple[float, ...] = PEAKS
    noises: tuple[float, ...] = NOISES
    accuracy_size: int = 224
    beyond: tuple[int, ...] = (1024,)
    events: int = 3
    steps: int = 2


_QUICK = Extent((64,), pairs=2, peaks=(1.0,), noises=(1.0,), accuracy_size=64, beyond=(), events=1, steps=1)


def flow_command(
    *,
    runs: int = 5,
    sizes: Sequence[int] = (128, 224, 256),
    methods: Sequence[str] = (),
    video: Path | None = None,
    accuracy: bool = True,
    middlebury_folder: Path | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> FlowResults:
    """Measure speed, roofline and accuracy of the flow methods, print them and write them.

    Parameters
    ----------
    runs : int
        Of every timing.
    sizes : sequence of int
        Sides of the images in px, at least 32.
    methods : sequence of str
        Labels of `methods`; all that need no torch when empty.
    video : Path, optional
        Its faces are a second scene.
    accuracy : bool
        Also measure errors, on analytic motion and on a demo video.
    middlebury_folder : Path, optional
        Folder with Middlebury's scenes, for which errors are measured too.
    quick : bool
        Little of everything: to try whether it works.
    out : Path, optional
        JSON file.

    Raises
    ------
    ConfigError
        A size, a method or a folder cannot be used.
    """
    if min(sizes, default=0) < 32:
        raise ConfigError(f"sizes {list(sizes)}", "image sides of at least 32 px", "Change --sizes")
    extent = _QUICK if quick else Extent(tuple(sizes))
    chosen = choose(methods)
    settings = {
        "runs": runs, "sizes": list(extent.sizes), "methods": [method.label for method in chosen],
        "video": video.name if video else None, "quick": quick,
    }  # fmt: skip
    results = FlowResults(machine(), settings)
    scenes = _scenes(extent, video)
    n_known = len(scenes_of(middlebury_folder)) if middlebury_folder else 0
    n_analytic = len(extent.peaks) * len(extent.noises) + extent.events if accuracy else 0
    hidden = (*extent.sizes, *extent.beyond)
    with _bar(len(scenes) * len(ORDERS) * runs + len(hidden) + n_analytic + n_known) as done:
        results.speed = flow_speed(scenes, chosen, runs=runs, done=done)
        results.rates, results.roofline = roofline(hidden, results.machine, runs=runs, done=done)
        if accuracy:
            size, peaks, noises = extent.accuracy_size, extent.peaks, extent.noises
            results.analytic = analytic(chosen, size=size, peaks=peaks, noises=noises, done=done)
            results.truth = demo_accuracy(chosen, events=extent.events, steps=extent.steps, done=done)
        if middlebury_folder:
            results.truth += middlebury(middlebury_folder, chosen, done=done)
    print_flow(results)
    if out:
        write_json(results, out)
    return results


def _scenes(extent: Extent, video: Path | None) -> dict[str, Scene]:
    scenes = {}
    for size in extent.sizes:
        scenes[f"portrait {size}"] = portrait_scene(size, _PEAK, _NOISE, n=extent.pairs)
        if video:
            scenes[f"{video.stem} {size}"] = video_scene(video, size, n=extent.pairs)
    return scenes


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
    with tempfile.TemporaryDirectory() as folder, _bar(runs * (2 if video else 1)) as done:
        sources = {"demo": _demo_video(Path(folder), "tiny" if quick else "small")} | (
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
        clip = _demo_video(Path(folder), "tiny", layout="casme2")
        clips = {"demo": video_scene(clip, size, n=n).frames}
        if video:
            clips[video.stem] = video_scene(video, size, n=n).frames
        with _bar(len(clips) * len(spacings) * len(methods)) as done:
            results.rebuilt = rebuilding(clips, methods, spacings=spacings, runs=runs, done=done)
    print_interpolation(results)
    if out:
        write_json(results, out)
    return results


def magnify_command(
    *,
    runs: int = 5,
    methods: Sequence[str] = (),
    weights: Path | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> MagnifyResults:
    """Measure the magnification methods on clips of known motion, print it and write it.

    Parameters
    ----------
    runs : int
        Of every timing.
    methods : sequence of str
        Names; all that can run when empty.
    weights : Path, optional
        Of MagNet.
    quick : bool
        One small clip: to try whether it works.
    out : Path, optional
        JSON file.

    Raises
    ------
    ConfigError
        A method or its weights cannot be used.
    """
    chosen = choose_magnifiers(methods, weights)
    extent = QUICK_MAGNIFICATION if quick else MagnifyExtent()
    settings = {"runs": runs, "methods": list(chosen), "weights": weights.name if weights else None}
    results = MagnifyResults(machine(), settings | {"quick": quick})
    with _bar(extent.n_clips + 1) as done:
        results.quality = quality(chosen, extent, done=done)
        results.costs = costs(chosen, side=extent.speed_side, runs=runs)
        done()
    print_magnify(results)
    if out:
        write_json(results, out)
    return results


def effect_command(
    config: Config,
    out: Path,
    *,
    results: Path = Path("results"),
    recipes: Path = Path("workflow/recipes"),
    method: str = "phase",
    factors: Sequence[float] = (1.0, 2.0, 4.0),
) -> None:
    """Spot expressions in all long videos of a run, with and without magnification; print and write the tables.

    Parameters
    ----------
    config : Config
        Its corpora, recipes, seeds and settings are taken.
    out : Path
        Folder for everything made; what is there already is not made again.
    results : Path
        Folder of the run, where faces and labels of these corpora are.
    recipes : Path
        Folder of the recipes.
    method : {'eulerian', 'phase'}
    factors : sequence of float
        Total factors of at least 1; 1, no magnification, is always among them.

    Raises
    ------
    ConfigError
        A factor cannot be used, or no corpus has long videos.
    DataError
        Faces or labels are absent.
    """
    from mezoo.report.tables import print_table  # matplotlib and its fonts, which no other bench needs

    if not all(1 <= factor < 1000 for factor in factors):
        raise ConfigError(f"factors {list(factors)}", "total factors from 1 to 1000", "Change --factors")
    found = corpora(config)
    require_spotted(found)
    files = [recipes / f"{name}.yaml" for name in config.recipes]
    plan = EffectPlan(config, spotted(found), files, results, out, method, sorted({1.0, *factors}))
    out.mkdir(parents=True, exist_ok=True)
    with _bar(plan.n_steps) as done:
        tables = effect(plan, done=done)
    for table in tables:
        print_table([table])


def _demo_video(folder: Path, size: str, layout: str = _DEMO) -> Path:
    """Draw a demo video (421 frames when `size` is small); return the folder of its frames."""
    from mezoo.demo import write_corpus

    plan = write_corpus(folder / "demo", layout, n_subjects=1, size=size)
    return folder / "demo" / plan.videos[0].path


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], Any]]:
    # disable=None: a bar on a terminal only
    with tqdm(total=total, desc="bench", unit="step", disable=None) as bar:
        yield bar.update
