"""Training on the other subjects, prediction of the held-out one, and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import Files, Out, Threads, limit_torch

app = typer.Typer()


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
    limit_torch(threads)
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
    limit_torch(threads)
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
def gather_scores(
    scores: Files,
    out: Out,
    recognition: Annotated[
        bool, typer.Option("--recognition", help="Of protocols, whose rows are pooled already.")
    ] = False,
) -> None:
    """Join the scores of several corpora and add the rows pooled over them, or those of several protocols."""
    if recognition:
        from mezoo.learning.recognition_score import gather_protocols

        gather_protocols(scores, out)
    else:
        from mezoo.learning.score import gather_scores as run

        run(scores, out)
