"""Proposals of AUW-GCN: from per-frame probabilities of a video to scored intervals.

Yin et al., ICME 2023 (arXiv 2303.09114), as in the official evaluation: every frame with a high apex
probability looks for its start before it and its end after it. By default the whole video is searched; with
``clip=256`` the search stays inside each clip, as in the official code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mezoo.models.auwgcn_layout import CHANNELS, END, N_CHANNELS, START
from mezoo.models.proposals import Proposals, suppress_overlaps


@dataclass(frozen=True)
class ProposalSettings:
    """How to search for one expression type; all lengths in frames.

    Attributes
    ----------
    nearest, farthest : int
        Distances from the apex between which start and end are searched, on either side.
    shortest, longest : int
        Limits of offset - onset.
    top_k : int
        Intervals kept per video.
    apex_threshold : float
        A frame is a candidate when its apex probability exceeds this.
    max_iou : float
        Overlap with a better interval above which one is suppressed.
    """

    nearest: int
    farthest: int
    shortest: int
    longest: int
    top_k: int
    apex_threshold: float = 0.5
    max_iou: float = 0.5


def candidates(
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    apex: NDArray[np.floating],
    *,
    settings: ProposalSettings,
    clip: int | None = None,
) -> Proposals:
    """Find all intervals, overlapping ones included, in order of their apex.

    Parameters
    ----------
    start, end, apex : ndarray, float, shape (T,)
        Probability of every frame to be a start, an end, an apex.
    settings : ProposalSettings
        Search ranges and limits.
    clip : int, optional
        Keep start and end in the same clip of so many frames as the apex.

    Returns
    -------
    Proposals
        Scored P(start) * P(end) * P(apex). The start of a candidate is the most probable one in range, ties
        going to the frame nearest to the apex; the end likewise. An interval is kept when start beats end at
        its first frame, end beats start at its last, and its length is within limits.
    """
    frames = len(apex)
    peak = np.flatnonzero(apex > settings.apex_threshold)
    first = np.zeros_like(peak) if clip is None else peak // clip * clip
    last = np.full_like(peak, frames - 1) if clip is None else np.minimum(first + clip - 1, frames - 1)
    distance = np.arange(settings.nearest, settings.farthest + 1)
    # Positions beyond the edge become the edge itself, so an apex there still finds a start.
    onset = _most_probable(start, np.maximum(peak[:, None] - distance, first[:, None]))
    offset = _most_probable(end, np.minimum(peak[:, None] + distance, last[:, None]))
    length = offset - onset
    good = (start[onset] > end[onset]) & (end[offset] > start[offset])
    good &= (length >= settings.shortest) & (length <= settings.longest)
    onset, peak, offset = onset[good], peak[good], offset[good]
    # Products in double precision whatever the network's, so that ties are as rare as in the official code.
    score = start[onset].astype(np.float64) * end[offset] * apex[peak]
    return Proposals(onset, peak, offset, score)


def _most_probable(probability: NDArray[np.floating], positions: NDArray[np.integer]) -> NDArray[np.int64]:
    """Of each row of positions the one with the highest probability; the first on ties."""
    best = np.argmax(probability[positions], axis=1)
    return positions[np.arange(len(positions)), best].astype(np.int64)


def spot(
    probabilities: NDArray[np.floating], *, settings: dict[str, ProposalSettings], clip: int | None = None
) -> dict[str, Proposals]:
    """Spot the expressions of one video.

    Parameters
    ----------
    probabilities : ndarray, float, shape (10, T)
        Of the whole video, context cropped; channels as in `auwgcn_layout.CHANNELS`.
    settings : dict of str to ProposalSettings
        One per expression type; the published sets are in the recipe ``auwgcn``.
    clip : int, optional
        See `candidates`.

    Returns
    -------
    dict of str to Proposals
        Per type, best first, after suppression.

    Raises
    ------
    ValueError
        When there are not ten channels.
    """
    if probabilities.ndim != 2 or len(probabilities) != N_CHANNELS:
        raise ValueError(f"probabilities have shape {probabilities.shape}, expected ({N_CHANNELS}, T)")
    found = {}
    for kind, chosen in settings.items():
        channels = CHANNELS[kind]
        start_end = probabilities[channels.start_end]
        every = candidates(
            start_end[START], start_end[END], probabilities[channels.apex], settings=chosen, clip=clip
        )
        found[kind] = suppress_overlaps(every, max_iou=chosen.max_iou, top_k=chosen.top_k)
    return found
