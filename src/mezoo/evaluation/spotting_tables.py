"""Spotting results as tables: counts per video and type, and pooled scores with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mezoo.evaluation.bootstrap import bootstrap_interval
from mezoo.evaluation.spotting import METRICS, N_GT, N_PRED, TP, TYPES, Rule, count, f1

COUNT_COLUMNS = ["n_gt", "n_pred", "tp"]


def count_tables(truth: pd.DataFrame, predictions: pd.DataFrame, *, rule: Rule = "megc2021") -> pd.DataFrame:
    """Count per video and type.

    Parameters
    ----------
    truth, predictions : DataFrame
        Columns ``video``, ``type`` (``micro`` or ``macro``), ``onset``, ``offset`` (frame numbers of the same
        base, both included). A video may be in one table only.
    rule : str
        See `mezoo.evaluation.spotting.count`.

    Returns
    -------
    DataFrame
        Columns video, type, n_gt, n_pred, tp; two rows per video, sorted.
    """
    tables = [
        {key: part[["onset", "offset"]].to_numpy(np.int64) for key, part in table.groupby(["video", "type"])}
        for table in (truth, predictions)
    ]
    none = np.zeros((0, 2), np.int64)
    videos = sorted({video for table in tables for video, _ in table})
    rows = []
    for key in ((video, kind) for video in videos for kind in TYPES):
        found = count(tables[0].get(key, none), tables[1].get(key, none), rule=rule)
        rows.append((*key, *found.tolist()))
    return pd.DataFrame(rows, columns=["video", "type", *COUNT_COLUMNS])


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
    """
    rows = []
    for kind in (*TYPES, "all"):
        part = counts if kind == "all" else counts[counts["type"] == kind]
        total = part[COUNT_COLUMNS].to_numpy(np.int64).sum(axis=0)
        row: dict[str, object] = {"type": kind, **dict(zip(COUNT_COLUMNS, total.tolist(), strict=True))}
        row |= {"fp": int(total[N_PRED] - total[TP]), "fn": int(total[N_GT] - total[TP])}
        row |= {name: float(metric(total)) for name, metric in METRICS.items()}
        if subjects is not None:
            by_subject = part.groupby(part["video"].map(subjects))[COUNT_COLUMNS].sum().to_numpy(np.int64)
            bounds = bootstrap_interval(by_subject, f1, n_resamples=n_resamples, seed=seed)
            row |= {"f1_low": bounds.low, "f1_high": bounds.high}
        rows.append(row)
    return pd.DataFrame(rows)
