"""Speed, memory and accuracy of what mezoo computes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import MagnetWeights, Out, RifeWeights, Threads, limit, limit_torch
from mezoo.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Speed, memory and accuracy, beside OpenCV in the same run.")

Runs = Annotated[int, typer.Option(min=1, help="Runs of every measurement.")]
Quick = Annotated[bool, typer.Option("--quick", help="Little of everything, to try whether it works.")]
Json = Annotated[Path | None, typer.Option("--json", help="Also write everything to this JSON file.")]
BenchVideo = Annotated[Path | None, typer.Option(help="A video of a face, measured besides synthetic ones.")]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _numbers(text: str, option: str) -> list[float]:
    try:
        return [float(word) for word in _words(text)]
    except ValueError:
        raise ConfigError(f"{option} {text!r}", "numbers, with commas", f"Change --{option}") from None


@app.command("flow")
def bench_flow(
    runs: Runs = 5,
    sizes: Annotated[str, typer.Option(help="Sides of the images in px, with commas.")] = "128,224,256",
    methods: Annotated[str, typer.Option(help="Flow methods, with commas; all without torch.")] = "",
    video: BenchVideo = None,
    accuracy: Annotated[
        bool, typer.Option("--accuracy/--no-accuracy", help="Also errors on known motion.")
    ] = True,
    middlebury: Annotated[
        Path | None, typer.Option(help="Folder with Middlebury's scenes (frame10, frame11, flow10.flo).")
    ] = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """Speed and accuracy of the flow methods, and how far our TV-L1 is from the machine's limits."""
    limit(1)
    limit_torch(1)
    from mezoo.bench.flow_command import flow_command

    try:
        sides = [int(word) for word in _words(sizes)]
    except ValueError:
        raise ConfigError(f"sizes {sizes!r}", "whole numbers of px, with commas", "Change --sizes") from None
    flow_command(
        runs=runs,
        sizes=sides,
        methods=_words(methods),
        video=video,
        accuracy=accuracy,
        middlebury_folder=middlebury,
        quick=quick,
        out=json_file,
    )


@app.command("pipeline")
def bench_pipeline(
    runs: Runs = 5,
    frames: Annotated[int, typer.Option(help="Frames taken of each video.")] = 300,
    reference: Annotated[int, typer.Option(help="Frames of these for the path with OpenCV's TV-L1.")] = 40,
    video: BenchVideo = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """Throughput of raw frames -> faces -> flow -> MDMO, its steps, memory, disk and scaling."""
    from mezoo.bench.pipeline_command import pipeline_command

    pipeline_command(runs=runs, frames=frames, reference=reference, video=video, quick=quick, out=json_file)


@app.command("interpolate")
def bench_interpolate(
    runs: Runs = 3,
    video: BenchVideo = None,
    weights: RifeWeights = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """How well and how fast each interpolation rebuilds frames that were left out."""
    limit(1)
    limit_torch(1)
    from mezoo.bench.interpolate_command import interpolate_command

    interpolate_command(runs=runs, video=video, rife_weights=weights, quick=quick, out=json_file)


@app.command("magnify")
def bench_magnify(
    runs: Runs = 5,
    methods: Annotated[str, typer.Option(help="Names, with commas; all that can run.")] = "",
    weights: MagnetWeights = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """Gain, likeness to the truth, false motion and speed of the magnification methods."""
    limit(1)
    limit_torch(1)
    from mezoo.bench.magnify_command import magnify_command

    magnify_command(runs=runs, methods=_words(methods), weights=weights, quick=quick, out=json_file)


@app.command("effect")
def bench_effect(
    out: Out,
    config: Annotated[Path, typer.Option(help="Configuration of the run.")] = Path("config.yaml"),
    results: Annotated[Path, typer.Option(help="Folder of the run, with faces and labels.")] = Path(
        "results"
    ),
    method: Annotated[str, typer.Option(help="eulerian or phase.")] = "phase",
    factors: Annotated[str, typer.Option(help="Total factors, with commas; 1 is always tried.")] = "1,2,4",
    threads: Threads = 1,
) -> None:
    """Whether magnified faces help to spot: every fold with each factor, and with the one chosen in training."""
    limit(threads)
    limit_torch(threads)
    from mezoo.bench.effect_command import effect_command
    from mezoo.config import load

    effect_command(load(config), out, results=results, method=method, factors=_numbers(factors, "factors"))


@app.command("loso")
def bench_loso(
    recipes: Annotated[
        list[str] | None, typer.Argument(help="Recipes for recognition; all when absent.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="Experiment; the first of this run when absent.")] = "",
    floors: Annotated[
        str, typer.Option(help="Recipes whose full-size network is held against its arithmetic, with commas.")
    ] = "",
    json_file: Json = None,
) -> None:
    """Seconds per fold and epoch of the recognisers of a run, their share of data, memory and floor."""
    limit(1)
    limit_torch(1)
    from mezoo.bench.loso_command import loso_command

    loso_command(recipes or [], protocol=protocol, floors=_words(floors), out=json_file)
