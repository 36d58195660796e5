"""The command line: thin, and lazy, so that a stage loads only what it needs.

Exit status: 0 done, 1 the run failed, 2 wrong usage or configuration.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mezoo import __version__
from mezoo.errors import ConfigError, MezooError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Facial micro-expression analysis: raw videos to honest leave-one-subject-out tables.",
)

Out = Annotated[Path, typer.Option("-o", "--out", help="File or folder to write.")]
Threads = Annotated[int, typer.Option(help="Threads of OpenCV, numba and torch.", min=1)]
Settings = Annotated[str, typer.Option(help="Settings of the stage as JSON; defaults as in config.yaml.")]
Faces = Annotated[Path, typer.Argument(help="Artifact of the stage faces.")]
Labels = Annotated[Path, typer.Argument(help="Event table of the video: labels/<video>.csv of its catalog.")]
Files = Annotated[list[Path], typer.Argument(help="Files.")]
MagnifyMethod = Annotated[
    str, typer.Option("--method", help="lagrangian, eulerian, phase or magnet, which needs weights.")
]
Factor = Annotated[float, typer.Option(help="Total factor: a motion of 1 px becomes one of FACTOR px.")]
MagnetWeights = Annotated[
    Path | None, typer.Option("--weights", help="Weights of MagNet, published or of train-magnet.")
]
InterpolateMethod = Annotated[
    str, typer.Option("--method", help="linear, tim, flow_warp, or rife, which needs weights.")
]
RifeWeights = Annotated[
    Path | None, typer.Option("--weights", help="Weights of RIFE, official ones or of train-rife.")
]
_STATE = {"debug": False}


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option(help="Show the traceback of expected errors too.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
    _STATE["debug"] = debug
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("mezoo").setLevel(logging.INFO)


def main() -> None:
    """Run the command line; expected errors are one line on stderr."""
    sys.argv[1:] = _spread(sys.argv[1:])
    try:
        app()
    except MezooError as error:
        if _STATE["debug"]:
            raise
        typer.echo(f"mezoo: {error}", err=True)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except KeyboardInterrupt:
        typer.echo("mezoo: interrupted; the same command goes on where it stopped", err=True)
        sys.exit(130)


#: Options that take all values up to the next option, as Snakemake lists files.
_MANY = {
    "--features",
    "--labels",
    "--proposals",
    "--models",
    "--scores",
    "--figures",
    "--audits",
    "--usable",
    "--strips",
}


def _spread(arguments: list[str]) -> list[str]:
    """Repeat an option before each of its values: ``--labels a b`` -> ``--labels a --labels b``."""
    spread: list[str] = []
    option = None
    for argument in arguments:
        if argument.startswith("-"):
            option = argument if argument in _MANY else None
            if option is None:
                spread.append(argument)
        else:
            spread += [option, argument] if option else [argument]
    return spread


def _settings(text: str, name: str = "--settings") -> dict:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{name} is no JSON ({error})", "a JSON object", "Quote it as a whole") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{name} is {text}", "a JSON object", "Write {...}")
    return values


def _limit(threads: int) -> None:
    from mezoo.motion import set_threads

    set_threads(threads)


def _limit_torch(threads: int) -> None:
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read once, when torch is imported


# ------------------------------------------------------------------ corpora


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the corpora are written.")],
    layouts: Annotated[
        list[str] | None,
        typer.Option(
            "--layouts",
            "--layout",
            help="Names, with commas or repeated, or all; casme_sq,samm_lv by default.",
        ),
    ] = None,
    subjects: Annotated[int, typer.Option(min=1, help="Subjects per corpus.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    size: Annotated[str, typer.Option(help="tiny (for tests), small, medium or large.")] = "small",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Write synthetic corpora with exact ground truth, in the native layouts of real ones."""
    from mezoo.demo import write_demo
    from mezoo.demo.layouts import choose

    write_demo(folder, layouts=choose(layouts), n_subjects=subjects, seed=seed, size=size, workers=workers)


