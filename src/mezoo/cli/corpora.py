"""Commands about corpora: synthetic ones, and the catalog of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mezoo.cli.options import settings_of
from mezoo.errors import ConfigError

app = typer.Typer()


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
        options=settings_of(options),
        exclude=exclude or [],
        items=items,
    )
