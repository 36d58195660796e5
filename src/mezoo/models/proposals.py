"""The result of spotting one video for one expression type: scored intervals, as parallel arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Proposals:
    """Intervals with their score, in the order their method gives them.

    Attributes
    ----------
    onset, apex, offset : ndarray, int64, shape (n,)
        0-based positions in the feature array, onset and offset included.
    score : ndarray, float64, shape (n,)
        Higher is more certain; comparable within one method only.
    """

    onset: NDArray[np.int64]
    apex: NDArray[np.int64]
    offset: NDArray[np.int64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.onset)

    @property
    def intervals(self) -> NDArray[np.int64]:
        """Onset and offset side by side, shape (n, 2), as the metrics take them."""
        return np.stack([self.onset, self.offset], axis=1)

    def select(self, which: NDArray) -> Proposals:
        """Those at the given indices (or where a mask is true), in that order."""
        return Proposals(self.onset[which], self.apex[which], self.offset[which], self.score[which])

    def shifted(self, frames: int) -> Proposals:
        """Move all intervals `frames` later."""
        return Proposals(self.onset + frames, self.apex + frames, self.offset + frames, self.score)


def suppress_overlaps(proposals: Proposals, *, max_iou: float, top_k: int) -> Proposals:
    """Greedy non-maximum suppression.

    Parameters
    ----------
    proposals : Proposals
        Of one video and one type.
    max_iou : float
        An interval goes when its overlap with a better one exceeds this; lengths are offset - onset here.
    top_k : int
        Stop after so many.

    Returns
    -------
    Proposals
        At most `top_k`, best first.
    """
    order = np.argsort(-proposals.score, kind="stable")
    order = order[proposals.score[order] > 0]
    onset, offset = proposals.onset, proposals.offset
    kept: list[int] = []
    while len(order) and len(kept) < top_k:
        best, order = order[0], order[1:]
        kept.append(best)
        common = np.minimum(offset[order], offset[best]) - np.maximum(onset[order], onset[best])
        common = np.maximum(common, 0)
        union = offset[order] - onset[order] + offset[best] - onset[best] - common
        order = order[common <= max_iou * union]
    return proposals.select(np.array(kept, np.int64))
