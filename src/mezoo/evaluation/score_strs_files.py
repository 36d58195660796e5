"""Scores of spotting and recognition in a row, from two CSV files: what `mezoo score strs` prints.

STRS = F1 of spotting x F1 of recognition, as MEAN (2023) and MEGC 2025 report it. Recognition is scored on the true
positives of spotting only: a prediction that finds no expression has no true class.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.errors import ConfigError
from mezoo.evaluation import recognition, spotting
from mezoo.evaluation.bootstrap import Statistic, bootstrap_interval
from mezoo.evaluation.score_files import read_intervals, subjects_of
from mezoo.evaluation.score_recognition_files import RecognitionScores, require_declared
from mezoo.evaluation.spotting import TYPES
from mezoo.evaluation.spotting_tables import match_tables


def score_strs_files(
    truth: str | Path, predictions: str | Path, *, classes: Sequence[str] | None = None, iou: float = 0.5
) -> RecognitionScores:
    """Score intervals and the classes given to them.

    Parameters
    ----------
    truth, predictions : path
        CSV files with the columns ``video``, ``type`` (``micro`` or ``macro``), ``onset``, ``offset`` (frame numbers
        of the same base, both included) and ``label``. With ``subject`` in `truth` (in `predictions` too, for videos
        that only they name) all scores get 95 % intervals from a bootstrap over subjects.
    classes : sequence of str, optional
        Declared classes; those of `truth` when absent. UF1 and UAR are means over all of them, also over classes of
        which nothing is spotted. How MEAN averages over classes is not documented: its values are reproduced as
        products only, so compare the parts.
    iou : float
        See `mezoo.evaluation.spotting.match`, which pairs the intervals.

    Returns
    -------
    RecognitionScores
        Table: columns type (micro, macro, all; those that occur), metric (precision, recall and f1 of spotting;
        accuracy, uf1 and uar of recognition; strs = f1 x uf1), value and, with subjects, lower and upper, and n:
        predictions, annotations, or true positives that the value is of (for f1 and strs: annotations).
        Confusion: true positives of all types.

    Raises
    ------
    ConfigError
        A file cannot be read, lacks a column, or holds a value that is no type, frame number or class.
    """
    annotated, predicted = (read_intervals(path, columns=("label",)) for path in (truth, predictions))
    for table, path in ((annotated, truth), (predicted, predictions)):
        table["label"] = table["label"].str.strip()
        require_declared(table["label"], sorted(set(table["label"]) - {""}), path)
    if annotated.empty:
        raise ConfigError("no annotation", "at least one line", "Add the annotations", file=truth)
    declared = sorted(annotated["label"].unique()) if classes is None else list(classes)
    require_declared(annotated["label"], declared, truth)
    require_declared(predicted["label"], declared, predictions)
    subjects = subjects_of(annotated, predicted, predictions)
    pairs = match_tables(annotated, predicted, iou=iou)
    kinds: list[tuple[str, tuple[str, ...]]] = [
        (kind, (kind,)) for kind in TYPES if kind in {*annotated["type"], *predicted["type"]}
    ]
    if len(kinds) > 1:
        kinds.append(("all", TYPES))
    rows: list[dict[str, object]] = []
    for name, members in kinds:
        parts = [table["type"].isin(members).to_numpy() for table in (annotated, predicted)]
        counts = _count(annotated, predicted, parts, pairs, declared, subjects)
        rows += [{"type": name, **row} for row in _score(counts, len(declared), subjects is not None)]
    found = [table["label"].iloc[pairs[:, side]] for side, table in enumerate((annotated, predicted))]
    matrix = recognition.confusion_matrix(*found, classes=declared)
    confusion = pd.DataFrame(matrix, index=declared, columns=declared)
    return RecognitionScores(pd.DataFrame(rows), confusion.rename_axis(index="label", columns="prediction"))


def _count(
    annotated: pd.DataFrame,
    predicted: pd.DataFrame,
    parts: Sequence[NDArray[np.bool_]],
    pairs: NDArray[np.int64],
    declared: Sequence[str],
    subjects: pd.Series | None,
) -> NDArray[np.int64]:
    """Count by subject; shape (S, 3 + K * K): n_gt, n_pred, tp, then the confusion of the true positives."""
    owner = [
        np.zeros(len(table), int) if subjects is None else table["video"].map(subjects).to_numpy()
        for table in (annotated, predicted)
    ]
    label = [table["label"].to_numpy() for table in (annotated, predicted)]
    pairs = pairs[parts[0][pairs[:, 0]]]
    rows = []
    for subject in np.unique(np.concatenate(owner)):
        own = pairs[owner[0][pairs[:, 0]] == subject]
        totals = [int((part & (whose == subject)).sum()) for part, whose in zip(parts, owner, strict=True)]
        spotted = spotting.check(np.array([*totals, len(own)], np.int64))
        matrix = recognition.confusion_matrix(label[0][own[:, 0]], label[1][own[:, 1]], classes=declared)
        rows.append(np.concatenate([spotted, matrix.ravel()]))
    return np.stack(rows)


def _score(counts: NDArray[np.int64], k: int, with_bounds: bool) -> list[dict[str, object]]:
    def confusion(pooled: NDArray) -> NDArray:
        return pooled[..., 3:].reshape(*pooled.shape[:-1], k, k)

    metrics: dict[str, Statistic] = {
        "precision": lambda pooled: spotting.precision(pooled[..., :3]),
        "recall": lambda pooled: spotting.recall(pooled[..., :3]),
        "f1": lambda pooled: spotting.f1(pooled[..., :3]),
        "accuracy": lambda pooled: recognition.accuracy(confusion(pooled)),
        "uf1": lambda pooled: recognition.uf1(confusion(pooled)),
        "uar": lambda pooled: recognition.uar(confusion(pooled)),
        "strs": lambda pooled: spotting.f1(pooled[..., :3]) * recognition.uf1(confusion(pooled)),
    }
    n_gt, n_pred, tp = counts[:, :3].sum(axis=0).tolist()
    rows: list[dict[str, object]] = []
    for (name, metric), n in zip(metrics.items(), (n_pred, n_gt, n_gt, tp, tp, tp, n_gt), strict=True):
        found = bootstrap_interval(counts, metric)
        bounds = {"lower": found.low, "upper": found.high} if with_bounds else {}
        rows.append({"metric": name, "value": found.value, **bounds, "n": n})
    return rows
