"""Selection rules and scores of recognition: which look of each fold counts, and what it is worth.

``last`` and ``inner`` are fixed before a label of the held-out subjects is read. ``oracle`` takes, for each
subject, the look that is best on that very subject (accuracy, then UF1, the later one of equals), as most
published code does; ``chance`` puts guesses with the class frequencies of the training clips through the
same rule with the same number of looks. Both are for comparison only. Predictions and labels are joined by
dataset, video and event, never by their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mezoo.errors import ConfigError
from mezoo.evaluation import recognition
from mezoo.evaluation.bootstrap import Statistic
from mezoo.learning.pooling import KEYS, SELECTIONS, pool_subjects, read_scores, write_csv
from mezoo.learning.recognised_folds import (
    CLIP,
    RecognitionFold,
    each_once,
    read_members,
    read_recognition_fold,
)

#: Dataset of the rows over several corpora.
POOLED = "pooled"
#: Class of the rows over all classes.
EVERY = "all"
_METRICS: dict[str, Statistic] = {
    "uf1": recognition.uf1,
    "accuracy": recognition.accuracy,
    "uar": recognition.uar,
}
_CLASS_METRICS: dict[str, Statistic] = {
    "recall": recognition.class_recall,
    "precision": recognition.class_precision,
    "f1": recognition.class_f1,
}
COLUMNS = [
    *KEYS, "subject", "class", "n", "accuracy", "uf1", "uar", "precision", "recall", "f1",
    "lower", "upper", "seed_sd", "n_used", "n_expected",
]  # fmt: skip


def score_recognition(
    predictions: Sequence[Path],
    labels: Sequence[Path],
    *,
    out: str | Path,
    predictions_out: str | Path,
) -> None:
    """Score all folds of one recipe on one protocol under every selection rule.

    Parameters
    ----------
    predictions : sequence of Path
        Artifacts of the stage ``recognise``: every fold, every seed.
    labels : sequence of Path
        Members of the protocol among the held-out subjects, see `read_members`.
    out : Path
        CSV with the columns `COLUMNS`: pooled rows (subject ``ALL``) for each corpus, and ``pooled`` when there
        are several, then one row per subject; each for class ``all`` and every class. Bounds belong to UF1
        for ``all``, to the recall for a class. ``inner`` is there when every fold has it.
    predictions_out : Path
        CSV with a row per selection and expression: what is behind the numbers.

    Raises
    ------
    ConfigError
        The folds are not of one recipe and protocol, a label is no class, or a labelled expression belongs to
        no fold or to two.
    """
    folds = [read_recognition_fold(path) for path in predictions]
    members = read_members(labels)
    _check(folds, members)
    chosen = pd.concat([table for fold in folds for table in _select(fold, members)], ignore_index=True)
    if chosen.empty:
        raise ConfigError(
            f"none of {len(members)} labelled expressions was predicted",
            "predictions of some",
            "See why the folds list them as failed",
            file=folds[0].path,
        )
    if not all(fold.inner is not None for fold in folds):
        chosen = chosen[chosen["selection"] != "inner"]
    chosen = chosen.sort_values(["seed", "selection", *CLIP], key=_in_order, kind="stable")
    write_csv(chosen, predictions_out, digits="%.6g")
    write_csv(score_table(chosen, members, classes=folds[0].classes), out)


def _in_order(column: pd.Series) -> pd.Series:
    return column.map(SELECTIONS.index) if column.name == "selection" else column


def _check(folds: Sequence[RecognitionFold], members: pd.DataFrame) -> None:
    """Refuse folds that do not belong together, and labels that they do not cover."""
    first = folds[0]
    for fold in folds:
        if (fold.recipe, fold.protocol, fold.classes) != (first.recipe, first.protocol, first.classes):
            raise ConfigError(
                f"predictions of {fold.recipe} on {fold.protocol} with the classes {', '.join(fold.classes)}",
                f"{first.recipe} on {first.protocol} with the classes {', '.join(first.classes)}",
                "Score each recipe and protocol alone",
                file=fold.path,
            )
        each_once(pd.concat([fold.clips, fold.failed]), "predictions", fold.path)
    strange = members[~members["label"].isin(first.classes)]
    if len(strange):
        raise ConfigError(
            f"label '{strange['label'].iloc[0]}'",
            f"one of the classes {', '.join(first.classes)}",
            "Give the labels of the protocol that was predicted",
            item="/".join(strange[CLIP].iloc[0]),
        )
    for seed, held in _held_out(folds):
        each_once(held, f"folds of seed {seed}")
        subjects = set(zip(held["dataset"], held["subject"], strict=True))
        lost = [
            pair for pair in zip(members["dataset"], members["subject"], strict=True) if pair not in subjects
        ]
        if lost:
            raise ConfigError(
                f"labels of {len(lost)} expressions, but no fold of seed {seed} holds their subject out",
                "the predictions of every fold, and labels of the held-out subjects",
                "Predict the missing folds or leave the labels out",
                item="/".join(lost[0]),
            )


def _held_out(folds: Sequence[RecognitionFold]) -> Iterator[tuple[int, pd.DataFrame]]:
    for seed in sorted({fold.seed for fold in folds}):
        own = [part for fold in folds if fold.seed == seed for part in (fold.clips, fold.failed)]
        yield seed, pd.concat(own, ignore_index=True)


def _select(fold: RecognitionFold, members: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield for each rule what it predicts for the members of the protocol in one fold."""
    numbered = fold.clips.assign(place=np.arange(len(fold.clips)))
    own = numbered.merge(members[[*CLIP, "label"]], on=CLIP, validate="one_to_one")
    place = own.pop("place").to_numpy(np.int64)
    truth = own["label"].map(fold.classes.index).to_numpy(np.int64)
    subjects = list(zip(own["dataset"], own["subject"], strict=True))
    probability = fold.probability[:, place]
    predicted, guessed = probability.argmax(axis=-1), fold.chance[:, place]
    k = len(fold.classes)
    looks = {"last": np.full(len(own), fold.last)}
    if fold.inner is not None:
        looks["inner"] = np.full(len(own), fold.inner)
    looks["oracle"] = recognition.best_looks(truth, predicted, subjects, n_classes=k)
    looks["chance"] = recognition.best_looks(truth, guessed, subjects, n_classes=k)
    names = {"recipe": fold.recipe, "protocol": fold.protocol, "seed": fold.seed}
    clip = np.arange(len(own))
    for selection, look in looks.items():
        said = (guessed if selection == "chance" else predicted)[look, clip]
        table = own[["dataset", "subject", "video", "event", "label"]].copy()
        table["prediction"] = np.array(fold.classes)[said]
        for number, name in enumerate(fold.classes):
            table[f"p_{name}"] = np.nan if selection == "chance" else probability[look, clip, number]
        heads = {**names, "selection": selection, "look": np.array(fold.looks)[look]}
        for position, (column, value) in enumerate(heads.items()):
            table.insert(position, column, value)
        yield table


