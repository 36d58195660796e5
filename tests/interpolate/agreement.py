"""How near numbers have to be to the reference ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

#: Of the largest reference number: float32 sums in another order (README of the reference numbers).
TOLERANCE = 5e-5


def assert_agree(ours: Mapping[str, Tensor], reference: Mapping[str, np.ndarray]) -> None:
    """Compare tensors with the arrays of the same names."""
    for name, value in ours.items():
        known = reference[name]
        assert value.shape == known.shape, name
        apart = np.abs(value.detach().numpy() - known).max() / np.abs(known).max()
        assert apart <= TOLERANCE, f"{name}: {apart:.1e} of the largest number"


def stats(value: Tensor) -> np.ndarray:
    """Return the sum, the sum of absolute values and the sum weighted by place of a tensor."""
    flat = value.detach().double().numpy().ravel()
    return np.array([flat.sum(), np.abs(flat).sum(), (flat * np.arange(flat.size)).sum() / flat.size])


def assert_stats_agree(ours: Tensor, reference: np.ndarray) -> None:
    """Compare the `stats` of a tensor whose numbers are not stored."""
    assert np.abs(stats(ours) - reference).max() <= TOLERANCE * reference[1]
