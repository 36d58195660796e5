"""Weights and inputs of the reference numbers, drawn by their rule: each tensor from its name alone."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def draw(name: str, shape: Sequence[int]) -> np.ndarray:
    """One tensor of a state dict by its official name, float32 (int64 for a counter of batches)."""
    if name.endswith("num_batches_tracked"):
        return np.zeros((), np.int64)
    rng = np.random.default_rng(zlib.crc32(f"0:{name}".encode()))
    if name.endswith("running_var"):
        value = 0.5 + rng.random(shape)
    elif name.endswith("running_mean"):
        value = 0.1 * rng.standard_normal(shape)
    elif len(shape) >= 2:
        value = rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
    else:
        value = name.endswith("weight") + 0.1 * rng.standard_normal(shape)
    return np.asarray(value, np.float32)


def draw_state(shapes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """State dict of torch tensors with official names, from the shapes that ``keys.json`` lists."""
    import torch

    return {name: torch.from_numpy(np.array(draw(name, shape))) for name, shape in shapes.items()}


def input_rng(name: str) -> np.random.Generator:
    """Generator of the input of this name."""
    return np.random.default_rng(zlib.crc32(f"0:input:{name}".encode()))


def reference(shared: Path, folder: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """``keys.json`` and the arrays of one folder of reference numbers."""
    place = shared / "oracles" / folder
    with np.load(place / "oracle.npz") as arrays:
        return json.loads((place / "keys.json").read_text()), dict(arrays)


def relative_error(found: Any, expected: np.ndarray) -> float:
    """Largest difference, relative to the largest expected value where one is not 0."""
    found = np.asarray(found.detach() if hasattr(found, "detach") else found, np.float64)
    expected = np.asarray(expected, np.float64)
    assert found.shape == expected.shape, f"shape {found.shape}, expected {expected.shape}"
    return float(np.abs(found - expected).max() / (np.abs(expected).max() or 1.0))
