"""Recipes: one YAML file per reproduced method, with every value that its results depend on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from mezoo.config import Section, validate
from mezoo.errors import ConfigError
from mezoo.learning.recognition_recipe import NetworkRecipe, RecognitionRecipe, SvmRecipe
from mezoo.models.auwgcn_proposals import ProposalSettings

Task = Literal["spotting", "recognition"]
#: Recipes that name no value for a layout are read as if for this one.
_DEFAULT_LAYOUT = "casme_sq"


class AuwgcnLayout(Section):
    """Values of AUW-GCN that the paper sets per corpus; lengths in frames of the sampled video."""

    first_epoch: int = Field(ge=0, description="First epoch (0-based) among which the oracle chooses.")
    macro_weight: float = Field(gt=0, description="Weight of the macro terms of the loss.")
    micro: ProposalSettings = Field(description="Search for micro-expressions.")
    macro: ProposalSettings = Field(description="Search for macro-expressions.")


class AuwgcnRecipe(Section):
    """AUW-GCN (Yin et al., ICME 2023)."""

    model: Literal["auwgcn"]
    features: Literal["mdmo"] = "mdmo"
    adjacency: Literal["official_asset", "train_fold", "train_fold+identity", "identity", "learned"]
    adjacency_file: Path | None = Field(None, description="Released graph (.npy) for official_asset.")
    au_mapping: Literal["official", "facs"]
    normalisation: Literal["train_fold", "official"]
    targets: Literal["corrected", "official"]
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2, description="At least 2: batch normalisation needs more than one clip.")
    learning_rate: float = Field(gt=0)
    learning_rate_decay: float = Field(gt=0, le=1)
    weight_decay: float = Field(ge=0)
    inner_share: float = Field(gt=0, lt=1)
    thresholds: list[float] = Field(min_length=1)
    label_control: Literal["none", "shuffle_videos"] = "none"
    counting: Literal["megc2021", "auwgcn"] = "megc2021"
    layouts: dict[str, AuwgcnLayout]

    def layout(self, name: str) -> AuwgcnLayout:
        """Values for the layout `name`; those of CAS(ME)^2 where the recipe has none."""
        return self.layouts.get(name, self.layouts[_DEFAULT_LAYOUT])

    @property
    def leaks(self) -> list[str]:
        """Options through which the held-out subject reaches the training."""
        found = []
        if self.adjacency == "official_asset":
            found.append("adjacency")
        if self.normalisation == "official":
            found.append("normalisation")
        return found


class PeaksRecipe(Section):
    """Peaks of the mean MDMO magnitude: no training."""

    model: Literal["mdmo_peaks"]
    features: Literal["mdmo"] = "mdmo"
    threshold: float = Field(ge=0, le=1)
    thresholds: list[float] = Field(min_length=1)
    counting: Literal["megc2021", "auwgcn"] = "megc2021"

    @property
    def leaks(self) -> list[str]:
        """Nothing of the held-out subject is used."""
        return []


SpottingRecipe = AuwgcnRecipe | PeaksRecipe
Recipe = SpottingRecipe | RecognitionRecipe


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
    return validate(_model_of(values), values, file=file)


def for_spotting(recipe: Recipe) -> SpottingRecipe:
    """Return a recipe that spots; `ConfigError` for one that recognises."""
    if isinstance(recipe, AuwgcnRecipe | PeaksRecipe):
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


def _model_of(values: Mapping[str, Any]) -> type[Recipe]:
    model = values.get("model")
    if values.get("task") == "recognition":
        return SvmRecipe if model == "svm" else NetworkRecipe
    return PeaksRecipe if model == "mdmo_peaks" else AuwgcnRecipe


def _values(path: Path) -> dict[str, Any]:
    if not path.is_file():
        names = ", ".join(sorted(other.stem for other in path.parent.glob("*.yaml")))
        raise ConfigError(f"no recipe '{path.stem}'", f"one of {names}", "Correct the name", file=path)
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    base = values.pop("extends", None)
    return values if base is None else {**_values(path.with_name(f"{base}.yaml")), **values}
