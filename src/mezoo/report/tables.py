"""How tables write numbers, names and marks, and the spotting table that is printed for the eye."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mezoo.learning.pooling import read_scores
from mezoo.report.headline import POOLED, TEST_SELECTED, comparisons, datasets, headline


def number(value: float) -> str:
    """Three decimals, or a dash where there is no number."""
    return "–" if pd.isna(value) else f"{value:.3f}"


def interval(lower: float, upper: float) -> str:
    """Bounds in brackets, or nothing where there are none."""
    return "" if pd.isna(lower) or pd.isna(upper) else f"[{lower:.3f}, {upper:.3f}]"


def p_value(value: float) -> str:
    """Format a p-value as far as the number of random exchanges can tell it."""
    return "–" if pd.isna(value) else ("< 0.001" if value < 0.001 else f"{value:.3f}")


def is_demo(dataset: str) -> bool:
    """Whether a corpus consists of synthetic faces."""
    return dataset.startswith("demo_")


def is_synthetic(dataset: str, names: Sequence[str]) -> bool:
    """Whether the rows of a dataset rest on synthetic faces alone; for ``pooled`` all of `names` do."""
    return is_demo(dataset) or (dataset == POOLED and all(is_demo(name) for name in names if name != POOLED))


def no_data(needed: Sequence[str], known: Collection[str]) -> str:
    """Why a method has no number of ours: corpora that are not there, or it was not run."""
    missing = ", ".join(name for name in needed if name not in known)
    return f"no data: {missing}" if missing else "not run"


def paper_name(row: Any, sources: Mapping[str, int]) -> str:
    """Name a published row, with its year and the number of its source where sources are numbered."""
    if not sources:
        return row.method
    year = "" if pd.isna(row.year) or not row.year else f", {row.year}"
    return f"{row.method}{year} [{sources[row.source]}]"


def print_table(scores: Sequence[Path]) -> None:
    """Print the headline rows of score files, and the paired test between recipes.

    Parameters
    ----------
    scores : sequence of Path
        Files ``loso_<recipe>.csv`` of the command ``gather-scores``.
    """
    table = read_scores(scores)
    rows = headline(table)
    console = Console(width=max(100, Console().width))
    for dataset in datasets(rows):
        own = rows[rows["dataset"] == dataset]
        console.print(_rich_table(dataset, own, synthetic=is_synthetic(dataset, datasets(rows))))
    for line in comparison_lines(table):
        console.print(line, highlight=False, markup=False)
    console.print(
        "F1 at IoU >= 0.5, pooled over videos; [ ] = 95 % bootstrap over subjects. "
        "oracle and chance are test-selected, for comparison only.",
        style="dim",
        highlight=False,
        markup=False,
    )


def _p(value: float) -> str:
    text = p_value(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def comparison_lines(scores: pd.DataFrame) -> list[str]:
    """One line per pair of recipes with the paired test between them."""
    return [
        f"{row.dataset}: {row.first} - {row.second} = {row.difference:+.3f} "
        f"[{row.lower:+.3f}, {row.upper:+.3f}] F1, {_p(row.p_value)} "
        f"(paired over {row.n_subjects} subjects, selection last)"
        for row in comparisons(scores).itertuples()
    ]


def _rich_table(dataset: str, rows: pd.DataFrame, *, synthetic: bool) -> Table:
    title = f"{dataset} (synthetic faces)" if synthetic else dataset
    table = Table(title=Text(title, style="bold"), title_justify="left")
    for head in ("recipe", "selection", "F1 micro", "F1 macro", "F1 all [95 %]", "P", "R", "used"):
        table.add_column(head, justify="left" if head in ("recipe", "selection") else "right")
    for row in rows.itertuples():
        label = f"{row.selection} (test-selected)" if row.selection in TEST_SELECTED else row.selection
        style = "dim" if row.selection in TEST_SELECTED else "bold" * (row.selection == "last")
        table.add_row(
            f"{row.recipe}{leak_mark(row.protocol)}",
            label,
            number(row.f1_micro),
            number(row.f1_macro),
            f"{number(row.f1_all)} {interval(row.lower, row.upper)}{seed_spread(row.seed_sd)}",
            number(row.precision),
            number(row.recall),
            f"{row.n_used:.0f} of {row.n_expected:.0f}",
            style=style,
        )
    return table


def leaks_of(protocols: Iterable[str]) -> list[str]:
    """List the leaks that protocols are stamped with, each once."""
    parts = dict.fromkeys(part for protocol in protocols for part in protocol.split(","))
    return [part.removeprefix("leaky:") for part in parts if part.startswith("leaky:")]


def leak_mark(protocol: str) -> str:
    """Name the leaks of a protocol, for the name of the recipe."""
    leaks = leaks_of([protocol])
    return f" (leaky: {', '.join(leaks)})" if leaks else ""


def seed_spread(seed_sd: float) -> str:
    """Spread over seeds, where there were several."""
    return "" if pd.isna(seed_sd) else f" ± {seed_sd:.3f} (seeds)"
