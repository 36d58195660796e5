"""From score tables to the rows a reader looks at: one row per corpus, recipe and selection rule.

Numbers are taken over as they stand in the score tables; nothing is scored again here. Only the paired
test between recipes (Fisher's randomisation over subjects, `mezoo.evaluation.paired`) is computed.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.evaluation.paired import Comparison, compare
from mezoo.evaluation.spotting import TYPES, f1
from mezoo.learning.pooling import ALL, SELECTIONS

#: What each rule means, for readers of the tables.
MEANING = {
    "last": "fixed before any test label was read",
    "inner": "chosen on training subjects alone (for networks: on some set apart for validation)",
    "oracle": "test-selected, for comparison only",
    "chance": "random intervals, test-selected, for comparison only",
}
TEST_SELECTED = ("oracle", "chance")
POOLED = "pooled"
_COUNTS = ["n_gt", "n_pred", "tp"]


def headline(scores: pd.DataFrame) -> pd.DataFrame:
    """One row per dataset, recipe, protocol and selection, pooled over subjects.

    Parameters
    ----------
    scores : DataFrame
        Tables of `mezoo.learning.score`, joined. Where there are several seeds, their mean is taken.

    Returns
    -------
    DataFrame
        Columns dataset, recipe, protocol, seed, selection, f1_micro, f1_macro, f1_all; and of type
        ``all``: lower, upper, seed_sd, precision, recall, n_gt, n_pred, tp, n_used, n_expected; the bounds of the
        other types are micro_lower, micro_upper, macro_lower, macro_upper. Datasets in the order in which they come,
        ``pooled`` last; selections in the order of `SELECTIONS`.
    """
    pooled = scores[scores["subject"] == ALL]
    keys = ["dataset", "recipe", "protocol", "selection"]
    rows = []
    for key, part in pooled.groupby(keys, sort=False):
        seed = "mean" if (part["seed"] == "mean").any() else part["seed"].iloc[0]
        by_type = part[part["seed"] == seed].set_index("type")
        whole = by_type.loc["all"]
        row = dict(zip(keys, key, strict=True)) | {"seed": seed}
        row |= {f"f1_{kind}": by_type["f1"].get(kind, np.nan) for kind in ("micro", "macro", "all")}
        row |= {name: whole[name] for name in ("lower", "upper", "seed_sd", "precision", "recall")}
        row |= {name: whole[name] for name in (*_COUNTS, "n_used", "n_expected")}
        for kind in TYPES:
            row |= {f"{kind}_{side}": by_type[side].get(kind, np.nan) for side in ("lower", "upper")}
        rows.append(row)
    table = pd.DataFrame(rows)
    order = pd.DataFrame(
        {
            "dataset": table["dataset"].map(_rank(datasets(table))),
            "recipe": table["recipe"].map(_rank(list(table["recipe"].unique()))),
            "selection": table["selection"].map(_rank(list(SELECTIONS))),
        }
    )
    return table.loc[order.sort_values(["dataset", "recipe", "selection"], kind="stable").index].reset_index(
        drop=True
    )


def datasets(table: pd.DataFrame) -> list[str]:
    """Datasets in the order in which they come, ``pooled`` last."""
    return sorted(table["dataset"].unique(), key=lambda name: name == POOLED)


def _rank(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def comparisons(scores: pd.DataFrame, *, selection: str = "last") -> pd.DataFrame:
    """Paired test over subjects for every two recipes, on the folds that both have.

    Parameters
    ----------
    scores : DataFrame
        Tables of `mezoo.learning.score`, joined.
    selection : str
        The rule whose results are compared.

    Returns
    -------
    DataFrame
        Columns dataset, first, second, difference (of the F1 of both types, first - second; mean over the
        seeds both have), lower, upper, p_value, n_subjects, n_seeds. No row for datasets without common folds.
    """
    chosen = scores[
        (scores["selection"] == selection) & (scores["type"] == "all") & (scores["subject"] != ALL)
    ]
    chosen = chosen.assign(person=chosen["dataset"] + "/" + chosen["subject"])
    groups = {name: part for name, part in chosen.groupby("dataset", sort=False)}
    if len(groups) > 1:
        groups[POOLED] = chosen
    rows = []
    for dataset, part in groups.items():
        for first, second in combinations(part["recipe"].unique(), 2):
            counts = _paired_counts(part, first, second)
            if counts.shape[1]:
                result = compare(counts[0], counts[1], _mean_f1)
                rows.append(_comparison_row(dataset, first, second, result, counts.shape))
    columns = [
        "dataset",
        "first",
        "second",
        "difference",
        "lower",
        "upper",
        "p_value",
        "n_subjects",
        "n_seeds",
    ]
    return pd.DataFrame(rows, columns=columns)


def _paired_counts(part: pd.DataFrame, first: str, second: str) -> NDArray[np.int64]:
    """Collect the counts (2, subject, seed, 3) of the folds that both recipes have."""
    sides = [
        part[part["recipe"] == recipe]
        .drop_duplicates(["person", "seed"])
        .set_index(["person", "seed"])[_COUNTS]
        for recipe in (first, second)
    ]
    common = sides[0].index.intersection(sides[1].index).to_frame(index=False)
    seeds = sorted(common["seed"].unique())
    complete = common.groupby("person")["seed"].nunique() == len(seeds)
    persons = sorted(complete[complete].index)
    wanted = pd.MultiIndex.from_product([persons, seeds])
    shape = (len(persons), len(seeds), 3)
    return np.stack([side.loc[wanted].to_numpy(np.int64).reshape(shape) for side in sides])


def _mean_f1(counts: NDArray) -> NDArray[np.float64]:
    return f1(counts).mean(axis=-1)


def _comparison_row(
    dataset: str, first: str, second: str, result: Comparison, shape: tuple[int, ...]
) -> dict[str, object]:
    return {
        "dataset": dataset,
        "first": first,
        "second": second,
        "difference": result.difference,
        "lower": result.low,
        "upper": result.high,
        "p_value": result.p_value,
        "n_subjects": shape[1],
        "n_seeds": shape[2],
    }
