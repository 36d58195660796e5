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
    side = clip.shape[-1]
    top, bottom, left, right = sides
    fields = torch.from_numpy(np.ascontiguousarray(clip)).float().view(-1, side, side)
    if left or right:
        fields = (fields.view(-1, side) @ _stretch(side, left, right).T).view(-1, side, side)
    if top or bottom:
        fields = _stretch(side, top, bottom) @ fields
    return fields.view(clip.shape).numpy().astype(clip.dtype, copy=False)


@cache
def _stretch(side: int, first: int, last: int) -> Tensor:
    """Matrix (side, side) that cuts lines at their ends and interpolates linearly, as image programs do.

    All fields of a clip are resized by one product.
    """
    width = max(1, round(side * _CUT))
    kept = np.eye(side)[width * first : side - width * last]
    centres = (np.arange(side) + 0.5) * len(kept) / side - 0.5
    rows = [np.interp(centres, np.arange(len(kept)), column) for column in kept.T]
    return torch.from_numpy(np.stack(rows, axis=1).astype(np.float32))


def _mirror(clip: np.ndarray) -> np.ndarray:
    mirrored = clip[..., ::-1].copy()
    mirrored[0] *= -1
    return mirrored
