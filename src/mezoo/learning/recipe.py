"""Recipes: one YAML file per reproduced method, with every value that its results depend on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from mezoo.config import validate
from mezoo.errors import ConfigError
from mezoo.learning.recognition_recipe import NetworkRecipe, RecognitionRecipe, SvmRecipe
from mezoo.learning.spotting_recipe import SpottingRecipe

Task = Literal["spotting", "recognition"]
Recipe = SpottingRecipe | RecognitionRecipe

#: The parser in C, where it is built, is ten times as fast: every plan reads all recipes several times.
_SAFE: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Value of ``model`` -> what a spotting recipe of that model may say.
_SPOTTING: dict[str, type[SpottingRecipe]] = {
    model: kind
    for kind in get_args(SpottingRecipe)
    for model in get_args(kind.model_fields["model"].annotation)
}


def load_recipe(path: str | Path, *, demo: bool = False) -> Recipe:
    """Read and check a recipe file; `extends: NAME` starts from the recipe of that name beside it.

    With `demo`, the values of its section ``demo`` replace the others: the synthetic corpora are much
    smaller than the real ones.

    Raises
    ------
    ConfigError
        Unreadable file, unknown key or wrong value.
    """
    values = _values(Path(path))
    for_demo = values.pop("demo", {})
    return parse_recipe({**values, **for_demo} if demo else values, file=path)


def parse_recipe(values: Any, *, file: str | Path | None = None) -> Recipe:
    """Check a mapping as `load_recipe` does; `file` is named in errors."""
    return validate(_model_of(values, file), values, file=file)


def for_spotting(recipe: Recipe) -> SpottingRecipe:
    """Return a recipe that spots; `ConfigError` for one that recognises."""
    if isinstance(recipe, SpottingRecipe):
        return recipe
    raise ConfigError(
        "a recipe for recognition", "one for spotting", "Give another recipe, or mezoo fit-recogniser"
    )


def for_recognition(recipe: Recipe) -> RecognitionRecipe:
    """Return a recipe that recognises; `ConfigError` for one that spots."""
    if isinstance(recipe, SvmRecipe | NetworkRecipe):
        return recipe
    raise ConfigError("a recipe for spotting", "one for recognition", "Give another recipe, or mezoo fit")


def recipe_names(folder: str | Path) -> dict[Task, list[str]]:
    """Recipes of a folder by what they do; a file without a task is for spotting."""
    names: dict[Task, list[str]] = {"spotting": [], "recognition": []}
    for path in sorted(Path(folder).glob("*.yaml")):
        names[_values(path).get("task", "spotting")].append(path.stem)
    return names


def _model_of(values: Mapping[str, Any], file: str | Path | None) -> type[Recipe]:
    model = values.get("model")
    if values.get("task") == "recognition":
        return SvmRecipe if model == "svm" else NetworkRecipe
    if model not in _SPOTTING:
        raise ConfigError(
            f"model is {model!r}", f"one of {', '.join(_SPOTTING)}", "Correct the name", file=file
        )
    return _SPOTTING[model]


def _values(path: Path) -> dict[str, Any]:
    if not path.is_file():
        names = ", ".join(sorted(other.stem for other in path.parent.glob("*.yaml")))
        raise ConfigError(f"no recipe '{path.stem}'", f"one of {names}", "Correct the name", file=path)
    values = yaml.load(path.read_text(encoding="utf-8"), Loader=_SAFE)
    base = values.pop("extends", None)
    return values if base is None else {**_values(path.with_name(f"{base}.yaml")), **values}
