"""Average precision of ranked intervals: the area under the curve of precision over recall.

Everingham et al., "The PASCAL visual object classes challenge", IJCV 88, 2010, section 4.2, with the area under
all points as that challenge does since 2010. Videos are one long video, as for the F1 of the challenges.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mezoo.evaluation.spotting import rank_hits


def average_precision(truth: pd.DataFrame, predictions: pd.DataFrame, *, iou: float = 0.5) -> float:
    """Score the ranking of predictions, whatever threshold their maker would set.

    Parameters
    ----------
    truth, predictions : DataFrame
        Columns ``video``, ``type``, ``onset``, ``offset`` (both included); predictions have ``score`` too, higher
        is surer. A prediction finds annotations of its own video and type only.
    iou : float
        See `mezoo.evaluation.spotting.match`.

    Returns
    -------
    float
        0 to 1; NaN without annotations. Precision at a recall is the best at that recall or a higher one.
        Predictions of equal score enter the curve together, so the order of rows does not matter.
    """
    if truth.empty:
        return float("nan")
    ranked = predictions.sort_values(
        ["score", "video", "type", "onset", "offset"], ascending=[False, True, True, True, True]
    )
    annotated = {key: part[["onset", "offset"]].to_numpy() for key, part in truth.groupby(["video", "type"])}
    hits = np.zeros(len(ranked), bool)
    spans = ranked[["onset", "offset"]].to_numpy()
    for key, places in ranked.groupby(["video", "type"]).indices.items():
        if key in annotated:
            hits[places] = rank_hits(annotated[key], spans[places], iou=iou)
    score = ranked["score"].to_numpy(float)
    last = np.append(score[1:] != score[:-1], True)[: len(score)]  # of its score
    found = hits.cumsum()[last]
    precision = found / (np.flatnonzero(last) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(found, prepend=0) * best).sum() / len(truth))
