"""What the Snakefile needs before it can name a file: the checked settings and the plan of the run."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mezoo.config import Config, parse
from mezoo.errors import MezooError
from mezoo.experiments import DEMO, Experiment, experiment, missing_corpora
from mezoo.learning.recipe import Task, for_recognition, for_spotting, load_recipe, recipe_names
from mezoo.learning.recognition_recipe import NetworkRecipe, RecognitionRecipe
from mezoo.plan import Corpus, corpora

RECIPES = Path("workflow/recipes")
_LOSO = re.compile(r"results/loso_([a-z0-9_]+)\.csv")
#: What `stated_settings` takes over from each section.
_STATED: Any = {
    "demo": {"subjects", "seed", "size"},
    "recognition": {"protocols", "demo_protocols"},
    "seeds": True,
    "faces": {
        "margin",
        "size",
        "max_gap",
        "smooth",
        "missing_frames",
        "min_valid_share",
        "detector",
        "landmarks",
    },
    "flow": True,
    "mdmo": True,
    "max_failed_share": True,
}


def prepare(values: Mapping[str, Any], *, announce: bool = True) -> tuple[Config, dict[str, Corpus]]:
    """Check configuration and recipes, list the corpora and let jobs find this environment's `mezoo`.

    A slip in a recipe is told now and not when the first fold is trained, hours later.

    Parameters
    ----------
    values : mapping
        Snakemake's ``config``: config.yaml with what the command line replaced.
    announce : bool
        Whether to say on stderr which configured corpora take no part in spotting.

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
        for recipe in config.spotting.recipes:
            for_spotting(load_recipe(RECIPES / f"{recipe}.yaml", demo=config.demo_enabled))
        for recipe in config.recognition.recipes:
            for_recognition(load_recipe(RECIPES / f"{recipe}.yaml", demo=config.demo_enabled))
        found = corpora(config)
        clips = [name for name, corpus in found.items() if corpus.kind == "clip" and not corpus.is_demo]
        if announce and clips:
            print(
                f"mezoo: {', '.join(clips)}: clips of single expressions take no part in spotting; their"
                f" artifacts are made on request, e.g. snakemake results/catalog/{clips[0]}/flow_apex.csv",
                file=sys.stderr,
            )
        return config, found
    except MezooError as error:
        sys.exit(f"mezoo: {error}")


def experiments(config: Config, found: Mapping[str, Corpus]) -> dict[str, Experiment]:
    """Plan the experiments of recognition whose corpora this run has, by name.

    Raises
    ------
    SystemExit
        With one readable line, as `prepare`.
    """
    names = [*config.recognition.protocols]
    if config.demo_enabled:
        names += [DEMO + name for name in config.recognition.demo_protocols]
    return _planned(names, found)


def strs_experiments(config: Config, found: Mapping[str, Corpus]) -> dict[str, Experiment]:
    """Plan the experiments of spot-then-recognise in the same way."""
    names = [*config.recognition.strs_protocols]
    if config.demo_enabled:
        names += [DEMO + name for name in names]
    planned = _planned(names, found)
    for name, one in planned.items():
        if clips := [corpus.name for corpus in one.corpora.values() if corpus.kind != "long"]:
            sys.exit(
                f"mezoo: recognition.strs_protocols has {name} on the clips of {', '.join(clips)}; expressions are"
                " spotted in long videos, so give a protocol of such a corpus"
            )
    return planned


def _planned(names: Sequence[str], found: Mapping[str, Corpus]) -> dict[str, Experiment]:
    try:
        return {name: experiment(name, found) for name in names if not missing_corpora(name, found)}
    except MezooError as error:
        sys.exit(f"mezoo: {error}")


def recipes_of(task: Task) -> list[str]:
    """Names of the recipes that spot, or of those that recognise."""
    return recipe_names(RECIPES)[task]


