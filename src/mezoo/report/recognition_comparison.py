"""Which recipe recognises better: a paired test over subjects, on the clips that both predicted."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.evaluation.paired import compare
from mezoo.evaluation.recognition import uf1
from mezoo.learning.recognised_folds import CLIP
from mezoo.learning.recognition_score import POOLED, declared_classes
from mezoo.report.tables import leak_mark

COLUMNS = [
    "protocol", "dataset", "first", "second", "difference", "lower", "upper", "p_value", "p_adjusted",
    "n_clips", "n_subjects", "n_seeds",
]  # fmt: skip


def recognition_comparisons(predictions: pd.DataFrame, *, selection: str = "last") -> pd.DataFrame:
    """Compare every two recipes of a protocol (Fisher's randomisation over subjects, `mezoo.evaluation.paired`).

    Parameters
    ----------
    predictions : DataFrame
        As `mezoo.learning.recognition_score.read_predictions` reads it, of any number of recipes.
    selection : str
        The rule whose results are compared.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: UF1 of first - second (mean over the seeds that both have) with its 95 % bootstrap
        bounds, a two-sided p-value, and the p-value after Holm's correction for all pairs of the same protocol
        and dataset. Clips that one of the two lacks are left out; no row without common clips.
    """
    chosen = predictions[predictions["selection"] == selection]
    chosen = chosen.assign(
        person=chosen["dataset"] + "/" + chosen["subject"],
        method=chosen["recipe"] + chosen["protocol"].map(leak_mark),
        protocol=chosen["protocol"].str.partition(",")[0],
    )
    rows: list[dict[str, object]] = []
    for protocol, table in chosen.groupby("protocol", sort=False):
        classes = declared_classes(table)
        parts = dict(tuple(table.groupby("dataset", sort=False)))
        if len(parts) > 1:
            parts = {POOLED: table, **parts}
        for dataset, part in parts.items():
            found = [
                _compare(part, first, second, classes)
                for first, second in combinations(part["method"].unique(), 2)
            ]
            own = [{"protocol": protocol, "dataset": dataset, **row} for row in found if row]
            rows += _holm(own)
    return pd.DataFrame(rows, columns=COLUMNS)


def _compare(part: pd.DataFrame, first: str, second: str, classes: list[str]) -> dict[str, object] | None:
    sides = (part[part["method"] == name] for name in (first, second))
    keys = ["seed", *CLIP, "person", "label"]
    left, right = (side[[*keys, "prediction"]] for side in sides)
    common = left.merge(right, on=keys, suffixes=("_first", "_second"))
    if common.empty:
        return None
    counts = [_counts(common, f"prediction_{side}", classes) for side in ("first", "second")]
    result = compare(counts[0], counts[1], lambda confusion: uf1(confusion).mean(axis=-1))
    n_clips = len(common.drop_duplicates(CLIP))
    return {
        "first": first, "second": second, "difference": result.difference, "lower": result.low,
        "upper": result.high, "p_value": result.p_value, "n_clips": n_clips,
        "n_subjects": counts[0].shape[0], "n_seeds": counts[0].shape[1],
    }  # fmt: skip


def _counts(common: pd.DataFrame, column: str, classes: list[str]) -> NDArray[np.int64]:
    """Confusion matrices (subject, seed, K, K)."""
    person, seed = (pd.factorize(common[name], sort=True)[0] for name in ("person", "seed"))
    label, said = (common[name].map(classes.index).to_numpy(np.int64) for name in ("label", column))
    counts = np.zeros((person.max() + 1, seed.max() + 1, len(classes), len(classes)), np.int64)
    np.add.at(counts, (person, seed, label, said), 1)
    return counts


def _holm(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Add the p-values of Holm (1979): the k-th smallest of m times m - k + 1, never below a smaller one's."""
    p = np.array([row["p_value"] for row in rows], float)
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return [{**row, "p_adjusted": value} for row, value in zip(rows, adjusted.tolist(), strict=True)]
