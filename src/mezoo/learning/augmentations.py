"""Augmentations by name: each changes the inputs of one clip as they are in the pack, before normalisation."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from mezoo.errors import ConfigError

if TYPE_CHECKING:
    from mezoo.learning.batches import Augment

#: Name -> module of this package and function.
_AUGMENTATIONS: dict[str, tuple[str, str]] = {}


def augmentation(name: str) -> Augment | None:
    """Find an augmentation; None for ``none``.

    Raises
    ------
    ConfigError
        There is none of this name.
    """
    if name == "none":
        return None
    if name not in _AUGMENTATIONS:
        raise ConfigError(
            f"augment '{name}'",
            f"one of {', '.join(['none', *_AUGMENTATIONS])}",
            "Correct the name in the recipe",
        )
    module, function = _AUGMENTATIONS[name]
    return getattr(importlib.import_module(f"mezoo.learning.{module}"), function)
