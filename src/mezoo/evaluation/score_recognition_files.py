"""Scores of classes in a CSV file against labels in another: what `mezoo score recognition` prints.

Metrics of MEGC 2019 (`mezoo.evaluation.recognition`): counts are pooled over all clips before any ratio is
formed, and means run over all declared classes. Clips are joined by their ids, never by their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.errors import ConfigError, unknown
from mezoo.evaluation import recognition
from mezoo.evaluation.bootstrap import Statistic, bootstrap_interval
from mezoo.evaluation.score_files import read_text

#: Columns that tell clips apart, when both files have them.
IDENTITY = ("dataset", "subject", "clip")
POOLED = "pooled"
#: Column of the confusion matrix for clips without a prediction.
MISSING = "(missing)"


class RecognitionScores(NamedTuple):
    """Scores and counts of predictions.

    Attributes
    ----------
    table : DataFrame
        Columns dataset (when `truth` has several), metric, value, n and, with subjects, lower and upper (95 %
        bootstrap over subjects). Metrics: accuracy, uf1, uar, and ``recall <class>`` with the clips of the class
        as n. An undefined recall is NaN.
    confusion : DataFrame
        Of all clips. Index: true class, columns: predicted class, and ``(missing)`` where predictions lack.
    """

    table: pd.DataFrame
    confusion: pd.DataFrame


def score_recognition_files(
    truth: str | Path,
    predictions: str | Path,
    *,
    classes: Sequence[str] | None = None,
    missing: Literal["error", "wrong"] = "error",
) -> RecognitionScores:
    """Score recognised classes.

    Parameters
    ----------
    truth, predictions : path
        CSV files with the columns ``clip`` and ``label`` or ``prediction``. Columns ``dataset`` and ``subject``
        that both have are part of the id of a clip. Subjects of `truth` give intervals; several datasets of
        `truth` are scored alone and pooled.
    classes : sequence of str, optional
        Declared classes; those of `truth` when absent. Name them when one of them does not occur in it: it
        counts in both means.
    missing : {"error", "wrong"}
        What a clip without prediction is: an error, or an error of the method (missed by its class, no false
        alarm of another).

    Returns
    -------
    RecognitionScores

    Raises
    ------
    ConfigError
        A file cannot be read or lacks a column, a clip is there twice or unknown or has no prediction, or a
        word is no class.
    """
    annotated, predicted = read_text(truth, ("clip", "label")), read_text(predictions, ("clip", "prediction"))
    keys = [name for name in IDENTITY if name in annotated and name in predicted]
    for table, value, path in ((annotated, "label", truth), (predicted, "prediction", predictions)):
        table[[*keys, value]] = table[[*keys, value]].apply(lambda column: column.str.strip())
        _once(table, keys, path)
    annotated = annotated[[name for name in (*IDENTITY, "label") if name in annotated]]
    declared = sorted(annotated["label"].unique()) if classes is None else list(classes)
    require_declared(annotated["label"], declared, truth)
    require_declared(predicted["prediction"], declared, predictions)
    joined = annotated.merge(predicted[[*keys, "prediction"]], on=keys, how="outer", indicator=True)
    _complete(joined, keys, missing, truth, predictions)
    names = [*declared, MISSING] if joined["prediction"].isna().any() else declared
    joined["prediction"] = joined["prediction"].fillna(MISSING)
    parts = [(POOLED, joined)]
    if "dataset" in joined and joined["dataset"].nunique() > 1:
        parts = [*joined.groupby("dataset"), *parts]
    rows = [{"dataset": name, **row} for name, part in parts for row in _score(part, declared, names)]
    table = pd.DataFrame(rows) if len(parts) > 1 else pd.DataFrame(rows).drop(columns="dataset")
    counts = recognition.confusion_matrix(joined["label"], joined["prediction"], classes=names)
    confusion = pd.DataFrame(counts[: len(declared)], index=declared, columns=names)
    return RecognitionScores(table, confusion.rename_axis(index="label", columns="prediction"))


def _once(table: pd.DataFrame, keys: Sequence[str], path: str | Path) -> None:
    twice = table.duplicated(list(keys))
    if twice.any():
        row = int(twice.to_numpy().argmax())
        raise ConfigError(
            f"a second row for this clip in line {row + 2}",  # line 1 is the header
            "one row per clip",
            "Remove one, or add the columns dataset and subject to both files where ids repeat",
            item=_name(table.iloc[row], keys),
            file=path,
        )


def _name(row: pd.Series, keys: Iterable[str]) -> str:
    return "/".join(row[key] for key in keys)


def require_declared(values: pd.Series, classes: Sequence[str], path: str | Path) -> None:
    """Refuse words that are no class.

    Raises
    ------
    ConfigError
        With the line of the first one in the file `path`.
    """
    strange = ~values.isin(classes)
    if strange.any():
        row = int(strange.to_numpy().argmax())
        error = unknown(f"class '{values.iloc[row]}' in line {row + 2}", values.iloc[row], classes)
        error.file = str(path)
        raise error


def _complete(
    joined: pd.DataFrame, keys: Sequence[str], missing: str, truth: str | Path, predictions: str | Path
) -> None:
    """Refuse predictions of clips without a label, and labels without a prediction."""
    strange, absent = joined[joined["_merge"] == "right_only"], joined[joined["_merge"] == "left_only"]
    if len(strange):
        raise ConfigError(
            f"{len(strange)} predictions of clips that have no label",
            f"clips of {Path(truth).name}",
            "Remove them or correct their ids",
            item=_name(strange.iloc[0], keys),
            file=predictions,
        )
    if len(absent) and missing == "error":
        raise ConfigError(
            f"no prediction for {len(absent)} of {len(joined)} clips",
            "one for every clip",
            "Add them, or count them as wrong (--missing wrong)",
            item=_name(absent.iloc[0], keys),
            file=predictions,
        )


def _score(part: pd.DataFrame, declared: Sequence[str], names: Sequence[str]) -> list[dict[str, object]]:
    """Score one set of clips; `names` are the classes and, last, what stands for no prediction."""
    k = len(declared)
    groups = part.groupby("subject") if "subject" in part else [("", part)]
    counts = np.stack(
        [recognition.confusion_matrix(own["label"], own["prediction"], classes=names) for _, own in groups]
    )

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.nan_to_num(values[..., :k]).mean(axis=-1)

    def recall_of(number: int) -> Statistic:
        return lambda matrix: recognition.class_recall(matrix)[..., number]

    metrics: dict[str, Statistic] = {
        "accuracy": recognition.accuracy,
        "uf1": lambda matrix: mean(recognition.class_f1(matrix)),
        "uar": lambda matrix: mean(recognition.class_recall(matrix)),
    }
    metrics |= {f"recall {name}": recall_of(number) for number, name in enumerate(declared)}
    support = counts.sum(axis=(0, 2)).tolist()
    rows: list[dict[str, object]] = []
    for (name, metric), n in zip(metrics.items(), [len(part)] * 3 + support[:k], strict=True):
        found = bootstrap_interval(counts, metric)
        bounds = {"lower": found.low, "upper": found.high} if "subject" in part else {}
        rows.append({"metric": name, "value": found.value, **bounds, "n": n})
    return rows
