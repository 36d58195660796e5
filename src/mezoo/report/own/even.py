"""Features at the frame rate that a model was trained at, and intervals kept to where the face is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mezoo.learning.videos import FeatureVideo
from mezoo.models.proposals import Proposals

#: Relative difference of rates that is left as it is.
_SAME = 0.02
#: Share of an interval that must lie where the face is valid.
_KEPT = 0.5


def at_rate(video: FeatureVideo, rate: float) -> FeatureVideo:
    """Bring motion per frame pair to another frame rate.

    The way a region has gone since the first frame is interpolated at the new times and differenced again: at
    twice the rate a pair has half the motion, and what repeated or left out frames would do does not appear.

    Parameters
    ----------
    video : FeatureVideo
        With ``index`` counting its rows.
    rate : float
        Rows per second that are wanted.

    Returns
    -------
    FeatureVideo
        ``index`` are the rows of `video` at those times.
    """
    if abs(video.fps / rate - 1) <= _SAME:
        return video
    n = len(video.index)
    gone = np.concatenate([np.zeros((1, 12, 2)), np.cumsum(video.features, axis=0, dtype=np.float64)])
    places = np.arange(int(np.floor(n / video.fps * rate + 1e-9)) + 1) * video.fps / rate
    before = np.minimum(places.astype(int), n - 1)
    share = (places - before)[:, None, None]
    steps = np.diff((1 - share) * gone[before] + share * gone[before + 1], axis=0)
    starts = before[:-1]
    lost = np.concatenate([[0], np.cumsum(~video.valid)])
    last = np.minimum(np.ceil(places[1:] - 1e-9).astype(int), n)
    valid = lost[np.maximum(last, starts + 1)] == lost[starts]
    return replace(
        video,
        features=np.where(valid[:, None, None], steps, 0).astype(np.float32),
        valid=valid,
        index=video.index[starts],
        fps=rate,
    )


def where_seen(found: Proposals, valid: NDArray[np.bool_]) -> Proposals:
    """Leave out what peaks where the face is invalid, and end the rest where it begins to be.

    Parameters
    ----------
    found : Proposals
    valid : ndarray, bool, shape (T,)

    Returns
    -------
    Proposals
        Those of which at least half is left.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(np.int8))).reshape(-1, 2)
    run = np.searchsorted(edges[:, 0], found.apex, side="right") - 1
    if not len(edges):
        return found.select(np.zeros(0, np.int64))
    onset, offset = np.maximum(found.onset, edges[run, 0]), np.minimum(found.offset, edges[run, 1] - 1)
    left = (offset - onset + 1) / (found.offset - found.onset + 1)
    clipped = Proposals(onset, found.apex, offset, found.score)
    return clipped.select(np.flatnonzero(valid[found.apex] & (left >= _KEPT)))
