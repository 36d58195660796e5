"""Recognition: inputs of clips, labels of protocols, training on the other subjects, prediction and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import Faces, Labels, MissingApex, Out, Threads, limit, limit_torch, weights_of
from mezoo.errors import ConfigError

app = typer.Typer()

Packs = Annotated[list[Path], typer.Option(help="Packs of every input of the recipe, one per subject.")]


@app.command()
def pack(
    name: Annotated[str, typer.Argument(help="Input with its numbers, e.g. apex_flow-28.")],
    artifacts: Annotated[Path, typer.Option(help="Folder of the corpus: results/artifacts/<dataset>.")],
    labels: Annotated[list[Path], typer.Option(help="Event tables of the videos of the subject.")],
    dataset: Annotated[str, typer.Option(help="Name of the corpus.")],
    subject: Annotated[str, typer.Option(help="Whose videos.")],
    out: Out,
    missing_apex: MissingApex = "middle",
    threads: Threads = 1,
) -> None:
    """One kind of input for all expressions of one subject, in one file that is mapped into memory."""
    from mezoo.inputs.pack import pack_file

    limit(threads)
    pack_file(name, artifacts, labels, out, dataset=dataset, subject=subject, missing_apex=missing_apex)


@app.command()
def protocol(
    name: Annotated[str, typer.Argument(help="Name of a protocol; `mezoo catalog --explain list` has all.")],
    catalogs: Annotated[list[str], typer.Option("--catalog", help="LAYOUT=FOLDER that mezoo catalog wrote.")],
    out: Out,
    subjects: Annotated[
        list[str], typer.Option("--subjects", help="DATASET/SUBJECT of all who get a file.")
    ] = [],  # noqa: B006  (typer reads it, nobody writes)
    official: Annotated[Path | None, typer.Option(help="The list of the organisers of a challenge.")] = None,
) -> None:
    """Labels of a protocol, one file per subject, and its counts beside the published ones."""
    from mezoo.datasets.protocol_labels import protocol_labels

    pairs = [text.partition("=") for text in catalogs]
    if wrong := [text for text, (_, sign, _) in zip(catalogs, pairs, strict=True) if not sign]:
        raise ConfigError(f"--catalog {wrong[0]}", "LAYOUT=FOLDER", "Correct it")
    found = {layout: Path(folder) for layout, _, folder in pairs}
    table = protocol_labels(name, found, out, subjects=subjects, official=official)
    counts = table["label"].value_counts().to_dict()
    typer.echo(f"{name}: {len(table)} clips of {table['group'].nunique()} groups, {counts}")


@app.command()
def fit_recogniser(
    recipe: Annotated[Path, typer.Argument(help="A file of workflow/recipes.")],
    packs: Packs,
    labels: Annotated[list[Path], typer.Option(help="Label files of the same subjects.")],
    classes: Annotated[list[str], typer.Option(help="Labels in the order of the outputs.")],
    out: Out,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    max_failed_share: Annotated[float, typer.Option(min=0, max=1)] = 0.1,
    pretrained: Annotated[Path | None, typer.Option(help="Weights of the backbone to start from.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Use the recipe's values for synthetic clips.")
    ] = False,
    threads: Threads = 1,
) -> None:
    """Train one recogniser on the training subjects of one fold."""
    from mezoo.learning.recipe import for_recognition, load_recipe

    if for_recognition(load_recipe(recipe, demo=demo)).model != "svm":
        limit_torch(threads)
    from mezoo.learning.recogniser_fit import fit_recogniser as run

    run(
        recipe,
        packs,
        labels,
        out,
        classes=classes,
        seed=seed,
        accelerator=accelerator,
        max_failed_share=max_failed_share,
        pretrained=pretrained,
        demo=demo,
    )


@app.command()
def predict_recogniser(
    model: Annotated[Path, typer.Argument(help="Artifact of the stage fit_recogniser.")],
    packs: Packs,
    protocol: Annotated[str, typer.Option(help="Name of the experiment.")],
    fold: Annotated[str, typer.Option(help="Name of the fold.")],
    out: Out,
    threads: Threads = 1,
) -> None:
    """Apply the frozen recogniser of one fold to the held-out subjects."""
    limit_torch(threads)
    from mezoo.learning.recogniser_predict import predict_recogniser as run

    run(model, packs, out, protocol=protocol, fold=fold)


@app.command()
def score_recogniser(
    folds: Annotated[list[Path], typer.Option(help="Artifacts of predict-recogniser, all folds and seeds.")],
    labels: Annotated[list[Path], typer.Option(help="Label files of all subjects.")],
    predictions: Annotated[Path, typer.Option(help="CSV for the classes and probabilities of every clip.")],
    out: Out,
) -> None:
    """Score all folds of one recipe on one protocol under every selection rule."""
    from mezoo.learning.recognition_score import score_recognition as run

    run(folds, labels, out=out, predictions_out=predictions)


@app.command()
def recognise_spotted(
    model: Annotated[Path, typer.Argument(help="Artifact of the stage fit_recogniser.")],
    spotter: Annotated[Path, typer.Option(help="Artifact of the stage fit of the same held-out subject.")],
    proposals: Annotated[Path, typer.Option(help="What that spotter found: artifact of the stage predict.")],
    faces: Annotated[list[Path], typer.Option(help="Faces artifacts of the videos of the subject.")],
    protocol: Annotated[str, typer.Option(help="Name of the experiment.")],
    out: Out,
    weights: Annotated[
        list[str], typer.Option(help="magnet=FILE or slstt=FILE, for models that need them.")
    ] = [],  # noqa: B006
    threads: Threads = 1,
) -> None:
    """Give a class to each micro-expression that a spotter found in a held-out subject."""
    limit(threads)
    limit_torch(threads)
    from mezoo.learning.spotted_classes import recognise_spotted as run

    run(model, spotter, proposals, faces, out, protocol=protocol, weights=weights_of(weights))


@app.command()
def score_strs(
    found: Annotated[list[Path], typer.Option(help="Files of recognise-spotted, all subjects and seeds.")],
    labels: Annotated[list[Path], typer.Option(help="Label files of all subjects.")],
    events: Annotated[list[Path], typer.Option(help="events.csv of the corpora.")],
    classes: Annotated[list[str], typer.Option(help="Labels of the protocol.")],
    out: Out,
) -> None:
    """Score spotting, recognition of what was found, and their product (STRS) on one protocol."""
    from mezoo.learning.spotted_classes import score_spotted

    score_spotted(found, labels, events, out, classes=classes)


@app.command()
def recognition_tables(
    scores: Annotated[list[Path], typer.Option(help="Files loso_<recipe>.csv of recognition.")],
    predictions: Annotated[list[Path], typer.Option(help="Predictions of every clip, for paired tests.")],
    out: Out,
    corpora: Annotated[list[str], typer.Option("--catalog", help="Corpora that this run has.")] = [],  # noqa: B006
) -> None:
    """Ours beside the papers' numbers, as csv, md and tex, and paired tests between recipes."""
    from mezoo.learning.recognition_score import read_predictions
    from mezoo.learning.score import read_scores
    from mezoo.report.recognition_tables import write_recognition_tables

    found = read_predictions(predictions)
    write_recognition_tables(read_scores(scores), out, predictions=found, corpora=corpora)


