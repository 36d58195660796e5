"""The command line: thin, and lazy, so that a stage loads only what it needs.

Exit status: 0 done, 1 the run failed, 2 wrong usage or configuration.
"""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from mezoo import __version__
from mezoo.cli import bench, corpora, learning, looking, recognition, results, stages, tools
from mezoo.cli.many_values import spread
from mezoo.errors import ConfigError, MezooError

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Facial micro-expression analysis: raw videos to honest leave-one-subject-out tables.",
)
for group in (corpora, stages, learning, recognition, results, tools, looking):  # in the order of --help
    app.add_typer(group.app)
app.add_typer(bench.app, name="bench")
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
    sys.argv[1:] = spread(sys.argv[1:])
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
