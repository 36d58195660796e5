"""Ours under every selection rule and the papers' numbers of recognition in one tidy table.

Papers stand beside ours only where the corpora are the same; methods of the zoo without a run say which corpus they
wait for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pandas as pd

from mezoo.datasets.protocols import PROTOCOLS
from mezoo.errors import ConfigError
from mezoo.learning.pooling import ALL, SELECTIONS
from mezoo.learning.recognition_score import EVERY, POOLED
from mezoo.report.headline import TEST_SELECTED
from mezoo.report.published_recognition import METRICS, published_recognition
from mezoo.report.tables import leak_mark, no_data

#: Columns of ``recognition.csv``.
COLUMNS = [
    "protocol", "dataset", "method", "year", "recipe", "origin", "selection", "test_selected", "seed",
    *METRICS, "lower", "upper", "seed_sd", "clips", "n_used", "n_expected", "doubts", "corrected",
    "run", "source", "note",
]  # fmt: skip


#: What the rules of selection are, in words.
MEANING = {
    "last": "the epoch fixed before any test label was read: the headline",
    "inner": "the epoch chosen on training subjects that were set apart",
    "oracle": "the best epoch of each test subject, as most published code does; for comparison with papers only",
    "chance": "guesses with the class frequencies of the training clips under the rule of oracle; for comparison only",
}


def recognition_table(scores: pd.DataFrame, *, corpora: Collection[str] = ()) -> pd.DataFrame:
    """Ours and the papers' numbers in one tidy table.

    Parameters
    ----------
    scores : DataFrame
        Tables of `mezoo.learning.recognition_score`, joined; may be empty. Of several seeds the mean is taken.
    corpora : collection of str
        Layouts of the corpora that the user has, real ones; those of `scores` are known.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, ours (origin ``mezoo``, one row per selection) before the papers' of the same protocol
        and dataset. ``doubts`` tells which metrics are not what their header says, and why; ``corrected`` their
        right values; ``run`` why a method of the zoo has no number of ours.
    """
    ours, papers = _ours(scores), _papers()
    known = {*corpora, *ours["dataset"]}
    ran = set(zip(protocol_and_dataset(ours), ours["recipe"], strict=True))
    papers["run"] = [
        "" if not row.recipe or ((row.protocol, row.dataset), row.recipe) in ran else _why_no_run(row, known)
        for row in papers.itertuples()
    ]
    table = pd.concat([ours, papers], ignore_index=True).reindex(columns=COLUMNS)
    rank = {key: place for place, key in enumerate(dict.fromkeys(protocol_and_dataset(table)))}
    order = pd.Series([rank[key] for key in protocol_and_dataset(table)], index=table.index)
    table = table.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
    return table.astype({"n_used": "Int64", "n_expected": "Int64", "clips": "Int64"})


def protocol_and_dataset(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Protocol without leaks, and dataset, of every row of a table."""
    return zip(map(_without_leaks, table["protocol"]), table["dataset"], strict=True)


def _without_leaks(protocol: str) -> str:
    return protocol.partition(",")[0]


def _ours(scores: pd.DataFrame) -> pd.DataFrame:
    columns = ["recipe", "dataset", "protocol", "seed", "selection"]
    if scores.empty:
        return pd.DataFrame(columns=COLUMNS).astype({"protocol": str, "dataset": str, "recipe": str})
    rows = scores[(scores["subject"] == ALL) & (scores["class"] == EVERY)].reset_index(drop=True)
    _once(rows, columns)
    rows = rows.sort_values("seed", key=lambda seed: seed != "mean", kind="stable")
    rows = rows.drop_duplicates([name for name in columns if name != "seed"])
    rows = rows.assign(
        dataset=[_dataset_name(row, rows) for row in rows.itertuples()],
        method=rows["recipe"] + rows["protocol"].map(leak_mark),
        origin="mezoo",
        test_selected=rows["selection"].isin(TEST_SELECTED),
        note=rows["selection"].map(MEANING),
    )
    recipes = list(scores["recipe"].unique())
    order = pd.DataFrame(
        {
            "protocol": rows["protocol"].map(_without_leaks),
            "single": ~rows["dataset"].str.startswith(POOLED),  # over all corpora first, as papers print it
            "recipe": rows["recipe"].map(recipes.index),
            "leaks": rows["protocol"],
            "selection": rows["selection"].map(SELECTIONS.index),
        }
    )
    return rows.loc[order.sort_values(list(order), kind="stable").index]


def _once(rows: pd.DataFrame, keys: list[str]) -> None:
    twice = rows[rows.duplicated(keys)]
    if len(twice):
        raise ConfigError(
            f"two scores of {', '.join(twice[keys].iloc[0])}",
            "each recipe and protocol once",
            "Give each score file once, and runs on other corpora another name",
        )


def _dataset_name(row: Any, rows: pd.DataFrame) -> str:
    """``pooled`` where all corpora of the protocol are pooled and nothing else, or what is pooled in words."""
    if row.dataset != POOLED:
        return row.dataset
    same = rows[(rows["recipe"] == row.recipe) & (rows["protocol"] == row.protocol)]
    parts = sorted(set(same["dataset"]) - {POOLED})
    return POOLED if parts == sorted(corpora_in(row.protocol)) else f"{POOLED}: {', '.join(parts)}"


def corpora_in(protocol: str) -> tuple[str, ...]:
    """Name the corpora of a protocol; none where it is not one of ours."""
    name = _without_leaks(protocol)
    return PROTOCOLS[name].corpora if name in PROTOCOLS else ()


def _papers() -> pd.DataFrame:
    papers = published_recognition()
    return papers.assign(
        origin="paper",
        test_selected=papers["selection"] == "test-selected",
        doubts=papers["doubts"].map(_pairs),
        corrected=papers["corrected"].map(_pairs),
    )


def _pairs(named: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in named.items())


def by_name(pairs: str) -> dict[str, str]:
    """Undo `_pairs`."""
    return dict(pair.split(": ", 1) for pair in pairs.split("; ") if pair)


def _why_no_run(row: Any, known: Collection[str]) -> str:
    needed = corpora_in(row.protocol) or ((row.dataset,) if row.dataset != POOLED else ())
    return no_data(needed, known)
