"""Flow methods whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from mezoo.motion.backends import Backend


@dataclass(frozen=True)
class Fake:
    """Stands in for `mezoo.bench.methods.Method`."""

    label: str
    solve: Callable[[np.ndarray, np.ndarray], Any]
    ordered: bool = False
    restart: Callable[[], None] | None = None

    def make(self) -> Backend:
        return Backend(self.label, {}, self.solve, None, self.restart)


@pytest.fixture
def fake() -> type[Fake]:
    return Fake


def no_motion(reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
    return np.zeros((*reference.shape, 2), np.float32)


@pytest.fixture
def zeros() -> Fake:
    return Fake("zeros", no_motion)
