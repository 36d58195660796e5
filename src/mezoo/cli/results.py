"""Tables, figures and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import Faces, Files, Labels, Out, Settings, Threads, limit, settings_of

app = typer.Typer()


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
    limit(threads)
    from mezoo.report.strips import draw_strips

    draw_strips(labels, faces, out)


@app.command()
def spotting_tables(
    scores: Annotated[list[Path], typer.Option(help="Files loso_<recipe>.csv of spotting.")],
    out: Out,
    corpora: Annotated[list[str], typer.Option("--catalog", help="Corpora that this run has.")] = [],  # noqa: B006
) -> None:
    """Ours beside the papers' numbers, as csv, md and tex."""
    from mezoo.learning.pooling import read_scores
    from mezoo.report.spotting_tables import write_spotting_tables

    write_spotting_tables(read_scores(scores), out, corpora=corpora)


@app.command()
def report(
    out: Out,
    folder: Annotated[Path, typer.Option(help="Gets tables/report, cards and methods.")],
    scores: Annotated[list[Path], typer.Option(help="loso_*.csv of spotting.")] = [],  # noqa: B006
    figures: Annotated[list[Path], typer.Option(help="Folders of figures of spotting.")] = [],  # noqa: B006
    usable: Annotated[list[Path], typer.Option(help="usable.csv of the corpora of videos.")] = [],  # noqa: B006
    models: Annotated[list[Path], typer.Option(help="Models of spotting trained on everybody.")] = [],  # noqa: B006
    strips: Annotated[
        list[Path], typer.Option(help="Folders of strips; without them the page shows no face.")
    ] = [],  # noqa: B006
    recognition_scores: Annotated[list[Path], typer.Option(help="loso_*.csv of recognition.")] = [],  # noqa: B006
    recognition_predictions: Annotated[list[Path], typer.Option(help="Predictions of every clip.")] = [],  # noqa: B006
    recognition_figures: Annotated[list[Path], typer.Option(help="Folders of their figures.")] = [],  # noqa: B006
    recognition_models: Annotated[
        list[Path], typer.Option(help="A model of one fold for each recipe and protocol.")
    ] = [],  # noqa: B006
    protocols: Annotated[list[Path], typer.Option(help="Folders of the labels of protocols.")] = [],  # noqa: B006
    audits: Annotated[list[Path], typer.Option(help="audit.csv of all corpora.")] = [],  # noqa: B006
    settings: Settings = "{}",
    benchmarks: Annotated[Path | None, typer.Option(help="Folder of Snakemake's measurements.")] = None,
) -> None:
    """Write the page that tells all results, in one file that opens offline, with tables, cards and methods."""
    from mezoo.report.page import write_report
    from mezoo.report.report_files import RecognitionFiles, RunFiles, SpottingFiles

    write_report(
        out,
        spotting=SpottingFiles(scores, figures, usable, models, strips),
        recognition=RecognitionFiles(
            recognition_scores, recognition_predictions, recognition_figures, recognition_models, protocols
        ),
        run=RunFiles(audits, settings_of(settings), benchmarks),
        folder=folder,
    )


@app.command()
def score(
    task: Annotated[str, typer.Argument(help="spotting, recognition, or strs: spotting, then recognition.")],
    truth: Annotated[
        Path,
        typer.Option(help="CSV: video, type, onset, offset (strs: and label); recognition: clip, label."),
    ],
    predictions: Annotated[
        Path, typer.Option(help="CSV of the same columns; recognition: clip, prediction.")
    ],
    counting: Annotated[
        str | None,
        typer.Option(help="Spotting: megc2021, or as published: auwgcn, auwgcn_2023, abpn, softnet."),
    ] = None,
    iou: Annotated[
        str | None, typer.Option(help="Spotting: thresholds, 0.1,0.2,...,0.9 if absent; strs: one, 0.5.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Spotting: frames per second, for errors in ms.")] = None,
    classes: Annotated[
        str | None, typer.Option(help="Recognition, strs: declared classes, a,b,c; those of TRUTH if absent.")
    ] = None,
    missing: Annotated[
        str | None,
        typer.Option(help="Recognition: a clip without prediction is an 'error' (default) or 'wrong'."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the scores as CSV too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")] = False,
) -> None:
    """Score anyone's intervals or classes: two CSV files, no artifact of ours."""
    from mezoo.report.score_text import as_json, as_text, score_files, write_csv

    scores = score_files(
        task, truth, predictions, counting=counting, iou=iou, fps=fps, classes=classes, missing=missing
    )
    if out is not None:
        write_csv(scores, out)
    typer.echo(as_json(scores) if json else as_text(scores))
