"""What the Snakefile needs before it can name a file: the checked configuration and the plan of the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mezoo.config import Config, parse
from mezoo.errors import MezooError
from mezoo.plan import Corpus, corpora, skipped


def prepare(values: Mapping[str, Any], *, announce: bool = True) -> tuple[Config, dict[str, Corpus]]:
    """Check the configuration, list the corpora and let jobs find this environment's `mezoo`.

    Parameters
    ----------
    values : mapping
        Snakemake's ``config``: config.yaml with what the command line replaced.
    announce : bool
        Whether to say on stderr which configured corpora take no part.

    Returns
    -------
    Config, dict of str to Corpus

    Raises
    ------
    SystemExit
        With one readable line, where Snakemake would print the traceback of our error.
    """
    folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])  # activated or not
    try:
        config = parse(dict(values), file="config.yaml")
        if announce and (clips := skipped(config)):
            print(
                f"mezoo: {', '.join(clips)}: clips of single expressions take no part, because every recipe"
                " spots expressions in long videos; their tables are made by mezoo catalog.",
                file=sys.stderr,
            )
        return config, corpora(config)
    except MezooError as error:
        sys.exit(f"mezoo: {error}")
