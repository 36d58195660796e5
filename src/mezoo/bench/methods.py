"""The flow methods that are compared: those of the registry, and our TV-L1 in its other profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mezoo.errors import unknown
from mezoo.motion.backends import BACKENDS, Backend, get_backend

#: Every ratio is against this one.
REFERENCE = "opencv"
#: Loads torch, so it is measured when asked for only.
_ON_REQUEST = ("torch",)


@dataclass(frozen=True)
class Method:
    """A flow method under test.

    Attributes
    ----------
    label : str
        How tables name it.
    backend : str
        Name in the registry.
    params : dict
        What differs from its defaults.
    ordered : bool
        Whether it starts from the pair before, so that a video must be given from its beginning.
    """

    label: str
    backend: str
    params: dict[str, Any] = field(default_factory=dict)
    ordered: bool = False

    def make(self) -> Backend:
        """Make the flow method."""
        return get_backend(self.backend, **self.params)


#: Our TV-L1 when it starts from the pair before.
_STREAM = Method("native-stream", "native", {"profile": "stream"}, ordered=True)


def _known() -> dict[str, Method]:
    found = [Method(name, name) for name in BACKENDS]
    found.insert(1, _STREAM)
    return {method.label: method for method in found}


def choose(labels: Sequence[str] = ()) -> list[Method]:
    """Choose methods by label; all that need no torch when none is named. The reference is always among them.

    Raises
    ------
    ConfigError
        Unknown label.
    """
    known = _known()
    for label in labels:
        if label not in known:
            raise unknown(f"flow method '{label}'", label, known)
    wanted = labels or [label for label, method in known.items() if method.backend not in _ON_REQUEST]
    return [method for label, method in known.items() if label in wanted or label == REFERENCE]
