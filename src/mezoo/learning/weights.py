"""All epochs of one training as rows of one matrix: small, quick to write, and safe to interrupt.

Published code keeps one checkpoint file per epoch and subject. Here an epoch is a row of float32
numbers in one file, so hundreds of epochs stay one artifact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

#: name -> (shape, dtype name) of every tensor of a state dict, in order.
Spec = dict[str, tuple[list[int], str]]


def spec_of(state: Mapping[str, Tensor]) -> Spec:
    """Describe a state dict, so that `unflatten` can rebuild it."""
    return {
        name: (list(value.shape), str(value.dtype).removeprefix("torch.")) for name, value in state.items()
    }


def size_of(spec: Spec) -> int:
    """Count the numbers in a state dict of this description."""
    return sum(math.prod(shape) for shape, _ in spec.values())


def flatten(state: Mapping[str, Tensor]) -> NDArray[np.float32]:
    """Lay all tensors of a state dict end to end, shape (P,).

    Integer counters of batch normalisation are kept as float32, exact up to 2**24 steps.
    """
    return torch.cat([value.detach().cpu().float().reshape(-1) for value in state.values()]).numpy()


def unflatten(row: NDArray[np.float32], spec: Spec) -> dict[str, Tensor]:
    """Rebuild the state dict of one row."""
    state, start = {}, 0
    for name, (shape, dtype) in spec.items():
        stop = start + math.prod(shape)
        values = torch.from_numpy(row[start:stop].copy()).reshape(shape)
        state[name] = values.to(getattr(torch, dtype))
        start = stop
    return state


class EpochStore:
    """Rows written during training, in a folder that survives a kill.

    Parameters
    ----------
    folder : Path
        Work folder of one training.
    shapes : mapping of str to (int, int)
        Name of a matrix -> rows and numbers per row, e.g. ``{"weights": (100, 39248), "losses": (100, 7)}``.
    """

    def __init__(self, folder: Path, shapes: Mapping[str, tuple[int, int]]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._maps: dict[str, np.memmap] = {}
        for name, shape in shapes.items():
            path = folder / f"{name}.f32"
            whole = path.is_file() and path.stat().st_size == 4 * math.prod(shape)
            self._maps[name] = np.memmap(path, np.float32, "r+" if whole else "w+", shape=shape)

    def write(self, number: int, **rows: NDArray[np.float32]) -> None:
        """Store one row of each named matrix and flush it to the disk."""
        for name, row in rows.items():
            self._maps[name][number] = row
            self._maps[name].flush()

    def read(self, name: str) -> NDArray[np.float32]:
        """Return one matrix, all rows."""
        return np.array(self._maps[name])
