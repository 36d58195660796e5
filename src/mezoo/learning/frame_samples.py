"""What a network that scores single frames learns from: rows of the training videos, thinned out, and their targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mezoo.errors import DataError
from mezoo.learning.augment_softnet import augmented
from mezoo.learning.spotter import half_lengths
from mezoo.learning.spotting_recipe import FrameScorerRecipe
from mezoo.learning.videos import LabelledVideo
from mezoo.models.frame_targets import Labels, draw_rows, marks

#: Name of a network that tells both types.
BOTH = "both"


class Samples(NamedTuple):
    """What one network learns from.

    Attributes
    ----------
    images : list of ndarray, uint8, shape (n, S, S, C)
        Per input of the network.
    target : ndarray, float32, shape (n, targets)
    """

    images: list[NDArray[np.uint8]]
    target: NDArray[np.float32]


def as_inputs(images: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Turn levels (B, S, S, C), 0 to 255, into what a network takes: float32 (B, C, S, S), 0 to 1."""
    return tuple(part.permute(0, 3, 1, 2).float() / 255 for part in images)


def draw_samples(
    videos: Sequence[LabelledVideo],
    recipe: FrameScorerRecipe,
    network: str,
    seen: Sequence[str],
    labels: Labels,
    rng: np.random.Generator,
) -> Samples:
    """Take the rows that one network learns from, and what it has to say of them.

    Parameters
    ----------
    videos : sequence of LabelledVideo
        Of training subjects.
    recipe : FrameScorerRecipe
    network : str
        The type that it tells, or `BOTH`.
    seen : sequence of str
        Names of the images that it reads.
    labels : Labels
        Target of each row.
    rng : numpy.random.Generator
        Which rows without expression are taken, how images are varied.

    Raises
    ------
    DataError
        No row shows an expression.
    """
    windows, rule = half_lengths(videos), recipe.negatives
    images: list[list[NDArray[np.uint8]]] = [[] for _ in seen]
    targets = []
    for video in videos:
        parts = [video.data.features[name] for name in seen]
        n = min(map(len, parts))
        events = marks(video.onset, video.apex, video.offset, video.kind, n_rows=n)
        own = [event for event in events if network in (event.kind, BOTH)]
        target = labels(own, n_rows=n, window=windows.get(network, 1))
        usable = np.flatnonzero(np.all([part.valid[:n] for part in parts], axis=0))
        chosen = draw_rows(target[usable, 0] > 0, share=rule.share, per_positive=rule.per_positive, rng=rng)
        rows = usable[chosen]
        positive = rows[target[rows, 0] > 0] if network in recipe.augment else rows[:0]
        for kept, part in zip(images, parts, strict=True):
            kept += [part.read(rows), augmented(part.read(positive), part.spans(positive), rng)]
        targets += [target[rows], np.tile(target[positive], (3, 1))]
    target = np.concatenate(targets)
    if not (target[:, 0] > 0).any():
        raise DataError(
            f"no row to train '{network}' on shows an expression",
            "at least one",
            "Check events.csv of the catalog",
        )
    return Samples([np.concatenate(kept) for kept in images], target)
