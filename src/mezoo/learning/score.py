"""Selection rules and scores: which look of each fold counts, and what it is worth.

``last`` and ``inner`` are fixed before the held-out labels are read. ``oracle`` takes, for each
subject, the look that is best on that very subject, as most published code does; ``chance`` puts a
random guesser through the same rule with the same number of looks. Both are printed for comparison
only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.catalog import read_labels
from mezoo.evaluation.spotting import METRICS, TYPES, Rule, best_look, count, f1
from mezoo.learning.pooling import ALL, KEYS, pool_subjects, read_scores, with_leaks, write_csv
from mezoo.learning.predict import SOURCES
from mezoo.learning.recipe import for_spotting, parse_recipe
from mezoo.learning.truth import truth_intervals

_COUNTS = ["n_gt", "n_pred", "tp"]
#: F1 first: it gets the interval.
_METRICS = {"f1": f1, **METRICS}
COLUMNS = [*KEYS, "subject", "type", *_COUNTS, *METRICS, "lower", "upper", "seed_sd", "n_used", "n_expected"]


@dataclass(frozen=True, eq=False)
class Fold:
    """Everything found in the videos of one held-out subject with one seed."""

    subject: str
    seed: int
    protocol: str
    rule: Rule
    last: int
    looks: list[int]
    videos: list[str]
    failed: list[str]
    has_inner: bool
    table: pd.DataFrame

    def intervals(self, source: str, look: int) -> pd.DataFrame:
        """Rows of one look of one source."""
        return self.table[(self.table["source"] == source) & (self.table["look"] == look)]


def read_fold(path: str | Path) -> Fold:
    """Read an artifact of the stage ``predict``."""
    with Artifact(path) as artifact:
        attrs = artifact.attrs
        videos = json.loads(attrs["videos"])
        table = pd.DataFrame(
            {name: artifact[name][:] for name in ("look", "onset", "apex", "offset", "score")}
        )
        table["source"] = np.array(SOURCES)[artifact["source"][:]]
        table["video"] = np.array([*videos, ""])[artifact["video"][:]]
        table["type"] = np.array(TYPES)[artifact["type"][:]]
        recipe = for_spotting(parse_recipe(json.loads(attrs["recipe"])))
        return Fold(
            subject=attrs["subject"],
            seed=int(attrs["seed"]),
            protocol=with_leaks(attrs["protocol"], recipe.leaks),
            rule=recipe.counting,
            last=int(attrs["last"]),
            looks=json.loads(attrs["looks"]),
            videos=videos,
            failed=json.loads(attrs["failed"]),
            has_inner=bool(attrs["has_inner"]),
            table=table,
        )


Truth = dict[str, dict[str, NDArray[np.int64]]]


def count_look(fold: Fold, truth: Truth, source: str, look: int) -> NDArray[np.int64]:
    """Count one look, shape (type, 3), summed over the videos of the fold."""
    counts = np.zeros((len(TYPES), 3), np.int64)
    found = dict(tuple(fold.intervals(source, look).groupby(["video", "type"])[["onset", "offset"]]))
    none = np.zeros((0, 2), np.int64)
    for video in fold.videos:
        for i, kind in enumerate(TYPES):
            spans = found[video, kind].to_numpy() if (video, kind) in found else none
            counts[i] += count(truth[video][kind], spans, rule=fold.rule)
    return counts


def select(fold: Fold, truth: Truth) -> Iterator[tuple[str, str, int, NDArray[np.int64]]]:
    """Yield selection, source, look and counts (type, 3) of every rule for one fold."""
    yield "last", "look", fold.last, count_look(fold, truth, "look", fold.last)
    if fold.has_inner:
        yield "inner", "inner", 0, count_look(fold, truth, "inner", 0)
    for selection, source in (("oracle", "look"), ("chance", "chance")):
        counts = np.stack([count_look(fold, truth, source, look) for look in fold.looks])
        best = best_look(counts)
        yield selection, source, fold.looks[best], counts[best]


def score_folds(
    proposals: Sequence[Path],
    labels: Sequence[Path],
    *,
    recipe: str,
    dataset: str,
    predictions: str | Path,
    out: str | Path,
) -> None:
    """Score all folds of one recipe on one corpus.

    Parameters
    ----------
    proposals : sequence of Path
        Artifacts of the stage ``predict``: every subject, every seed.
    labels : sequence of Path
        Event tables of all videos of the corpus.
    recipe, dataset : str
        Names for the tables.
    predictions : Path
        Folder for the intervals behind the numbers, one CSV per subject.
    out : Path
        CSV with the columns `COLUMNS`: one row per subject and type, and pooled rows (subject ``ALL``).
    """
    truth = {path.stem: truth_intervals(read_labels(path)) for path in labels}
    rows, kept = [], []
    folds = [read_fold(path) for path in proposals]
    for fold in folds:
        names = {"recipe": recipe, "dataset": dataset, "protocol": fold.protocol, "seed": fold.seed}
        n = {"n_used": len(fold.videos), "n_expected": len(fold.videos) + len(fold.failed)}
        for selection, source, look, counts in select(fold, truth):
            chosen = fold.intervals(source, look)
            kept.append(chosen.assign(**names, selection=selection, subject=fold.subject))
            for kind, triple in (*zip(TYPES, counts, strict=True), ("all", counts.sum(axis=0))):
                own = dict(zip(_COUNTS, triple.tolist(), strict=True))
                rows.append(
                    {**names, "selection": selection, "subject": fold.subject, "type": kind, **own, **n}
                )
    subjects = sorted({fold.subject for fold in folds})  # also those in whose videos nothing was found
    _write_predictions(pd.concat(kept), subjects, Path(predictions))
    write_csv(complete(pd.DataFrame(rows)), out)


def _write_predictions(table: pd.DataFrame, subjects: Sequence[str], folder: Path) -> None:
    columns = [*KEYS, "subject", "look", "video", "type", "onset", "apex", "offset", "score"]
    for subject in subjects:
        part = table.loc[table["subject"] == subject, columns]
        write_csv(part, folder / f"{subject}.csv", digits="%.6g")


def complete(subject_rows: pd.DataFrame) -> pd.DataFrame:
    """Add the metrics of each subject's row, and pooled rows with their intervals.

    Parameters
    ----------
    subject_rows : DataFrame
        One row per fold, selection, seed and type with its counts.

    Returns
    -------
    DataFrame
        Pooled rows first. Their bounds are a 95 % bootstrap over subjects; with several seeds,
        rows with the seed ``mean`` hold the mean over seeds and its standard deviation ``seed_sd``.
    """
    rows = subject_rows.assign(counts=list(subject_rows[_COUNTS].to_numpy(np.int64)))
    pooled = pool_subjects(rows, "type", lambda kind: _METRICS)
    for row in pooled:
        if "counts" in row:  # the mean over seeds has none
            row |= dict(zip(_COUNTS, row.pop("counts").tolist(), strict=True))
    single = subject_rows.copy()
    for name, metric in METRICS.items():
        single[name] = metric(single[_COUNTS].to_numpy(np.int64))
    return pd.concat([pd.DataFrame(pooled), single], ignore_index=True).reindex(columns=COLUMNS)


def gather_scores(scores: Sequence[Path], out: str | Path) -> None:
    """Join the tables of several corpora; with more than one, add rows pooled over them.

    MEGC 2021 ranks by the pooled counts of both corpora, here as the dataset ``pooled``.
    """
    table = read_scores(scores)
    if len(scores) > 1:
        subjects = table[table["subject"] != ALL].copy()
        subjects["subject"] = subjects["dataset"] + "/" + subjects["subject"]
        pooled = complete(subjects.assign(dataset="pooled"))
        table = pd.concat([table, pooled[pooled["subject"] == ALL]], ignore_index=True)
    write_csv(table[COLUMNS], out)
