"""What the Snakefile needs before it can name a file: the checked settings and the plan of the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mezoo.config import Config, parse
from mezoo.errors import MezooError
from mezoo.learning.recipe import load_recipe
from mezoo.plan import Corpus, corpora

RECIPES = Path("workflow/recipes")


def prepare(values: Mapping[str, Any]) -> tuple[Config, dict[str, Corpus]]:
    """Check configuration and recipes, list the corpora and let jobs find this environment's `mezoo`.

    A slip in a recipe is told now and not when the first fold is trained, hours later.

    Parameters
    ----------
    values : mapping
        Snakemake's ``config``: config.yaml with what the command line replaced.

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
        for recipe in config.recipes:
            load_recipe(RECIPES / f"{recipe}.yaml", demo=config.demo_enabled)
        return config, corpora(config)
    except MezooError as error:
        sys.exit(f"mezoo: {error}")
