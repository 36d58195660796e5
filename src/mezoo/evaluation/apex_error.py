"""How far spotted apexes lie from annotated ones, in frames and in milliseconds, over matched intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def apex_error(
    truth: pd.DataFrame, predictions: pd.DataFrame, pairs: NDArray[np.int64], *, fps: pd.Series | None = None
) -> dict[str, float]:
    """Average the distance of the apexes of matched intervals.

    Parameters
    ----------
    truth, predictions : DataFrame
        Column ``apex``: frame number, NaN where there is none.
    pairs : ndarray, int, shape (k, 2)
        Position of the row in truth and in predictions (`mezoo.evaluation.spotting_tables.match_tables`).
    fps : Series of float, optional
        Frames per second of each row of truth.

    Returns
    -------
    dict
        ``apex_n``: pairs in which both have an apex; ``apex_error``: mean absolute difference in frames, NaN
        without such pairs; with `fps`, ``apex_error_ms``, each pair at the rate of its own video.
    """
    coded, spotted = (
        table["apex"].to_numpy(float)[pairs[:, side]] for side, table in enumerate((truth, predictions))
    )
    distance = np.abs(spotted - coded)
    known = ~np.isnan(distance)
    result = {"apex_n": int(known.sum()), "apex_error": _mean(distance[known])}
    if fps is not None:
        rate = fps.to_numpy(float)[pairs[:, 0]]
        result["apex_error_ms"] = _mean((1000 * distance / rate)[known])
    return result


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")