def reported(config: Config, requested: Iterable[str]) -> dict[Task, list[str]]:
    """List the recipes of the report by task: those of the configuration, then others that were asked for.

    Parameters
    ----------
    config : Config
    requested : iterable of str
        Targets of the command line; ``results/loso_<recipe>.csv`` names a recipe.
    """
    asked = [match[1] for target in sorted(requested) if (match := _LOSO.fullmatch(target))]
    known = recipe_names(RECIPES)
    names = dict.fromkeys([*config.recipes, *asked])
    return {task: [name for name in names if name in known[task]] for task in known}


def stated_settings(config: Config, found: Mapping[str, Corpus]) -> dict[str, Any]:
    """Give the settings that the results depend on, without the places of files, as the report states them.

    Parameters
    ----------
    config : Config
    found : mapping of str to Corpus
        The corpora of the run by name.
    """
    datasets = {
        name: corpus.settings.model_dump(mode="json", include={"target_fps", "exclude", "options"})
        for name, corpus in found.items()
    }
    stated = {
        name: {key: value for key, value in section.items() if value} for name, section in datasets.items()
    }
    values = config.model_dump(mode="json", include=_STATED)
    if not config.demo_enabled:
        del values["demo"]
    return {"datasets": {name: section for name, section in stated.items() if section}, **values}


@cache
def spotter_stages(recipe: str, layout: str, *, demo: bool) -> list[str]:
    """Folders of the artifacts of a video that a spotter reads; one readable line when its recipe is faulty."""
    try:
        return for_spotting(load_recipe(RECIPES / f"{recipe}.yaml", demo=demo)).stages(layout)
    except MezooError as error:
        sys.exit(f"mezoo: {error}")


@cache
def _recogniser(recipe: str, demo: bool) -> RecognitionRecipe:
    try:
        return for_recognition(load_recipe(RECIPES / f"{recipe}.yaml", demo=demo))
    except MezooError as error:
        sys.exit(f"mezoo: {error}")


def recipe_inputs(recipe: str, *, demo: bool) -> list[str]:
    """List the inputs of a recognition recipe; one readable line when it cannot be read."""
    return _recogniser(recipe, demo).inputs


def backbone_of(recipe: str, config: Config, macro: Mapping[str, Corpus], *, demo: bool) -> Path | None:
    """Give the weights that the network of a recipe starts from: the user's file, or trained on macro-expressions.

    None for a recipe without, and where there is neither a file nor a corpus of macro-expressions to train on.
    """
    found = _recogniser(recipe, demo)
    name = found.pretrained if isinstance(found, NetworkRecipe) else None
    if name is None:
        return None
    if name in config.recognition.backbones and not demo:
        return config.recognition.backbones[name].expanduser()
    trained = any(corpus.is_demo == demo for corpus in macro.values())
    return Path(f"results/models/pretrained/{name}.h5") if trained else None


def recipe_memory(recipe: str, *, demo: bool) -> int:
    """Memory in MB that the training of a fold of a recognition recipe may take."""
    return _recogniser(recipe, demo).memory_mb


def failures(since: float, logs: str | Path = "results/logs") -> Iterator[str]:
    """Tell why jobs failed: the last line of their logs, each message once.

    Snakemake shows the logs of failed jobs only together with a block of lines for every job that
    succeeds, which would bury them.

    Parameters
    ----------
    since : float
        Start of the run, seconds of the epoch; older logs are of earlier runs.
    logs : Path
        Where the rules write their logs.
    """
    told: dict[str, list[Path]] = {}
    for path in sorted(Path(logs).rglob("*.log")):
        if path.stat().st_mtime >= since:
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "")
            if last.startswith("mezoo: ") or any(line.startswith("Traceback (most recent") for line in lines):
                told.setdefault(last.removeprefix("mezoo: "), []).append(path)
    for message, paths in told.items():
        more = f" and {len(paths) - 1} more jobs" if len(paths) > 1 else ""
        yield f"mezoo: {message}\n    log: {paths[0]}{more}"
