"""Spotting results as tables: counts per video and type, and pooled scores with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.evaluation.bootstrap import bootstrap_interval
from mezoo.evaluation.spotting import METRICS, N_GT, N_PRED, TP, TYPES, Rule, check, count, f1, match

COUNT_COLUMNS = ["n_gt", "n_pred", "tp"]


def count_tables(
    truth: pd.DataFrame, predictions: pd.DataFrame, *, rule: Rule = "megc2021", iou: float = 0.5
) -> pd.DataFrame:
    """Count per video and type.

    Parameters
    ----------
    truth, predictions : DataFrame
        Columns ``video``, ``type`` (``micro`` or ``macro``), ``onset``, ``offset`` (frame numbers of the same
        base, both included). A video may be in one table only.
    rule, iou
        See `mezoo.evaluation.spotting.count`.

    Returns
    -------
    DataFrame
        Columns video, type, n_gt, n_pred, tp; two rows per video, sorted.

    Raises
    ------
    ValueError
        With the video, when its counts are impossible.
    """
    tables = [
        {key: part[["onset", "offset"]].to_numpy(np.int64) for key, part in table.groupby(["video", "type"])}
        for table in (truth, predictions)
    ]
    none = np.zeros((0, 2), np.int64)
    videos = sorted({video for table in tables for video, _ in table})
    rows = []
    for key in ((video, kind) for video in videos for kind in TYPES):
        try:
            found = count(tables[0].get(key, none), tables[1].get(key, none), rule=rule, iou=iou)
        except ValueError as error:
            raise ValueError(f"{key[1]} of {key[0]}: {error}") from error
        rows.append((*key, *found.tolist()))
    return pd.DataFrame(rows, columns=["video", "type", *COUNT_COLUMNS])


def match_tables(truth: pd.DataFrame, predictions: pd.DataFrame, *, iou: float = 0.5) -> NDArray[np.int64]:
    """Pair the rows of two tables: `mezoo.evaluation.spotting.match` within each video and type.

    Parameters
    ----------
    truth, predictions : DataFrame
        See `count_tables`.
    iou : float
        See `mezoo.evaluation.spotting.match`.

    Returns
    -------
    ndarray, int64, shape (k, 2)
        Position of the row in truth and in predictions; each at most once.
    """
    places = [table.groupby(["video", "type"]).indices for table in (truth, predictions)]
    spans = [table[["onset", "offset"]].to_numpy(np.int64) for table in (truth, predictions)]
    pairs = [np.zeros((0, 2), np.int64)]
    for key in sorted(places[0].keys() & places[1].keys()):
        own = [places[side][key] for side in (0, 1)]
        chosen = match(spans[0][own[0]], spans[1][own[1]], iou=iou)
        pairs.append(np.column_stack([own[0][chosen[:, 0]], own[1][chosen[:, 1]]]))
    return np.concatenate(pairs)


def pool_table(
    counts: pd.DataFrame, *, subjects: pd.Series | None = None, n_resamples: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Pool counts over videos and form the scores.

    Parameters
    ----------
    counts : DataFrame
        As returned by `count_tables`.
    subjects : Series of str, indexed by video, optional
        Subject of every video; with it, F1 gets a 95 % interval from a bootstrap over subjects.
    n_resamples : int
        Bootstrap samples.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        One row each for micro, macro and all (the sum of both): type, n_gt, n_pred, tp, fp, fn, precision,
        recall, f1 and, with subjects, f1_low, f1_high. Undefined ratios are NaN.

    Raises
    ------
    ValueError
        When the counts are impossible: recall or precision above 1.
    """
    rows = []
    for kind in (*TYPES, "all"):
        part = counts if kind == "all" else counts[counts["type"] == kind]
        total = check(part[COUNT_COLUMNS].to_numpy(np.int64).sum(axis=0))
        row: dict[str, object] = {"type": kind, **dict(zip(COUNT_COLUMNS, total.tolist(), strict=True))}
        row |= {"fp": int(total[N_PRED] - total[TP]), "fn": int(total[N_GT] - total[TP])}
        row |= {name: float(metric(total)) for name, metric in METRICS.items()}
        if subjects is not None:
            by_subject = part.groupby(part["video"].map(subjects))[COUNT_COLUMNS].sum().to_numpy(np.int64)
            bounds = bootstrap_interval(by_subject, f1, n_resamples=n_resamples, seed=seed)
            row |= {"f1_low": bounds.low, "f1_high": bounds.high}
        rows.append(row)
    return pd.DataFrame(rows)
