"""Augmentations by name: each changes the inputs of one clip as they are in the pack, before normalisation."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from mezoo.errors import ConfigError

if TYPE_CHECKING:
    from mezoo.learning.batches import Augment

#: Name -> module of this package and function.
_AUGMENTATIONS: dict[str, tuple[str, str]] = {
    "apex_crop": ("augment_apex", "apex_crop"),
    "apex_jitter": ("augment_apex", "apex_jitter"),
    "clip_window": ("augment_akmnet", "clip_window"),
    "flow_variants": ("augment_dtscnn", "flow_variants"),
    "strcn_frames": ("augment_strcn", "strcn_frames"),
    "strcn_motion": ("augment_strcn", "strcn_motion"),
}


def augmentations() -> list[str]:
    """All names."""
    return ["none", *_AUGMENTATIONS]


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
            f"one of {', '.join(augmentations())}",
            "Correct the name in the recipe",
        )
    module, function = _AUGMENTATIONS[name]
    return getattr(importlib.import_module(f"mezoo.learning.{module}"), function)