@app.command()
def catalog(
    layout: Annotated[str, typer.Argument(help="Layout of the corpus, e.g. casme_sq, samm_lv.")] = "",
    root: Annotated[Path | None, typer.Argument(help="Folder of the corpus as it was shipped.")] = None,
    coding: Annotated[Path | None, typer.Option(help="Coding workbook, or a CSV copy.")] = None,
    frames: Annotated[bool, typer.Option("--frames/--no-frames", help="Look at the frames.")] = True,
    deep: Annotated[bool, typer.Option("--deep", help="Also decode a few frames of each video.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Turn repairs and leaks into an error.")] = False,
    explain: Annotated[
        str | None, typer.Option(help="Tell what a protocol takes, and its counts; list names them.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder for the tables and the audit page.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the corpus; the layout's when absent.")] = None,
    options: Annotated[str, typer.Option(help="Policies of the reader as JSON.")] = "{}",
    exclude: Annotated[list[str] | None, typer.Option(help="Video to leave out.")] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Also one file per video, for the workflow.")
    ] = False,
) -> None:
    """Read a corpus: tables of its videos and events, and an audit of every repair."""
    from mezoo.datasets.command import catalog_command, explain_command

    if explain is not None:
        typer.echo(explain_command(explain))
        return
    if not layout:
        raise ConfigError("no layout is named", "mezoo catalog LAYOUT ROOT", "Name the layout of the corpus")
    catalog_command(
        layout,
        root,
        coding=coding,
        frames=frames,
        deep=deep,
        strict=strict,
        out=out,
        name=name,
        options=_settings(options),
        exclude=exclude or [],
        items=items,
    )


# ------------------------------------------------------------------ stages


