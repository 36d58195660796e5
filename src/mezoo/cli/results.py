"""Tables, figures and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import Faces, Files, Labels, Out, Threads, limit

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
