"""Controls of a whole run: which files the check for leaks is given."""

from __future__ import annotations

from pathlib import Path

from mezoo.config import load
from mezoo.errors import ConfigError
from mezoo.experiments import Person
from mezoo.learning.leakcheck import FoldFiles, Leakcheck
from mezoo.plan import corpora, macro_corpora
from mezoo.workflow import RECIPES, backbone_of, experiments, recipe_inputs


def leakcheck_of(recipe: str, name: str, *, config_file: str | Path = "config.yaml") -> Leakcheck:
    """Prepare the check of a recipe on an experiment of the run in this folder.

    Parameters
    ----------
    recipe : str
    name : str
        Experiment; the first one of the run when empty.
    config_file : Path

    Raises
    ------
    ConfigError
        No such experiment, or its packs and labels are not made yet.
    """
    config = load(config_file)
    planned = experiments(config, corpora(config))
    name = name or next(iter(planned), "")
    if name not in planned:
        raise ConfigError(
            f"protocol '{name}'", f"one of {', '.join(planned) or 'none'}", "Correct config.yaml"
        )
    chosen = planned[name]
    inputs = recipe_inputs(recipe, demo=chosen.is_demo)

    def packs(persons: list[Person]) -> list[Path]:
        return [Path(f"results/artifacts/{d}/pack-{kind}/{s}.h5") for kind in inputs for d, s in persons]

    def labels(persons: list[Person]) -> list[Path]:
        return [Path(f"results/protocols/{name}/{d}/{s}.csv") for d, s in persons]

    folds = [
        FoldFiles(fold, packs(t := chosen.training(fold)), labels(t), packs(held), labels(held))
        for fold, held in chosen.folds.items()
    ]
    weights = backbone_of(recipe, config, macro_corpora(config), demo=chosen.is_demo)
    needed = [*packs(chosen.persons), *labels(chosen.persons), *([weights] if weights else [])]
    absent = [path for path in needed if not path.is_file()]
    if absent:
        raise ConfigError(
            f"{len(absent)} files are not made yet, e.g. {absent[0]}",
            "the inputs, labels and pretrained weights of all folds",
            f"Run snakemake results/loso_{recipe}.csv first",
        )
    return Leakcheck(
        RECIPES / f"{recipe}.yaml",
        folds,
        chosen.protocol.classes,
        demo=chosen.is_demo,
        pretrained=weights,
    )
