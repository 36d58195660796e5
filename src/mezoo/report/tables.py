"""Spotting tables: printed for the eye, and written as csv, md and tex beside the papers' numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mezoo.atomic import write_text
from mezoo.learning.pooling import read_scores
from mezoo.report.headline import MEANING, POOLED, TEST_SELECTED, comparisons, datasets, headline
from mezoo.report.published import CORPORA, published
from mezoo.report.table_formats import latex_table, markdown_table

#: Columns of ``spotting.csv``.
COLUMNS = (
    "dataset", "method", "year", "origin", "selection", "test_selected", "protocol", "seed",
    "f1_micro", "f1_macro", "f1_all", "lower", "upper", "seed_sd", "precision", "recall",
    "n_used", "n_expected", "implausible", "source", "note",
)  # fmt: skip
NO_PAPER = "no published number exists for this corpus (synthetic faces)"
#: Columns of the tables for print, with their heads.
_PRINT = {
    "method": "method", "selection": "selection", "f1_micro": "F1 micro", "f1_macro": "F1 macro",
    "f1_all": "F1 all", "interval": "95 % interval", "precision": "P", "recall": "R", "used": "videos used",
}  # fmt: skip


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


def has_papers(dataset: str, names: Sequence[str]) -> bool:
    """Whether papers have numbers for a dataset; for ``pooled`` only when it pools exactly their corpora."""
    return dataset in CORPORA or (dataset == POOLED and set(names) - {POOLED} == set(CORPORA))


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
    for line in _comparison_lines(table):
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


def _comparison_lines(scores: pd.DataFrame) -> list[str]:
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


def leak_mark(protocol: str) -> str:
    """Name the leaks of a protocol, for the name of the recipe."""
    leaks = [part.removeprefix("leaky:") for part in protocol.split(",") if part.startswith("leaky:")]
    return f" (leaky: {', '.join(leaks)})" if leaks else ""


def seed_spread(seed_sd: float) -> str:
    """Spread over seeds, where there were several."""
    return "" if pd.isna(seed_sd) else f" ± {seed_sd:.3f} (seeds)"


def spotting_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Ours beside the papers' numbers, with the columns `COLUMNS`.

    Parameters
    ----------
    scores : DataFrame
        Tables of `mezoo.learning.score`, joined.
    """
    ours = headline(scores).rename(columns={"recipe": "method"})
    ours = ours.assign(
        origin="mezoo",
        year="",
        test_selected=ours["selection"].isin(TEST_SELECTED),
        implausible=False,
        source="",
        note=ours["selection"].map(MEANING),
    )
    parts = []
    names = datasets(ours)
    for dataset in names:
        own = ours[ours["dataset"] == dataset].copy()
        if has_papers(dataset, names):
            papers = published(dataset).assign(dataset=dataset, protocol="", seed="")
            papers["test_selected"] = papers["selection"] == "test"
            parts += [own, papers.dropna(axis="columns", how="all")]
        else:
            own["note"] += f"; {NO_PAPER}" if is_demo(dataset) else ""
            parts.append(own)
    table = pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))
    return table.astype({"n_used": "Int64", "n_expected": "Int64"})


def write_tables(scores: pd.DataFrame, folder: str | Path) -> pd.DataFrame:
    """Write ``spotting.csv``, ``spotting.md`` and ``spotting.tex``, and return the table.

    Parameters
    ----------
    scores : DataFrame
        Tables of `mezoo.learning.score`, joined.
    folder : Path
    """
    table = spotting_table(scores)
    folder = Path(folder)
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(folder / "spotting.csv", text)
    write_text(folder / "spotting.md", _document(table, _markdown) + _markdown_tests(scores))
    write_text(folder / "spotting.tex", _document(table, _latex))
    return table


def _document(table: pd.DataFrame, section: Callable[[str, pd.DataFrame], str]) -> str:
    return "\n".join(section(name, table[table["dataset"] == name]) for name in datasets(table))


def _print_rows(rows: pd.DataFrame) -> list[list[str]]:
    """Cells of one dataset in the order of `_PRINT`."""
    cells = []
    for row in rows.itertuples():
        whole = number(row.f1_all) + ("?" if row.implausible else "")
        used = "" if pd.isna(row.n_used) else f"{row.n_used:.0f} of {row.n_expected:.0f}"
        name = f"{row.method}{leak_mark(row.protocol)}" if row.origin == "mezoo" else row.method
        name += f" ({row.year or row.origin})" if row.origin != "mezoo" else ""
        selection = {"test": "test-selected", "unknown": "not stated"}.get(row.selection, row.selection)
        selection += " (test-selected)" if row.selection in TEST_SELECTED else ""
        bounds = interval(row.lower, row.upper) + seed_spread(row.seed_sd)
        cells.append(
            [name, selection, number(row.f1_micro), number(row.f1_macro), whole, bounds]
            + [number(row.precision), number(row.recall), used]
        )
    return cells


def caption(dataset: str) -> str:
    """One sentence under a table."""
    text = "F1 at IoU ≥ 0.5, counts pooled over videos; 95 % interval from a bootstrap over subjects."
    text += " Test-selected rows are for comparison only."
    return f"{text} {NO_PAPER[0].upper()}{NO_PAPER[1:]}." if is_demo(dataset) else text


def _markdown(dataset: str, rows: pd.DataFrame) -> str:
    lines = [f"## {dataset}", "", *markdown_table(list(_PRINT.values()), _print_rows(rows), left=2)]
    return "\n".join([*lines, "", caption(dataset), *_doubts(rows), ""])


def _markdown_tests(scores: pd.DataFrame) -> str:
    lines = [f"- {line}" for line in _comparison_lines(scores)]
    return "\n".join(["", "## Recipes compared on the same folds", "", *lines, ""]) if lines else ""


def _doubts(rows: pd.DataFrame) -> list[str]:
    return [f"? {row.method}: {row.note}." for row in rows[rows["implausible"]].itertuples()]


def _latex(dataset: str, rows: pd.DataFrame) -> str:
    """One table environment; needs the package booktabs."""
    groups = [_print_rows(own) for _, own in rows.groupby("origin", sort=False)]
    text = " ".join([f"Spotting on {dataset}.", caption(dataset), *_doubts(rows)])
    return latex_table(list(_PRINT.values()), groups, text, left=2)
