"""What ``mezoo bench flow`` does: measure speed, roofline and accuracy of the flow methods, print and write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mezoo.bench.accuracy import NOISES, PEAKS, analytic, middlebury, scenes_of
from mezoo.bench.demo_truth import demo_accuracy
from mezoo.bench.flow_speed import ORDERS, flow_speed
from mezoo.bench.machine import machine
from mezoo.bench.methods import choose
from mezoo.bench.progress import progress
from mezoo.bench.roofline import roofline
from mezoo.bench.scenes import Scene, portrait_scene, video_scene
from mezoo.bench.tables import FlowResults, print_flow, write_json
from mezoo.errors import ConfigError

_PEAK, _NOISE = 2.0, 1.0  # of the portrait whose flow is timed: px, grey levels


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
    with progress(len(scenes) * len(ORDERS) * runs + len(hidden) + n_analytic + n_known) as done:
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