def read_predictions(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read files of predictions that `score_recognition` wrote, joined; ids and classes stay text."""
    text = dict.fromkeys([*CLIP, "subject", "label", "prediction"], str)
    return pd.concat([pd.read_csv(path, dtype=text) for path in paths], ignore_index=True)


def declared_classes(predictions: pd.DataFrame) -> list[str]:
    """Classes of the protocol of some predictions, in its order, from the columns of their probabilities."""
    columns = [name for name in predictions if name.startswith("p_")]
    return [name.removeprefix("p_") for name in columns if predictions[name].notna().any()]


def score_table(chosen: pd.DataFrame, members: pd.DataFrame, *, classes: Sequence[str]) -> pd.DataFrame:
    """Score chosen predictions.

    Parameters
    ----------
    chosen : DataFrame
        Columns recipe, protocol, seed, selection, dataset, subject, label, prediction: one row per expression.
    members : DataFrame
        Columns dataset, subject, label: what was to be predicted.
    classes : sequence of str
        Declared classes.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, see `score_recognition`.
    """
    rows = _subject_rows(chosen, members, classes)
    several = rows["dataset"].nunique() > 1
    everywhere = rows.assign(subject=rows["dataset"] + "/" + rows["subject"], dataset=POOLED)

    def metrics(name: str) -> dict[str, Statistic]:
        return _METRICS if name == EVERY else _metrics_of(classes.index(name))

    both = pd.concat([rows, everywhere], ignore_index=True) if several else rows
    records = pool_subjects(both, "class", metrics)
    for record in rows.to_dict("records"):
        values = {name: float(metric(record["counts"])) for name, metric in metrics(record["class"]).items()}
        records.append({**record, **values})
    table = pd.DataFrame(records)
    table["n"] = table["n_used"]
    return table.reindex(columns=COLUMNS)


def _metrics_of(number: int) -> dict[str, Statistic]:
    def of_class(metric: Statistic) -> Statistic:
        return lambda confusion: metric(confusion)[..., number]

    return {name: of_class(metric) for name, metric in _CLASS_METRICS.items()}


def _subject_rows(chosen: pd.DataFrame, members: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """One row per run, subject and class (or all) with its confusion matrix and n used of n expected."""
    persons = {
        key: part["label"].value_counts().reindex(classes, fill_value=0).to_numpy()
        for key, part in members.groupby(["dataset", "subject"])
    }
    runs = chosen.groupby(["recipe", "protocol", "seed", "selection"], sort=False)
    nothing = np.zeros((len(classes), len(classes)), np.int64)
    rows = []
    for (recipe, protocol, seed, selection), part in runs:
        own = {
            key: recognition.confusion_matrix(table["label"], table["prediction"], classes=classes)
            for key, table in part.groupby(["dataset", "subject"])[["label", "prediction"]]
        }
        for (dataset, subject), expected in persons.items():
            counts = own.get((dataset, subject), nothing)
            names = (recipe, dataset, protocol, seed, selection)
            head = {**dict(zip(KEYS, names, strict=True)), "subject": subject, "counts": counts}
            used = counts.sum(axis=1)
            rows.append({**head, "class": EVERY, "n_used": used.sum(), "n_expected": expected.sum()})
            for number, name in enumerate(classes):
                rows.append({**head, "class": name, "n_used": used[number], "n_expected": expected[number]})
    return pd.DataFrame(rows)


def gather_protocols(scores: Sequence[Path], out: str | Path) -> None:
    """Join the tables of several protocols; their rows are pooled already."""
    write_csv(read_scores(scores), out)
