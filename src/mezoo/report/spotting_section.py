"""The section of the report on spotting: the headline, scores beside the papers', recipes compared."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mezoo.learning.pooling import SELECTIONS
from mezoo.report.headline import POOLED
from mezoo.report.spotting_tables import caption
from mezoo.report.tables import is_demo, seed_spread


def ours(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `mezoo.report.spotting_tables.spotting_table` with a number of ours."""
    return table[(table["origin"] == "mezoo") & table["selection"].isin(SELECTIONS)]


def spotted(table: pd.DataFrame) -> list[str]:
    """Datasets with a run of ours, pooled ones last."""
    names = dict.fromkeys(ours(table)["dataset"])
    return sorted(names, key=lambda name: name.startswith(POOLED))


def corpora_of(names: list[str]) -> list[str]:
    """Leave the pooled datasets out."""
    return [name for name in names if not name.startswith(POOLED)]


def overview(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per corpus and recipe with the F1 of each selection side by side."""
    rows = []
    for (dataset, method), part in ours(table).groupby(["dataset", "method"], sort=False):
        by_rule = part.set_index("selection")
        row = {"dataset": dataset, "method": method, **videos(by_rule.loc["last"])}
        row |= {name: by_rule["f1_all"].get(name, float("nan")) for name in SELECTIONS}
        rows.append(row | {side: by_rule.loc["last", side] for side in ("lower", "upper")})
    return rows


def spotting_section(name: str, table: pd.DataFrame) -> dict[str, Any]:
    """Arrange the rows of one dataset: ours, and those of the papers."""
    rows = table[table["dataset"] == name]
    parts = name.removeprefix(POOLED).removeprefix(": ").split(", ")
    return {
        "id": name.partition(":")[0],
        "name": name,
        "demo": all(map(is_demo, parts)),
        "caption": caption(name),
        "rows": [_our_row(row) for row in ours(rows).to_dict("records")],
        "papers": rows[rows["origin"] != "mezoo"].to_dict("records"),
    }


def _our_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"name": row["method"], "spread": seed_spread(row["seed_sd"]), **videos(row)}


def videos(row: Any) -> dict[str, str]:
    """Tell n used of n expected."""
    return {"used": f"{row['n_used']:.0f} of {row['n_expected']:.0f}"}
