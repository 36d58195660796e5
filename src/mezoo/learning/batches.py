"""Batches of clips for a recogniser: balanced, augmented and normalised as its recipe says.

Everything that is computed from clips (the scale of each channel) is computed from those given here, which are the
training clips of one fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mezoo.inputs.pack import ClipId
from mezoo.learning.clips import ClipSet, Inputs
from mezoo.learning.randomness import generator
from mezoo.learning.recognition_recipe import Balance, Normalise
from mezoo.models.recogniser import N_AUS, Batch

Augment = Callable[[list[np.ndarray], np.random.Generator], list[np.ndarray]]
#: Inputs up to so many bytes as float32 are kept in memory, ready for use.
_IN_MEMORY = 256 * 1024 * 1024


class Scaler:
    """Offset and factor of each channel of each input, fitted on training clips.

    A channel is a position along the first axis of a clip, or along the second where clips differ in length.

    Attributes
    ----------
    mean, factor : list of ndarray, float32
        Per input, shaped so that ``(clip - mean) * factor`` is the normalised clip.
    """

    def __init__(self, mean: Sequence[np.ndarray], factor: Sequence[np.ndarray]) -> None:
        self.mean = [np.asarray(one, np.float32) for one in mean]
        self.factor = [np.asarray(one, np.float32) for one in factor]

    @classmethod
    def fit(cls, clips: ClipSet, how: Sequence[Normalise], ragged: Sequence[bool]) -> Scaler:
        """Fit on training clips; see `recognition_recipe.Normalise` and the docs of recipes for the ways."""
        fitted = [
            _statistics(clips, k, way, uneven)
            for k, (way, uneven) in enumerate(zip(how, ragged, strict=True))
        ]
        return cls([mean for mean, _ in fitted], [factor for _, factor in fitted])

    def __call__(self, arrays: Sequence[np.ndarray]) -> list[NDArray[np.float32]]:
        """Normalise the inputs of one clip."""
        return [
            self._normalise(k, array, np.empty(array.shape, np.float32)) for k, array in enumerate(arrays)
        ]

    def batch(
        self, clips: Sequence[Sequence[np.ndarray]], ragged: Sequence[bool]
    ) -> tuple[Tensor | list[Tensor], ...]:
        """Make the arguments of ``forward`` from the inputs of some clips: a tensor, or a list where lengths differ."""
        return tuple(
            [torch.from_numpy(self._normalise(k, one, np.empty(one.shape, np.float32))) for one in column]
            if uneven
            else self._stack(k, column)
            for k, (column, uneven) in enumerate(zip(zip(*clips, strict=True), ragged, strict=True))
        )

    def _stack(self, k: int, column: Sequence[np.ndarray]) -> Tensor:
        # written in place: temporary arrays of this size take longer than the arithmetic
        whole = np.empty((len(column), *column[0].shape), np.float32)
        for array, row in zip(column, whole, strict=True):
            self._normalise(k, array, row)
        return torch.from_numpy(whole)

    def _normalise(self, k: int, array: np.ndarray, out: NDArray[np.float32]) -> NDArray[np.float32]:
        np.subtract(array, self.mean[k], out=out, dtype=np.float32, casting="unsafe")
        out *= self.factor[k]
        return out


def _statistics(clips: ClipSet, k: int, how: Normalise, ragged: bool) -> tuple[np.ndarray, np.ndarray]:
    if how in ("none", "unit"):
        return np.zeros(1), np.array([1 / 255 if how == "unit" else 1.0])
    first = clips.inputs.arrays(clips.clips[0])[k]
    axis = 1 if ragged else 0
    others = tuple(i for i in range(first.ndim) if i != axis)
    n, total, squares = 0, np.zeros(first.shape[axis]), np.zeros(first.shape[axis])
    for clip in clips.clips:
        values = np.asarray(clips.inputs.arrays(clip)[k], np.float64)
        n += values.size // values.shape[axis]
        total += values.sum(others)
        squares += np.square(values).sum(others)
    deviation = np.sqrt(np.maximum(squares / n - (total / n) ** 2, 0))
    factor = np.divide(
        1, deviation, out=np.ones_like(deviation), where=deviation > 1e-8
    )  # a constant channel
    shape = [-1 if i == axis else 1 for i in range(first.ndim)]
    mean = total / n if how == "train_mean_std" else np.zeros_like(total)
    return mean.reshape(shape), factor.reshape(shape)


class PreparedClips:
    """Normalised clips, kept in memory where they are small; otherwise made when asked for."""

    def __init__(
        self, inputs: Inputs, clips: Sequence[ClipId], scaler: Scaler, ragged: Sequence[bool]
    ) -> None:
        self._inputs, self._clips, self._scaler, self.ragged = inputs, list(clips), scaler, list(ragged)
        self._read: dict[int, list[np.ndarray]] = {}
        first = inputs.arrays(self._clips[0]) if self._clips else []
        self._is_small = sum(4 * array.size for array in first) * len(self._clips) <= _IN_MEMORY

    def __len__(self) -> int:
        return len(self._clips)

    @cached_property
    def _kept(self) -> tuple[Tensor, ...] | None:
        """All clips, normalised, where they are small and of one length; varied ones never ask for them."""
        if not self._clips or not self._is_small or any(self.ragged):
            return None
        whole = self._scaler.batch([self._inputs.arrays(clip) for clip in self._clips], self.ragged)
        return tuple(part for part in whole if isinstance(part, Tensor))

    def batch(
        self, rows: NDArray[np.int64], augment: Augment | None = None, rng: Any = None
    ) -> tuple[Tensor | list[Tensor], ...]:
        """Give the inputs of some clips; `augment` sees them as they are in the pack."""
        if augment is None and self._kept is not None:
            index = torch.from_numpy(np.asarray(rows, np.int64))
            return tuple(part[index] for part in self._kept)
        arrays = [self._arrays(i) for i in rows]
        if augment is not None:
            arrays = [augment(list(one), rng) for one in arrays]
        return self._scaler.batch(arrays, self.ragged)

    def _arrays(self, row: int) -> list[np.ndarray]:
        """Give the inputs of one clip; fields of float16 become float32, once where there is memory for it."""
        if row in self._read:
            return self._read[row]
        arrays = [_without_float16(array) for array in self._inputs.arrays(self._clips[row])]
        if self._is_small:
            self._read[row] = arrays
        return arrays


def _without_float16(array: np.ndarray) -> np.ndarray:
    """Torch converts float16 several times as fast as NumPy."""
    if array.dtype != np.float16:
        return array
    return torch.from_numpy(np.ascontiguousarray(array)).float().numpy()


class TrainingBatches:
    """The batches of each epoch, in an order that depends on the seed and the epoch only.

    Parameters
    ----------
    clips : ClipSet
    prepared : PreparedClips
        Of the same clips.
    batch_size : int
    balance : {"none", "oversample", "class_weights"}
        ``oversample`` draws clips of smaller classes again, in each epoch others, up to the largest class.
    augment : callable, optional
    seed : int
    """

    def __init__(
        self,
        clips: ClipSet,
        prepared: PreparedClips,
        *,
        batch_size: int,
        balance: Balance,
        augment: Augment | None,
        seed: int,
    ) -> None:
        self._clips, self._prepared, self._augment, self._seed = clips, prepared, augment, seed
        self._batch_size, self._balance, self._epoch = batch_size, balance, 0
        self._aus = np.zeros((len(clips), N_AUS), np.float32)
        for row, units in zip(self._aus, clips.aus, strict=True):
            row[[unit for unit in units if unit < N_AUS]] = 1
        self._weight = torch.from_numpy(class_weights(clips)) if balance == "class_weights" else None
        self.sampler = self  # Lightning tells the sampler of a loader the epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the clips."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(
            _batches(
                epoch_order(self._clips.target, self._balance, generator(self._seed, 0)), self._batch_size
            )
        )

    def __iter__(self) -> Iterator[Batch]:
        rng = generator(self._seed, self._epoch)
        for rows in _batches(epoch_order(self._clips.target, self._balance, rng), self._batch_size):
            yield Batch(
                self._prepared.batch(rows, self._augment, rng),
                torch.from_numpy(self._clips.target[rows]),
                torch.from_numpy(self._aus[rows]),
                self._weight,
            )


def epoch_order(target: NDArray[np.int64], balance: Balance, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of one epoch: all clips once, and with ``oversample`` those drawn again."""
    rows = np.arange(len(target))
    if balance == "oversample":
        counts = np.bincount(target)
        extra = [rng.choice(rows[target == k], counts.max() - n) for k, n in enumerate(counts) if n]
        rows = np.concatenate([rows, *extra])
    return rng.permutation(rows)


def _batches(order: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    """Cut into batches; a single clip left over joins the batch before it (it has no batch statistics)."""
    starts = list(range(0, len(order), size))
    if len(starts) > 1 and len(order) - starts[-1] == 1 and size > 1:
        starts.pop()
    return [order[start:stop] for start, stop in zip(starts, [*starts[1:], len(order)], strict=True)]


def class_weights(clips: ClipSet) -> NDArray[np.float32]:
    """Weight of each class in the loss: inverse to its training clips, 1 in the mean over clips."""
    counts = np.bincount(clips.target, minlength=len(clips.classes))
    present = np.maximum(counts, 1)
    return (len(clips) / ((counts > 0).sum() * present)).astype(np.float32)