@app.command()
def recognition_figures(
    predictions: Annotated[Path, typer.Argument(help="Predictions of every clip, of score-recogniser.")],
    out: Out,
    models: Annotated[
        list[Path], typer.Option(help="Models of all folds; with them, training curves are drawn.")
    ] = [],  # noqa: B006
) -> None:
    """Confusion matrices, accuracy per subject and training curves of one recipe on one protocol."""
    from mezoo.report.recognition_figures import draw_recognition

    draw_recognition(predictions, out, models=models)


@app.command()
def slstt_tokens(
    faces: Faces,
    labels: Labels,
    out: Out,
    weights: Annotated[
        Path | None, typer.Option(help="B_16_imagenet1k.pth; without it a small untrained transformer.")
    ] = None,
    missing_apex: MissingApex = "middle",
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    threads: Threads = 1,
) -> None:
    """Class tokens of SLSTT's vision transformer for each expression of one video."""
    limit(threads)
    limit_torch(threads)
    from mezoo.learning.slstt_tokens import slstt_tokens_file

    slstt_tokens_file(faces, labels, out, weights=weights, missing_apex=missing_apex, accelerator=accelerator)


@app.command()
def macro_stills(
    recipe: Annotated[
        Path, typer.Argument(help="A file of workflow/pretraining, which tells size and frames.")
    ],
    catalogs: Annotated[list[Path], typer.Option("--catalog", help="Catalogs of macro-expression corpora.")],
    out: Out,
    micro: Annotated[
        list[Path],
        typer.Option("--micro", help="Catalogs of the corpora whose subjects must not be among them."),
    ] = [],  # noqa: B006
    demo: Annotated[bool, typer.Option("--demo", help="Use the values for synthetic faces.")] = False,
    threads: Threads = 1,
) -> None:
    """Face crops of macro-expressions with their classes, to pretrain a backbone on."""
    from mezoo.learning.macro_stills import macro_stills_file
    from mezoo.learning.pretrain_recipe import load_pretrain_recipe

    limit(threads)
    settings = load_pretrain_recipe(recipe, demo=demo)
    macro_stills_file(catalogs, out, size=settings.size, frames=settings.frames, micro=micro)


@app.command()
def pretrain(
    recipe: Annotated[Path, typer.Argument(help="A file of workflow/pretraining.")],
    stills: Annotated[Path, typer.Argument(help="Artifact of macro-stills.")],
    out: Out,
    start: Annotated[Path | None, typer.Option(help="Weights to begin with, e.g. of ImageNet.")] = None,
    accelerator: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    demo: Annotated[bool, typer.Option("--demo", help="Use the values for synthetic faces.")] = False,
    threads: Threads = 1,
) -> None:
    """Train a backbone on stills of macro-expressions."""
    limit_torch(threads)
    from mezoo.learning.pretrain import pretrain as run

    run(recipe, stills, out, start=start, accelerator=accelerator, demo=demo)


@app.command()
def leakcheck(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe for recognition.")],
    protocol: Annotated[str, typer.Option(help="Experiment; the first of this run when absent.")] = "",
    threads: Threads = 1,
) -> None:
    """Train again with random labels, and where nobody else's files lie: nothing may have leaked."""
    limit_torch(threads)
    from mezoo.controls import leakcheck_of

    failed = 0
    for finding in leakcheck_of(recipe, protocol).run():
        typer.echo(f"{'ok  ' if finding.ok else 'LEAK'}  {finding.check}: {finding.detail}")
        failed += not finding.ok
    if failed:
        raise typer.Exit(1)
