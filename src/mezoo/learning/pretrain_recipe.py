"""How a backbone is trained on macro-expressions: one YAML file per backbone in ``workflow/pretraining``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from mezoo.config import Section, one_line
from mezoo.errors import ConfigError


class PretrainRecipe(Section):
    """Network, pictures and optimisation."""

    model: str = Field(
        description="Name in the registry of a recognition network whose one input is an image."
    )
    options: dict[str, Any] = Field({}, description="Arguments of its constructor but n_classes.")
    size: int = Field(gt=0, description="Side of the pictures in px.")
    frames: int = Field(gt=0, description="Frames taken of a sequence, the peak and those before it.")
    steps: int = Field(gt=0, description="Steps of the optimiser.")
    batch_size: int = Field(gt=1, description="Pictures per step.")
    learning_rate: float = Field(gt=0, description="At the first step; a half cosine takes it to 0.")
    momentum: float = Field(ge=0, lt=1, description="Of stochastic gradient descent.")
    weight_decay: float = Field(ge=0, description="Of stochastic gradient descent.")
    augment: bool = Field(
        description="Whether pictures are mirrored, turned and shifted (augment_apex.apex_jitter)."
    )


def load_pretrain_recipe(path: str | Path, *, demo: bool = False) -> PretrainRecipe:
    """Read and check a file; with `demo`, the values of its section ``demo`` replace the others.

    Raises
    ------
    ConfigError
        Unreadable file, unknown key or wrong value.
    """
    path = Path(path)
    if not path.is_file():
        names = ", ".join(sorted(other.stem for other in path.parent.glob("*.yaml")))
        raise ConfigError(f"no pretraining '{path.stem}'", f"one of {names}", "Correct the name", file=path)
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    for_demo = values.pop("demo", {})
    try:
        return PretrainRecipe(**{**values, **for_demo} if demo else values)
    except ValidationError as error:
        raise one_line(PretrainRecipe, error.errors()[0], path) from None
