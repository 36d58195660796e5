"""Micro- and macro-expressions from one score over time: the last step of MTSN.

Liong, Liong, See, Chan, ACM MM 2022 (FME), and its code: the score is smoothed over a micro- and over a
macro-expression; from each peak the interval reaches to where the curve has fallen most; a micro-expression must
stand out of the curve of macro-expressions.

Deviations: lengths in seconds, so that they hold at any frame rate; where the curve lies below the threshold all
around, the code lets an interval begin at the first frame of the video, here it reaches as far as it may.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mezoo.models.mtsn_layout import Reach
from mezoo.models.peak_picking import moving_mean, peaks_of
from mezoo.models.proposals import Proposals

#: A peak of the micro curve above this counts even where the curve does not fall on both sides.
_CERTAIN = 0.95


def spot_both(
    score: NDArray[np.floating],
    *,
    half_lengths: Mapping[str, int],
    reach: Mapping[str, Reach],
    fps: float,
    threshold: float,
    margin: float,
) -> dict[str, Proposals]:
    """Find the expressions of both types in one video.

    Parameters
    ----------
    score : ndarray, shape (T,)
        From 0 to 1.
    half_lengths : mapping of str to int
        Half the mean length of either type, in rows.
    reach : mapping of str to Reach
    fps : float
        Rows per second.
    threshold : float
        Least height of a peak.
    margin : float
        By how much the micro curve must exceed the macro curve at the peak of a micro-expression.

    Returns
    -------
    dict of str to Proposals
        Best first; the score is the height of the peak.
    """
    curves = {kind: moving_mean(score, window=2 * half_lengths[kind]) for kind in reach}
    found = {}
    for kind, lengths in reach.items():
        curve, distance = curves[kind], max(1, round(lengths.apart * fps))
        peaks = peaks_of(curve, height=threshold, distance=distance).tolist() if len(curve) else []
        rows = [_interval(curve, peak, lengths, fps, threshold) for peak in peaks]
        kept = [row for row in rows if _holds(row, curve, curves["micro"], lengths, fps)]
        if kind == "micro":
            kept = [row for row in kept if curve[row[1]] - curves["macro"][row[1]] > margin]
        onset, apex, offset = np.array(kept, np.int64).reshape(-1, 3).T
        proposals = Proposals(onset, apex, offset, curve[apex].astype(np.float64))
        found[kind] = proposals.select(np.argsort(-proposals.score, kind="stable"))
    return found


def _interval(
    curve: NDArray, peak: int, lengths: Reach, fps: float, threshold: float
) -> tuple[int, int, int]:
    """Onset and offset: where the curve differs most from its peak and is still above the threshold."""
    first = max(0, peak - round(lengths.before * fps))
    last = min(len(curve) - 1, peak + round(lengths.after * fps))
    fall = np.where(curve > threshold, np.abs(curve - curve[peak]), 0)
    before, after = fall[first : peak + 1], fall[peak : last + 1]
    onset = first + int(before.argmax()) if before.any() else first
    return onset, peak, peak + int(after.argmax()) if after.any() else last


def _holds(row: tuple[int, int, int], curve: NDArray, micro: NDArray, lengths: Reach, fps: float) -> bool:
    onset, peak, offset = row
    length = (offset - onset) / fps
    falls = curve[peak] > max(curve[onset], curve[offset])
    return lengths.shortest < length < lengths.longest and bool(micro[peak] > _CERTAIN or falls)
