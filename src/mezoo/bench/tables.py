"""Results of a benchmark as text (Markdown tables) and as JSON, both with the facts of the machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from mezoo import __version__
from mezoo.atomic import write_text
from mezoo.bench.accuracy import AnalyticRow, TruthRow
from mezoo.bench.flow_speed import SpeedRow
from mezoo.bench.machine import Machine
from mezoo.bench.magnification import MagnifyCost, MagnifyRow
from mezoo.bench.pipeline import PathRow, ScalingRow, StepRow
from mezoo.bench.rebuilding import RebuiltRow
from mezoo.bench.roofline import Rates, RooflineRow
from mezoo.bench.spread import Spread

if TYPE_CHECKING:  # it loads torch, which the others do without
    from mezoo.bench.loso import FoldCost, NetworkFloor

SCHEMA = "mezoo.bench/1"
_WIDTH = 240  # characters where the output is no terminal: rows of a table are not broken


@dataclass
class FlowResults:
    """What ``mezoo bench flow`` measured."""

    machine: Machine
    settings: dict[str, Any]
    speed: list[SpeedRow] = field(default_factory=list)
    rates: Rates | None = None
    roofline: list[RooflineRow] = field(default_factory=list)
    analytic: list[AnalyticRow] = field(default_factory=list)
    truth: list[TruthRow] = field(default_factory=list)


@dataclass
class PipelineResults:
    """What ``mezoo bench pipeline`` measured."""

    machine: Machine
    settings: dict[str, Any]
    paths: list[PathRow] = field(default_factory=list)
    steps: list[StepRow] = field(default_factory=list)
    scaling: list[ScalingRow] = field(default_factory=list)


@dataclass
class InterpolationResults:
    """What ``mezoo bench interpolate`` measured."""

    machine: Machine
    settings: dict[str, Any]
    rebuilt: list[RebuiltRow] = field(default_factory=list)


@dataclass
class MagnifyResults:
    """What ``mezoo bench magnify`` measured."""

    machine: Machine
    settings: dict[str, Any]
    quality: list[MagnifyRow] = field(default_factory=list)
    costs: list[MagnifyCost] = field(default_factory=list)


@dataclass
class LosoResults:
    """What ``mezoo bench loso`` measured."""

    machine: Machine
    settings: dict[str, Any]
    folds: list[FoldCost] = field(default_factory=list)
    gflop_per_second: float | None = None
    floors: list[NetworkFloor] = field(default_factory=list)


Results = FlowResults | PipelineResults | InterpolationResults | MagnifyResults | LosoResults


def write_json(results: Results, path: str | Path) -> None:
    """Write everything that was measured, with date, version and machine."""
    head = {"schema": SCHEMA, "date": datetime.now(UTC).isoformat(timespec="seconds"), "mezoo": __version__}
    write_text(Path(path), json.dumps(head | asdict(results), indent=1, allow_nan=False) + "\n")


def print_flow(results: FlowResults) -> None:
    """Print speed, roofline and accuracy."""
    console = _console()
    _print_machine(console, results.machine)
    _print(
        console,
        "Speed of optical flow, one thread; median [lowest, highest] of the runs",
        speed(results.speed),
    )
    if results.rates:
        _print_roofline(console, results.rates, results.roofline)
    if results.analytic:
        title = "Error on analytic motion (px, mean over moving pixels) with noise of {} grey levels; columns: peak px"
        noises = sorted({row.noise for row in results.analytic})
        _print(
            console, title.format(" / ".join(f"{noise:g}" for noise in noises)), analytic(results.analytic)
        )
    if results.truth:
        _print(console, "Error on pairs of known motion: end-point px / angle deg", truth(results.truth))


def print_pipeline(results: PipelineResults) -> None:
    """Print throughput, its steps and its scaling."""
    console = _console()
    _print_machine(console, results.machine)
    title = "Raw frames -> MDMO on one core; `opencv` is the same path with OpenCV's TV-L1"
    _print(console, title, paths(results.paths))
    _print(console, "Steps", steps(results.steps))
    _print(console, "Videos side by side, one thread each", scaling(results.scaling))


def print_interpolation(results: InterpolationResults) -> None:
    """Print how well and how fast each method rebuilds frames."""
    console = _console()
    _print_machine(console, results.machine)
    title = "Frames that were left out, rebuilt in the middle of each gap, one thread"
    _print(console, title, rebuilt(results.rebuilt))


def rebuilt(rows: Iterable[RebuiltRow]) -> Table:
    """Tabulate quality and speed of interpolation."""
    table = _table("clip", "size", "gap", "frames", "method", "PSNR dB", "SSIM", "ms per frame")
    for row in rows:
        size = f"{row.width} x {row.height}", str(row.spacing), str(row.frames)
        quality = f"{row.psnr:.2f}", f"{row.ssim:.4f}"
        table.add_row(row.scene, *size, row.method, *quality, _spread(row.seconds.scaled(1e3)))
    return table


def print_magnify(results: MagnifyResults) -> None:
    """Print likeness to the truth, false motion and time."""
    console = _console()
    _print_machine(console, results.machine)
    title = "Share of the wanted motion at the apex / SSIM to the truth; goals: 0.8-1.2, above the untouched frame"
    _print(console, title, magnification(results.quality))
    _print(
        console, "One thread; motion found where only the light changes", magnification_costs(results.costs)
    )


def print_loso(results: LosoResults) -> None:
    """Print the cost of a fold, and how far the full-size networks are from their floor."""
    console = _console()
    _print_machine(console, results.machine)
    table = _table("recipe", "clips", "fold s", "epoch s", "data", "memory MB", "parameters")
    for row in results.folds:
        epoch = ("", "")
        if row.epoch is not None and row.data is not None:
            epoch = (f"{row.epoch:.3f}", f"{row.data / row.epoch:.1%}" if row.epoch else "")
        size = "" if row.parameters is None else f"{row.parameters:,}"
        table.add_row(row.recipe, str(row.clips), f"{row.fold:.1f}", *epoch, f"{row.memory / 1e6:.0f}", size)
    _print(console, "One fold, one thread; data = share of an epoch spent on its batches", table)
    if results.floors:
        table = _table("network", "GFLOP per clip", "s per clip", "floor s", "of the best")
        for floor in results.floors:
            cells = (f"{floor.gflop:.1f}", f"{floor.seconds:.2f}", f"{floor.floor:.2f}")
            table.add_row(floor.model, *cells, f"{floor.floor / floor.seconds:.0%}")
        title = f"Full size, forward and backward, one thread; the machine multiplies at {results.gflop_per_second:.0f}"
        _print(console, title + " GFLOP/s", table)


def magnification(rows: Sequence[MagnifyRow]) -> Table:
    """Tabulate magnified clips: one row per clip, one column per method."""
    methods = list(dict.fromkeys(row.method for row in rows))
    table = _table("px", "factor", "noise", "untouched", *methods)
    clips: dict[tuple[float, float, float], dict[str, MagnifyRow]] = {}
    for row in rows:
        clips.setdefault((row.displacement, row.factor, row.noise), {})[row.method] = row
    for clip, found in clips.items():
        untouched = next(iter(found.values())).ssim_untouched
        cells = (f"{found[name].gain:.2f} / {found[name].ssim:.3f}" for name in methods)
        table.add_row(*(f"{value:g}" for value in clip), f"{untouched:.3f}", *cells)
    return table


def magnification_costs(rows: Iterable[MagnifyCost]) -> Table:
    """Tabulate time and false motion."""
    table = _table("method", "ms per frame", "false motion px")
    for row in rows:
        table.add_row(row.method, f"{row.milliseconds:.1f}", f"{row.false_motion:.3f}")
    return table


def speed(rows: Iterable[SpeedRow]) -> Table:
    """Tabulate the speed of the flow methods."""
    table = _table(
        "scene", "size", "pairs", "method", "ms per pair", "pairs/s per core", "faster than opencv"
    )
    for row in rows:
        size = f"{row.width} x {row.height}"
        cells = _spread(row.seconds.scaled(1e3)), _spread(row.seconds.inverse()), _spread(row.ratio)
        table.add_row(row.scene, size, row.order, row.method, *cells)
    return table


def analytic(rows: Sequence[AnalyticRow]) -> Table:
    """Tabulate the error on analytic motion: one column per peak, the noises in one cell."""
    peaks, noises = sorted({row.peak for row in rows}), sorted({row.noise for row in rows})
    found = {(row.method, row.peak, row.noise): row.epe for row in rows}
    table = _table("method", *(f"{peak:g}" for peak in peaks))
    for method in dict.fromkeys(row.method for row in rows):
        cells = (" / ".join(f"{found[method, peak, noise]:.3f}" for noise in noises) for peak in peaks)
        table.add_row(method, *cells)
    return table


def truth(rows: Sequence[TruthRow]) -> Table:
    """Tabulate the error on pairs of known motion: one column per scene."""
    scenes = list(dict.fromkeys(row.scene for row in rows))
    found = {(row.method, row.scene): f"{row.epe:.4f} / {row.aae:.2f}" for row in rows}
    table = _table("method", *scenes)
    for method in dict.fromkeys(row.method for row in rows):
        table.add_row(method, *(found[method, scene] for scene in scenes))
    return table


def paths(rows: Iterable[PathRow]) -> Table:
    """Tabulate the throughput of whole paths."""
    table = _table(
        "video",
        "frames/s per core",
        "opencv",
        "faster",
        "memory of flow, opencv / ours",
        "disk, opencv / ours",
    )
    for row in rows:
        cells = (row.rate, row.reference_rate, row.speedup, row.memory_ratio)
        table.add_row(row.clip, *map(_spread, cells), f"{row.disk_ratio:.2f}")
    return table


def steps(rows: Iterable[StepRow]) -> Table:
    """Tabulate the steps of each path."""
    table = _table("video", "path", "step", "frames", "frames/s", "share %", "peak MB", "bytes per frame")
    for row in rows:
        cells = _spread(row.rate), _spread(row.share.scaled(100)), _spread(row.memory.scaled(1e-6))
        table.add_row(row.clip, row.method, row.step, str(row.frames), *cells, f"{row.disk:,.0f}")
    return table


def scaling(rows: Iterable[ScalingRow]) -> Table:
    """Tabulate the throughput of several workers."""
    table = _table("video", "workers", "frames/s", "per worker, by one worker")
    for row in rows:
        table.add_row(row.clip, str(row.workers), _spread(row.rate), _spread(row.efficiency))
    return table


def roofline_lines(rows: Iterable[RooflineRow]) -> list[str]:
    """One line per image size: time per pixel and iteration beside its three limits."""
    return [
        f"{row.size} px: {_spread(row.measured)} ns; at least {row.arithmetic:.2f} (arithmetic), {row.roots:.2f} "
        f"(roots), {row.memory:.2f} (memory: {row.planes / 2**20:.1f} MiB, {row.memory_level}); "
        f"{row.share:.0%} of the best possible"
        for row in rows
    ]


def _print_roofline(console: Console, rates: Rates, rows: Sequence[RooflineRow]) -> None:
    console.print("\nInner iteration of `native`, ns per pixel and iteration", highlight=False)
    bandwidth = ", ".join(f"{level} {value / 1e9:.0f} GB/s" for level, value in rates.bytes.items())
    able = (
        f"{rates.flops / 1e9:.0f} Gflop/s, {rates.roots / 1e9:.2f} G/s two roots and a division, {bandwidth}"
    )
    for line in [f"one core: {able}", *roofline_lines(rows)]:
        console.print(f"- {line}", highlight=False, markup=False, soft_wrap=True)


def _print_machine(console: Console, machine: Machine) -> None:
    caches = ", ".join(f"{name} {size // 1024} KiB" for name, size in machine.caches.items())
    facts = {
        "machine": f"{machine.cpu}, {machine.usable_cores} of {machine.cores} cores, {' '.join(machine.vector)}",
        "memory": f"{machine.memory / 2**30:.1f} GiB; {caches}",
        "GPU": ", ".join(machine.gpus) or "none",
        "system": f"{machine.system}, {machine.python}, mezoo {__version__}",
        "libraries": ", ".join(f"{name} {version}" for name, version in machine.libraries.items()),
        "load at start": f"{machine.load:.2f}",
    }
    for name, value in facts.items():
        console.print(f"- {name}: {value}", highlight=False, soft_wrap=True)
    if machine.warning:
        console.print(f"- warning: {machine.warning}", highlight=False, soft_wrap=True)


def _print(console: Console, title: str, table: Table) -> None:
    console.print(f"\n{title}", highlight=False, markup=False, soft_wrap=True)
    console.print(table)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _table(*columns: str) -> Table:
    table = Table(box=box.MARKDOWN)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _spread(value: Spread) -> str:
    """Median and range with three significant digits: ``22.1 [21.9, 23.4]``."""
    median, low, high = (_digits(number) for number in (value.median, value.low, value.high))
    return median if len(value.runs) == 1 else f"{median} [{low}, {high}]"


def _digits(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"
