"""What the score tables of spotting and recognition share: pooling over subjects, seeds, intervals, files.

Counts of all subjects are added before any ratio is formed; intervals come from a bootstrap over subjects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.atomic import write_text
from mezoo.evaluation.bootstrap import Statistic, bootstrap_interval

SELECTIONS = ("last", "inner", "oracle", "chance")
#: Subject of the rows that are pooled over subjects.
ALL = "ALL"
#: What tells the runs of a score table apart.
KEYS = ["recipe", "dataset", "protocol", "seed", "selection"]

Metrics = Mapping[str, Statistic]


def with_leaks(protocol: str, leaks: Sequence[str]) -> str:
    """Stamp a protocol with the leaky options of a recipe: ``loso,leaky:adjacency``."""
    return "".join([protocol, *(f",leaky:{leak}" for leak in leaks)])


def pool_subjects(rows: pd.DataFrame, kind: str, metrics: Callable[[str], Metrics]) -> list[dict[str, Any]]:
    """Pool the counts of subjects, per run and kind, and over seeds where there are several.

    Parameters
    ----------
    rows : DataFrame
        One row per run (`KEYS`), subject and kind, with its counts (object column ``counts`` of equal arrays),
        n_used and n_expected. Every seed has the same subjects.
    kind : str
        Column beside `KEYS`, e.g. ``type`` or ``class``.
    metrics : callable
        Kind -> metric columns by name; the first one gets the interval and the spread over seeds.

    Returns
    -------
    list of dict
        Rows with the subject `ALL`: keys, kind, metrics, lower and upper (95 %), n_used, n_expected, and
        ``counts`` where they are of one seed. With several seeds, rows with the seed ``mean`` follow: mean
        over seeds of each metric, and the standard deviation ``seed_sd`` of the first one.
    """
    pooled = []
    columns = [*KEYS, kind]
    for keys, part in rows.groupby(columns, sort=False):
        row = dict(zip(columns, keys, strict=True))
        counts = np.stack(part["counts"].tolist())
        own = {"counts": counts.sum(axis=0), **_score(counts[:, None], metrics(str(row[kind])))}
        pooled.append({**row, "subject": ALL, **own, **_used(part)})
    if rows["seed"].nunique() > 1:
        columns = [key for key in columns if key != "seed"]
        for keys, part in rows.groupby(columns, sort=False):
            row = dict(zip(columns, keys, strict=True))
            own = _score(_by_seed(part), metrics(str(row[kind])))
            used = _used(part.drop_duplicates("subject"))
            pooled.append({**row, "seed": "mean", "subject": ALL, **own, **used})
    return pooled


def _by_seed(part: pd.DataFrame) -> NDArray[np.int64]:
    """Stack counts as (subject, seed, ...)."""
    shape = (part["subject"].nunique(), part["seed"].nunique())
    counts = np.stack(part.sort_values(["subject", "seed"])["counts"].tolist())
    return counts.reshape(*shape, *counts.shape[1:])


def _score(counts: NDArray[np.int64], metrics: Metrics) -> dict[str, float]:
    """Score counts (subject, seed, ...) as the mean over seeds."""
    values = {name: metric(counts.sum(axis=0)) for name, metric in metrics.items()}
    first = next(iter(metrics))
    bounds = bootstrap_interval(counts, lambda summed: metrics[first](summed).mean(axis=-1))
    row = {name: float(np.mean(value)) for name, value in values.items()}
    row |= {"lower": bounds.low, "upper": bounds.high}
    return row | ({"seed_sd": float(np.std(values[first], ddof=1))} if counts.shape[1] > 1 else {})


def _used(part: pd.DataFrame) -> dict[str, int]:
    return {name: int(part[name].sum()) for name in ("n_used", "n_expected")}


def read_scores(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read score tables; ids keep their leading zeros."""
    text = {"seed": str, "subject": str, "class": str}
    return pd.concat([pd.read_csv(path, dtype=text) for path in paths], ignore_index=True)


def write_csv(table: pd.DataFrame, out: str | Path, *, digits: str = "%.4f") -> None:
    """Write a table as CSV, whole or not at all."""
    write_text(out, table.to_csv(index=False, float_format=digits, lineterminator="\n"))
