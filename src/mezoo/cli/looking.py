"""What there is: networks, artifacts, and what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import Files

app = typer.Typer()


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
