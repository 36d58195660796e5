"""DTSCNN's variation of training clips: as many of each class, cut a little at the border, mirrored.

Nothing of the augmentation of Peng et al., Frontiers in Psychology 8:1745, 2017, is known. These are the
choices of a later data script named after it: 500 clips of each class drawn with replacement, each unchanged or
cut by 4 px (of 128) at one side or at two that meet, and resized back. That script draws the cut anew for each
frame, which adds a jitter of the face; here it is drawn once per clip. Mirroring is ours.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

#: px of 128 that are cut off.
_CUT = 4 / 128
#: Sides cut: (top, bottom, left, right).
VARIANTS = (
    (0, 0, 0, 0),
    (1, 0, 0, 0),
    (0, 1, 0, 0),
    (0, 0, 1, 0),
    (0, 0, 0, 1),
    (1, 0, 1, 0),
    (1, 0, 0, 1),
    (0, 1, 1, 0),
    (0, 1, 0, 1),
)


def flow_variants(arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Vary one clip: one of nine cuts, then mirrored with probability 0.5, the same for all streams.

    Parameters
    ----------
    arrays : list of ndarray, float16 or float32, shape (C, T, S, S)
        Flow; the first channel points to the right, and changes its sign in a mirror.
    rng : Generator

    Returns
    -------
    list of ndarray, same types and shapes
        Lengths of the flow stay as they are: the picture grows by 6 % at most, the motion of the face is that of
        the original.
    """
    cut = VARIANTS[rng.integers(len(VARIANTS))]
    mirrored = rng.random() < 0.5
    varied = [_cut(clip, cut) if any(cut) else clip for clip in arrays]
    return [_mirror(clip) for clip in varied] if mirrored else varied


def _cut(clip: np.ndarray, sides: tuple[int, int, int, int]) -> np.ndarray:
    top, bottom, left, right = sides
    fields = torch.from_numpy(np.ascontiguousarray(clip)).float()
    if left or right:
        fields = _stretched(fields, -1, left, right)
    if top or bottom:
        fields = _stretched(fields, -2, top, bottom)
    return fields.numpy().astype(clip.dtype, copy=False)


def _stretched(fields: Tensor, axis: int, first: int, last: int) -> Tensor:
    """Cut lines at their ends and interpolate linearly to the old length, as image programs do."""
    found = torch.empty_like(fields)
    for target, source, weight in _runs(fields.shape[axis], first, last):
        n = len(weight)
        lower, upper = fields.narrow(axis, source, n), fields.narrow(axis, source + 1, n)
        shaped = weight if axis == -1 else weight[:, None]
        torch.lerp(lower, upper, shaped, out=found.narrow(axis, target, n))
    return found


@cache
def _runs(side: int, first: int, last: int) -> list[tuple[int, int, Tensor]]:
    """Stretches of a line that are made of neighbours in one piece: place, place of the first neighbour, weights.

    A line grows by few pixels, so that there are few such pieces, and each is one pass over memory.
    """
    width = max(1, round(side * _CUT))
    n = side - width * (first + last)
    centres = np.clip((np.arange(side) + 0.5) * n / side - 0.5, 0, n - 1)
    lower = np.minimum(np.floor(centres).astype(int), n - 2)
    ends = np.flatnonzero(np.diff(lower) != 1) + 1
    pieces = zip([0, *ends.tolist()], [*ends.tolist(), side], strict=True)
    weights = torch.from_numpy((centres - lower).astype(np.float32))
    return [(start, int(lower[start]) + width * first, weights[start:stop]) for start, stop in pieces]


def _mirror(clip: np.ndarray) -> np.ndarray:
    mirrored = clip[..., ::-1].copy()
    mirrored[0] *= -1
    return mirrored
