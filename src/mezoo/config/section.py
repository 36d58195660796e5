"""What every section of the configuration is, and how a mistake in one becomes one readable line."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mezoo.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values cannot change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def validate(model: type[Model], values: Any, *, file: str | Path | None = None) -> Model:
    """Check `values` against a pydantic model; the first mistake becomes one readable `ConfigError`."""
    if not isinstance(values, dict):
        raise ConfigError(
            f"the top level is a {type(values).__name__}",
            "keys with values",
            "See docs/configuration.md",
            file=file,
        )
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise one_line(model, error.errors()[0], file) from None


def one_line(model: type[BaseModel], error: Any, file: str | Path | None) -> ConfigError:
    """Turn one entry of a pydantic error into what was found, what was expected and what to do."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location)
    if error["type"] == "extra_forbidden":
        known = list(_section_at(model, location[:-1]).model_fields)
        close = difflib.get_close_matches(location[-1], known, n=1)
        advice = f"Did you mean '{'.'.join([*location[:-1], close[0]])}'?" if close else "Remove it"
        return ConfigError(f"unknown key '{key}'", f"one of {', '.join(known)}", advice, file=file)
    expected = error["msg"].removeprefix("Input should be ")
    return ConfigError(
        f"{key} is {error['input']!r}",
        expected,
        f"Correct the value of '{key}' (docs/configuration.md)",
        file=file,
    )


def _section_at(model: type[BaseModel], location: list[str]) -> type[BaseModel]:
    for part in location:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return model
