"""The registry of networks: a model exists for the rest of the package once its class is registered.

A model file decorates its class with `register`; `list_models` and `create` import the files of this
package on first use, so a new paper needs a new file and nothing else. Tests of general properties run over
the list.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from mezoo.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

Task = Literal["spotting", "recognition"]
Shape = tuple[int | str, ...]
Constructor = TypeVar("Constructor", bound=Callable[..., Any])


@dataclass(frozen=True)
class ModelEntry:
    """What is known about one network.

    Attributes
    ----------
    name : str
        Key under which recipes ask for it.
    task : {"spotting", "recognition"}
        What its output means.
    inputs : Mapping[str, tuple]
        Arrays the forward pass takes, in order, with their shape after the batch axis; a letter stands for a
        free length, e.g. ``{"mdmo": ("T", 12, 2)}``. For recognition a key is the name of an input
        (`mezoo.inputs`), and an input with a free length is a list with one array per clip.
    output : tuple
        Shape of the output after the batch axis, in the same notation.
    paper : str
        Authors, venue and identifier of the paper.
    constructor : callable
        Builds the network from keyword arguments that all have defaults.
    stated_parameters : int or None
        Trainable numbers with default arguments as the paper or its code states them; tests hold the network to it.
    small : Mapping[str, Any]
        Arguments of a small version with the same structure, for tests of general properties and for the demo.
    small_inputs : Mapping[str, tuple]
        `inputs` of that version; empty when they are the same.
    """

    name: str
    task: Task
    inputs: Mapping[str, Shape]
    output: Shape
    paper: str
    constructor: Callable[..., Any]
    stated_parameters: int | None = None
    small: Mapping[str, Any] = field(default_factory=dict)
    small_inputs: Mapping[str, Shape] = field(default_factory=dict)

    @cached_property
    def n_parameters(self) -> int:
        """Number of trainable numbers of the network with default arguments (builds it once, without memory)."""
        import torch

        with torch.device("meta"):
            return self._count()

    def _count(self) -> int:
        return sum(p.numel() for p in self.constructor().parameters() if p.requires_grad)


_ENTRIES: dict[str, ModelEntry] = {}


def register(
    name: str,
    *,
    task: Task,
    inputs: Mapping[str, Shape],
    output: Shape,
    paper: str,
    stated_parameters: int | None = None,
    small: Mapping[str, Any] | None = None,
    small_inputs: Mapping[str, Shape] | None = None,
) -> Callable[[Constructor], Constructor]:
    """Enter the decorated class or function under `name`; see `ModelEntry` for the other arguments.

    Raises
    ------
    ValueError
        When two files claim the same name.
    """

    def enter(constructor: Constructor) -> Constructor:
        if name in _ENTRIES:
            raise ValueError(f"model {name!r} is registered twice")
        _ENTRIES[name] = ModelEntry(
            name,
            task,
            dict(inputs),
            output,
            paper,
            constructor,
            stated_parameters,
            dict(small or {}),
            dict(small_inputs or {}),
        )
        return constructor

    return enter


def _entries() -> dict[str, ModelEntry]:
    package = importlib.import_module("mezoo.models")
    for module in pkgutil.iter_modules(package.__path__, "mezoo.models."):
        importlib.import_module(module.name)
    return _ENTRIES


def list_models(task: Task | None = None) -> list[ModelEntry]:
    """Entries of all networks, sorted by name; only those of `task` when it is given."""
    entries = sorted(_entries().values(), key=lambda entry: entry.name)
    return [entry for entry in entries if task is None or entry.task == task]


def create(name: str, **kwargs: Any) -> nn.Module:
    """Build the network registered under `name`.

    Parameters
    ----------
    name : str
        Name as listed by `list_models`.
    **kwargs
        Arguments of the network's constructor.

    Raises
    ------
    ConfigError
        When no network has this name.
    """
    return constructor(name)(**kwargs)


def constructor(name: str) -> Callable[..., Any]:
    """Give what builds the network registered under `name`; `ConfigError` when there is none."""
    # the file of that name spares a job the others, which it does not use
    if name.isidentifier() and importlib.util.find_spec(f"mezoo.models.{name}"):
        importlib.import_module(f"mezoo.models.{name}")
    entries = _ENTRIES if name in _ENTRIES else _entries()
    if name not in entries:
        raise ConfigError(
            f"unknown model {name!r}",
            f"one of {', '.join(sorted(entries))}",
            "Run `mezoo models` for the list",
        )
    return entries[name].constructor
