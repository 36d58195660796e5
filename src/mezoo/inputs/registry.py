"""The registry of inputs: a kind exists for the rest of the package once its function is registered.

A file of this package decorates its function with `clip_input`; the files are imported on first use, so a new
kind needs a new file and nothing else. Whole numbers at the end of a name are arguments: ``apex_flow-28`` asks
for ``apex_flow`` with its first argument 28.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mezoo.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np

    from mezoo.inputs.clip import Clip

Shape = tuple[int | str, ...]
Function = TypeVar("Function", bound=Callable[..., "np.ndarray"])


@dataclass(frozen=True)
class ClipInput:
    """One kind of input.

    Attributes
    ----------
    name : str
        Without arguments.
    stages : tuple of str
        Folders of the artifacts of a video that it is made of; ``{size}`` stands for the argument ``size``, e.g.
        ``interpolated-tim-{length}``.
    shape : tuple of int or str
        Of one expression; a word is the argument of that name, ``T`` a length that differs from clip to clip, ``F`` one
        that follows from the arguments.
    axes, units, dtype : str
        What the axes are, the unit, and the type of number in the pack.
    arguments : tuple of str
        Names of the numbers in a name, in order.
    paper : str
        Who feeds a network so.
    reads_apex : bool
        Whether it asks the clip for its apex, so that ``flow.missing_apex`` matters.
    function : callable
        ``function(clip, **arguments)`` gives the array of one expression; a `DataError` leaves it out, with its
        reason.
    """

    name: str
    stages: tuple[str, ...]
    shape: Shape
    axes: str
    units: str
    dtype: str
    arguments: tuple[str, ...]
    paper: str
    reads_apex: bool
    function: Callable[..., np.ndarray]


@dataclass(frozen=True)
class Request:
    """An input with its arguments: what a name in a recipe asks for.

    Attributes
    ----------
    name : str
        As written, e.g. ``apex_flow-28``; part of the path of a pack.
    kind : ClipInput
    arguments : mapping of str to int
    """

    name: str
    kind: ClipInput
    arguments: Mapping[str, int]

    @property
    def stages(self) -> tuple[str, ...]:
        """Folders of the artifacts of a video that the input is made of."""
        return tuple(stage.format(**self.arguments) for stage in self.kind.stages)

    @property
    def shape(self) -> Shape:
        """Shape of one expression; ``T`` is a length that differs from clip to clip."""
        return tuple(
            self.arguments.get(side, side) if isinstance(side, str) else side for side in self.kind.shape
        )

    @property
    def ragged(self) -> bool:
        """Whether clips differ in length."""
        return "T" in self.shape

    def make(self, clip: Clip) -> np.ndarray:
        """Compute the array of one expression; `DataError` when it cannot be used."""
        return self.kind.function(clip, **self.arguments)


_KINDS: dict[str, ClipInput] = {}


def clip_input(
    name: str,
    *,
    stages: tuple[str, ...],
    shape: Shape,
    axes: str,
    paper: str,
    units: str = "",
    dtype: str = "float32",
    arguments: tuple[str, ...] = (),
    reads_apex: bool = False,
) -> Callable[[Function], Function]:
    """Enter the decorated function under `name`; see `ClipInput` for the other arguments.

    Raises
    ------
    ValueError
        When two files claim the same name.
    """

    def enter(function: Function) -> Function:
        if name in _KINDS:
            raise ValueError(f"input {name!r} is registered twice")
        _KINDS[name] = ClipInput(
            name, stages, shape, axes, units, dtype, arguments, paper, reads_apex, function
        )
        return function

    return enter


def _kinds() -> dict[str, ClipInput]:
    package = importlib.import_module("mezoo.inputs")
    for module in pkgutil.iter_modules(package.__path__, "mezoo.inputs."):
        importlib.import_module(module.name)
    return _KINDS


def input_names() -> list[str]:
    """All kinds with the arguments they take, e.g. ``apex_flow-SIZE``, sorted."""
    return sorted("-".join([name, *map(str.upper, kind.arguments)]) for name, kind in _kinds().items())


def request(name: str) -> Request:
    """Understand a name such as ``apex_flow-28``.

    Raises
    ------
    ConfigError
        No such kind, or not as many positive whole numbers as it takes.
    """
    word, *numbers = name.split("-")
    kind = _kinds().get(word)
    if (
        kind is None
        or len(numbers) != len(kind.arguments)
        or not all(n.isdigit() and int(n) for n in numbers)
    ):
        raise ConfigError(
            f"input '{name}'", f"one of {', '.join(input_names())}", "Correct the name in the recipe"
        )
    return Request(name, kind, dict(zip(kind.arguments, map(int, numbers), strict=True)))