@app.command()
def faces(
    record: Annotated[str, typer.Argument(help="Dataset, subject, video, path, fps: JSON, or a file of it.")],
    out: Out,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Frames, face box and 68 landmarks of one video."""
    from mezoo.faces import faces as run

    _limit(threads)
    known = _settings(record, "the record") if record.startswith("{") else record
    run(known, out, **_settings(settings))


@app.command()
def flow_pair(
    faces: Faces,
    out: Out,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Optical flow between frames of one video, neighbouring or further apart."""
    from mezoo.motion import flow_pair_file

    _limit(threads)
    flow_pair_file(faces, out, **_settings(settings))


@app.command()
def flow_onset(
    faces: Faces, labels: Labels, out: Out, settings: Settings = "{}", threads: Threads = 1
) -> None:
    """Optical flow from the onset of each expression to all its frames, with strain."""
    from mezoo.motion import flow_onset_file

    _limit(threads)
    flow_onset_file(faces, labels, out, **_settings(settings))


@app.command()
def flow_apex(
    faces: Faces, labels: Labels, out: Out, settings: Settings = "{}", threads: Threads = 1
) -> None:
    """Optical flow from the onset to the apex of each expression, with strain, magnitude and orientation."""
    from mezoo.motion import flow_apex_file

    _limit(threads)
    flow_apex_file(faces, labels, out, **_settings(settings))


@app.command()
def mdmo(
    flow: Annotated[Path, typer.Argument(help="Artifact of the stage flow_pair.")],
    faces: Faces,
    out: Out,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """MDMO features of the ROIs of one video."""
    from mezoo.motion import mdmo_file

    _limit(threads)
    mdmo_file(flow, faces, out, **_settings(settings))


@app.command()
def features(
    feature: Annotated[str, typer.Argument(help="Name of a feature, e.g. mdmo_liu; a wrong name lists all.")],
    flow: Annotated[Path, typer.Argument(help="Artifact of the flow stage that the feature is made of.")],
    faces: Faces,
    out: Out,
    labels: Annotated[
        Path | None, typer.Option(help="Event table of the video, for features of flow_pair per event.")
    ] = None,
    settings: Annotated[str, typer.Option(help="Options of the feature as JSON.")] = "{}",
    threads: Threads = 1,
) -> None:
    """One of the features made from cached flow, for one video."""
    from mezoo.motion import features_file

    _limit(threads)
    features_file(flow, faces, out, feature=feature, labels=labels, **_settings(settings))


@app.command()
def magnified(
    faces: Faces,
    labels: Labels,
    out: Out,
    method: MagnifyMethod = "lagrangian",
    factor: Factor = 4.0,
    weights: MagnetWeights = None,
    threads: Threads = 1,
) -> None:
    """Frames of each expression of one video with their motion since the onset made larger."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.magnify.stage import magnified_file

    magnified_file(faces, labels, out, method=method, factor=factor, weights=weights)


@app.command()
def shape(
    faces: Faces,
    labels: Labels,
    out: Out,
    weights: Annotated[Path, typer.Option(help="Weights of MagNet, published or of train-magnet.")],
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """MagNet's shape representation of the apex of each expression of one video."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.magnify.shape_stage import shape_file

    shape_file(faces, labels, out, weights=weights, **_settings(settings))


@app.command()
def train_magnet(
    out: Out,
    profile: Annotated[str, typer.Option(help="demo (about 3 minutes) or standard (about 25).")] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same weights on one machine.")] = 0,
    threads: Threads = 1,
) -> None:
    """Train a small MagNet on made scenes; weights that fail their check are not written."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.magnify.magnet_train import train_magnet_file

    train_magnet_file(out, profile=profile, seed=seed)


@app.command()
def interpolated(
    faces: Faces,
    labels: Labels,
    out: Out,
    method: InterpolateMethod = "tim",
    length: Annotated[int, typer.Option(help="Frames of each clip.")] = 32,
    weights: RifeWeights = None,
    settings: Settings = "{}",
    threads: Threads = 1,
) -> None:
    """Each expression of one video as a clip of a given length."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.interpolate.stage import interpolated_file

    interpolated_file(
        faces, labels, out, method=method, length=length, weights=weights, **_settings(settings)
    )


@app.command()
def train_rife(
    faces: Annotated[
        list[Path], typer.Argument(help="Artifacts of the stage faces, of two or more subjects.")
    ],
    out: Out,
    minutes: Annotated[float, typer.Option(min=0, help="Training ends after so long at the latest.")] = 30.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same weights on one machine.")] = 0,
    threads: Threads = 1,
) -> None:
    """Train a small RIFE on faces, and report how well it rebuilds frames of subjects it never saw."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.interpolate.rife_stage import train_rife_stage
    from mezoo.interpolate.rife_train import RifeProfile

    train_rife_stage(faces, out, profile=RifeProfile(max_minutes=minutes), seed=seed)


@app.command()
def usable(
    artifacts: Files,
    out: Out,
    max_failed_share: Annotated[float, typer.Option(min=0, max=1)] = 0.1,
) -> None:
    """List which videos of a corpus are usable; fail when too many are not."""
    from mezoo.status import usable as write_usable

    write_usable(artifacts, out, max_failed_share=max_failed_share)


@app.command()
def fit(
    recipe: Annotated[Path, typer.Argument(help="A file of workflow/recipes.")],
    features: Annotated[list[Path], typer.Option(help="Feature artifacts of the training videos.")],
    labels: Annotated[list[Path], typer.Option(help="Event tables of the same videos.")],
    out: Out,
    layout: Annotated[str, typer.Option(help="Whose per-corpus values of the recipe hold.")] = "casme_sq",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    max_failed_share: Annotated[float, typer.Option(min=0, max=1)] = 0.1,
    demo: Annotated[
        bool, typer.Option("--demo", help="Use the recipe's values for synthetic videos.")
    ] = False,
    threads: Threads = 1,
) -> None:
    """Train one method on the training subjects of one fold."""
    _limit_torch(threads)
    from mezoo.learning.fit import fit as run

    run(
        recipe,
        features,
        labels,
        out,
        layout=layout,
        seed=seed,
        accelerator=accelerator,
        max_failed_share=max_failed_share,
        demo=demo,
    )


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="Artifact of the stage fit.")],
    features: Annotated[list[Path], typer.Option(help="Feature artifacts of the held-out subject.")],
    out: Out,
    dataset: Annotated[str, typer.Option(help="Name of the corpus.")],
    subject: Annotated[str, typer.Option(help="The held-out subject.")],
    threads: Threads = 1,
) -> None:
    """Apply the frozen models of one fold to the held-out subject."""
    _limit_torch(threads)
    from mezoo.learning.predict import predict as run

    run(model, features, out, dataset=dataset, subject=subject)


@app.command()
def score_folds(
    proposals: Annotated[list[Path], typer.Option(help="Artifacts of the stage predict, all folds.")],
    labels: Annotated[list[Path], typer.Option(help="Event tables of all videos.")],
    predictions: Annotated[Path, typer.Option(help="Folder for the intervals, one CSV per subject.")],
    recipe: Annotated[str, typer.Option(help="Name of the recipe.")],
    dataset: Annotated[str, typer.Option(help="Name of the corpus.")],
    out: Out,
) -> None:
    """Score all folds of one recipe on one corpus under every selection rule."""
    from mezoo.learning.score import score_folds as run

    run(proposals, labels, recipe=recipe, dataset=dataset, predictions=predictions, out=out)


@app.command()
def gather_scores(scores: Files, out: Out) -> None:
    """Join the scores of several corpora and add the rows pooled over them."""
    from mezoo.learning.score import gather_scores as run

    run(scores, out)


# ------------------------------------------------------------------ results


@app.command()
def table(scores: Files) -> None:
    """Print the headline rows of score files."""
    from mezoo.report.tables import print_table

    print_table(scores)


@app.command()
def figures(
    proposals: Annotated[list[Path], typer.Option(help="Artifacts of the stage predict.")],
    models: Annotated[list[Path], typer.Option(help="Artifacts of the stage fit.")],
    labels: Annotated[list[Path], typer.Option(help="Event tables of all videos.")],
    predictions: Annotated[Path, typer.Option(help="Folder that score-folds wrote.")],
    out: Out,
    faces: Annotated[Path | None, typer.Option(help="Folder of face artifacts.")] = None,
    flows: Annotated[
        Path | None, typer.Option(help="Folder of flow artifacts; with --faces, motion is drawn too.")
    ] = None,
) -> None:
    """Draw timelines per video and training curves."""
    from mezoo.report.figures import draw_all

    draw_all(proposals, models, labels, predictions, out, faces=faces, flows=flows)


@app.command()
def motion_curve(
    flow: Annotated[Path, typer.Argument(help="Artifact of the stage flow_pair or flow_onset.")],
    faces: Faces,
    labels: Labels,
    out: Out,
) -> None:
    """Draw how much the face of one video moves over time, annotated events shaded."""
    from mezoo.report.motion_curve import motion_picture

    motion_picture(flow, faces, labels, out)


@app.command()
def strips(
    labels: Annotated[list[Path], typer.Option(help="Event tables of all videos.")],
    faces: Annotated[Path, typer.Option(help="Folder of face artifacts.")],
    out: Out,
    threads: Threads = 1,
) -> None:
    """Draw a strip per expression: onset, apex, offset, the flow between them and the strain."""
    _limit(threads)
    from mezoo.report.strips import draw_strips

    draw_strips(labels, faces, out)


@app.command()
def report(
    scores: Annotated[list[Path], typer.Option(help="results/loso_*.csv")],
    figures: Annotated[list[Path], typer.Option(help="Folders of figures.")],
    audits: Annotated[list[Path], typer.Option(help="audit.csv of the corpora.")],
    usable: Annotated[list[Path], typer.Option(help="usable.csv of the corpora.")],
    models: Annotated[list[Path], typer.Option(help="Models trained on everybody.")],
    tables: Annotated[Path, typer.Option(help="Folder for csv, md and tex.")],
    out: Out,
    strips: Annotated[
        list[Path] | None, typer.Option(help="Folders of strips; without them the page shows no face.")
    ] = None,
) -> None:
    """Write the page that tells all results, in one file that opens offline."""
    from mezoo.report.page import write_report

    write_report(scores, figures, audits, usable, models, strips=strips or [], tables=tables, out=out)


@app.command()
def score(
    task: Annotated[str, typer.Argument(help="spotting (recognition follows).")],
    truth: Annotated[Path, typer.Option(help="CSV: video, type, onset, offset.")],
    predictions: Annotated[Path, typer.Option(help="CSV: video, type, onset, offset.")],
) -> None:
    """Score anyone's intervals with the metric of MEGC 2021."""
    if task != "spotting":
        raise ConfigError(f"task '{task}'", "spotting", "Correct the first argument")
    from mezoo.evaluation.score_files import score_spotting

    typer.echo(score_spotting(truth, predictions).to_string(index=False))


# ------------------------------------------------------------------ tools


@app.command()
def spot(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of frames.")],
    out: Out,
    model: Annotated[Path, typer.Option(help="A model trained on everybody, or of one fold.")] = Path(
        "results/models/auwgcn/everybody/model.h5"
    ),
    threads: Threads = 2,
) -> None:
    """Find expressions in your own video: intervals, a timeline and an annotated mp4."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.report.spot import spot_video

    spot_video(video, out, model=model)


@app.command()
def flow(
    first: Annotated[Path, typer.Argument(help="Image at time t.")],
    second: Annotated[Path, typer.Argument(help="Image at time t + 1.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.h5, FILE.flo or FILE.png.")],
    backend: Annotated[
        str, typer.Option(help="Flow method: native, opencv, farneback, dis ...; a wrong name lists all.")
    ] = "native",
    profile: Annotated[
        str | None, typer.Option(help="exact or stream, for the methods that have it.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="PNG of the colours alone, pixel by pixel, without legend.")
    ] = False,
    threads: Threads = 1,
) -> None:
    """Optical flow between two images, as data or as a picture with arrows and strain."""
    _limit(threads)
    if out.suffix == ".png" and not plain:
        from mezoo.report.flow_picture import flow_picture

        flow_picture(first, second, out, backend=backend, profile=profile)
        return
    from mezoo.motion import flow_files

    flow_files(first, second, out, backend=backend, profile=profile)


@app.command()
def magnify(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of frames.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.mp4, or a folder for frames.")],
    method: MagnifyMethod = "lagrangian",
    factor: Annotated[
        float | None, typer.Option(help="Total factor: a motion of 1 px becomes one of FACTOR px. [4]")
    ] = None,
    fps: Annotated[
        float | None, typer.Option(help="True frames per second, where the file does not tell them.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Published settings of the method; a wrong name lists all.")
    ] = None,
    weights: MagnetWeights = None,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Put the original beside it.")] = False,
    threads: Threads = 1,
) -> None:
    """Make the small motions of any video larger."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.magnify.any_video import magnify_video

    magnify_video(
        video,
        out,
        method=method,
        factor=factor,
        fps=fps,
        preset=preset,
        weights=weights,
        side_by_side=side_by_side,
    )


@app.command()
def interpolate(
    video: Annotated[Path, typer.Argument(help="A video file or a folder of frames.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.mp4, or a folder for images.")],
    method: InterpolateMethod = "flow_warp",
    frames: Annotated[
        int | None, typer.Option(help="Frames of the result, from the first to the last of the video.")
    ] = None,
    factor: Annotated[
        int | None, typer.Option(help="Instead of --frames: new frames for each one of the video.")
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(help="Frames per second of the result; it lasts as long as the video when absent."),
    ] = None,
    weights: RifeWeights = None,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Put the original beside it.")] = False,
    threads: Threads = 1,
) -> None:
    """Bring any video to a number of frames, or make frames between its frames."""
    _limit(threads)
    _limit_torch(threads)
    from mezoo.interpolate.any_video import interpolate_video

    made = interpolate_video(
        video,
        out,
        method=method,
        frames=frames,
        factor=factor,
        fps=fps,
        weights=weights,
        side_by_side=side_by_side,
    )
    typer.echo(f"{made.n} frames from {made.n_source}, {made.fps:g} per second: {out}")


@app.command()
def models() -> None:
    """List the networks of the zoo."""
    from rich.console import Console
    from rich.table import Table

    from mezoo.models.registry import list_models

    rows = Table("name", "task", "inputs", "parameters", "paper")
    for entry in list_models():
        inputs = ", ".join(f"{key} {shape}" for key, shape in entry.inputs.items())
        rows.add_row(entry.name, entry.task, inputs, f"{entry.n_parameters:,}", entry.paper)
    Console().print(rows)


@app.command()
def info(files: Files) -> None:
    """Tell what artifacts hold."""
    from mezoo.status import describe

    for path in files:
        typer.echo("\n".join(describe(path)))


@app.command()
def verify(files: Files) -> None:
    """Check every byte of artifacts against its checksum."""
    from mezoo.status import verify as check

    bad = 0
    for path, problem in check(files):
        bad += bool(problem)
        typer.echo(problem or f"{path}: ok")
    if bad:
        raise typer.Exit(1)


@app.command()
def status(
    results: Annotated[Path, typer.Argument(help="Folder of results.")] = Path("results"),
) -> None:
    """List failed items with their reason and the command that retries them."""
    from mezoo.status import failures

    found = list(failures(results))
    for failure in found:
        typer.echo(f"{failure.dataset}/{failure.video} failed in {failure.stage}: {failure.reason}")
        typer.echo(f"    retry: {failure.retry}")
    typer.echo(f"{len(found)} failed item(s) in {results}")


# -------------------------------------------------------------- benchmarks

bench = typer.Typer(no_args_is_help=True, help="Speed, memory and accuracy, beside OpenCV in the same run.")
app.add_typer(bench, name="bench")

Runs = Annotated[int, typer.Option(min=1, help="Runs of every measurement.")]
Quick = Annotated[bool, typer.Option("--quick", help="Little of everything, to try whether it works.")]
Json = Annotated[Path | None, typer.Option("--json", help="Also write everything to this JSON file.")]
BenchVideo = Annotated[Path | None, typer.Option(help="A video of a face, measured besides synthetic ones.")]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@bench.command("flow")
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
    _limit(1)
    _limit_torch(1)
    from mezoo.bench.command import flow_command

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


@bench.command("pipeline")
def bench_pipeline(
    runs: Runs = 5,
    frames: Annotated[int, typer.Option(help="Frames taken of each video.")] = 300,
    reference: Annotated[int, typer.Option(help="Frames of these for the path with OpenCV's TV-L1.")] = 40,
    video: BenchVideo = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """Throughput of raw frames -> faces -> flow -> MDMO, its steps, memory, disk and scaling."""
    from mezoo.bench.command import pipeline_command

    pipeline_command(runs=runs, frames=frames, reference=reference, video=video, quick=quick, out=json_file)


@bench.command("interpolate")
def bench_interpolate(
    runs: Runs = 3,
    video: BenchVideo = None,
    weights: RifeWeights = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """How well and how fast each interpolation rebuilds frames that were left out."""
    _limit(1)
    _limit_torch(1)
    from mezoo.bench.command import interpolate_command

    interpolate_command(runs=runs, video=video, rife_weights=weights, quick=quick, out=json_file)


@bench.command("magnify")
def bench_magnify(
    runs: Runs = 5,
    methods: Annotated[str, typer.Option(help="Names, with commas; all that can run.")] = "",
    weights: MagnetWeights = None,
    quick: Quick = False,
    json_file: Json = None,
) -> None:
    """Gain, likeness to the truth, false motion and speed of the magnification methods."""
    _limit(1)
    _limit_torch(1)
    from mezoo.bench.command import magnify_command

    magnify_command(runs=runs, methods=_words(methods), weights=weights, quick=quick, out=json_file)
