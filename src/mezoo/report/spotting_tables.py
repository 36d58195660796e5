"""Spotting tables: ours under every selection rule beside the papers' numbers, as csv, md and tex.

A row per method and a section per corpus, ``pooled`` for CAS(ME)^2 and SAMM-LV together. Papers stand beside ours
only where the corpora are the same; methods without a run say which corpus they wait for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mezoo.atomic import write_text
from mezoo.learning.pooling import SELECTIONS, write_csv
from mezoo.report.headline import MEANING, POOLED, TEST_SELECTED, headline
from mezoo.report.published import CORPORA, published
from mezoo.report.table_formats import latex_table, markdown_table, numbered
from mezoo.report.tables import (
    comparison_lines,
    interval,
    is_demo,
    leak_mark,
    no_data,
    number,
    paper_name,
    seed_spread,
)

#: Columns of ``spotting.csv``. Bounds without a type belong to ``f1_all``.
COLUMNS = (
    "dataset", "method", "year", "recipe", "origin", "selection", "test_selected", "protocol", "seed",
    "f1_micro", "micro_lower", "micro_upper", "f1_macro", "macro_lower", "macro_upper",
    "f1_all", "lower", "upper", "seed_sd", "precision", "recall",
    "n_used", "n_expected", "implausible", "run", "source", "note",
)  # fmt: skip
#: Heads of the tables for print. Ours first, then what the paper prints.
HEADS = [
    "method", "last: F1", "inner: F1", "oracle: F1 (test-selected)", "chance: F1 (test-selected)",
    "last: micro", "last: macro", "videos", "paper: F1", "paper: micro", "paper: macro", "paper chose by",
]  # fmt: skip
NO_PAPER = "no published number exists for this corpus (synthetic faces)"
#: How papers chose epoch and parameters, in words.
CHOSE = {"test": "test-selected", "unknown": "not stated"}
_EVERY = [*CORPORA, POOLED]


def spotting_table(scores: pd.DataFrame, *, corpora: Collection[str] = ()) -> pd.DataFrame:
    """Ours and the papers' numbers in one tidy table.

    Parameters
    ----------
    scores : DataFrame
        Tables of `mezoo.learning.score`, joined; may be empty. Of several seeds the mean is taken.
    corpora : collection of str
        Layouts of the corpora that the user has, real ones; those of `scores` are known.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, ours (origin ``mezoo``, one row per selection) before the papers' of the same dataset.
        ``run`` tells why a method has no number of ours.
    """
    ours = _ours(scores)
    known = {*corpora, *ours["dataset"]}
    recipes = list(dict.fromkeys(ours["recipe"]))
    own = [name for name in dict.fromkeys(ours["dataset"]) if name not in _EVERY]
    parts = []
    for dataset in [*own, *_EVERY]:
        part = ours[ours["dataset"] == dataset]
        parts.append(part)
        if dataset in _EVERY:
            parts += _papers(dataset, set(part["recipe"]), recipes, known)
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True).reindex(columns=list(COLUMNS))
    return table.astype({"n_used": "Int64", "n_expected": "Int64"})


def _ours(scores: pd.DataFrame) -> pd.DataFrame:
    if scores.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = headline(scores)
    rows = rows.assign(
        method=rows["recipe"] + rows["protocol"].map(leak_mark),
        origin="mezoo",
        test_selected=rows["selection"].isin(TEST_SELECTED),
        implausible=False,
        note=rows["selection"].map(MEANING),
    )
    rows["note"] += rows["dataset"].map(lambda name: f"; {NO_PAPER}" if is_demo(name) else "")
    rows["dataset"] = [_dataset_name(row, rows) for row in rows.itertuples()]
    return rows


def _dataset_name(row: Any, rows: pd.DataFrame) -> str:
    """``pooled`` where exactly the papers' corpora are pooled, or what is pooled in words."""
    if row.dataset != POOLED:
        return row.dataset
    same = rows[(rows["recipe"] == row.recipe) & (rows["protocol"] == row.protocol)]
    parts = sorted(set(same["dataset"]) - {POOLED})
    return POOLED if parts == sorted(CORPORA) else f"{POOLED}: {', '.join(parts)}"


def _papers(
    dataset: str, ran: Collection[str], recipes: Sequence[str], known: Collection[str]
) -> list[pd.DataFrame]:
    """List what is published for a dataset, and recipes with neither a run nor a paper there."""
    papers = published(dataset).assign(dataset=dataset)
    papers["test_selected"] = papers["selection"] == "test"
    why = no_data(CORPORA if dataset == POOLED else (dataset,), known)
    papers["run"] = ["" if not recipe or recipe in ran else why for recipe in papers["recipe"]]
    waiting = [name for name in recipes if name not in ran and name not in set(papers["recipe"])]
    zoo = pd.DataFrame({"method": waiting, "recipe": waiting, "run": why, "dataset": dataset})
    zoo = zoo.assign(origin="mezoo", selection="", implausible=False)
    return [papers.dropna(axis="columns", how="all"), zoo]


# ------------------------------------------------------------------ for print


def write_spotting_tables(
    scores: pd.DataFrame, folder: str | Path, *, corpora: Collection[str] = ()
) -> pd.DataFrame:
    """Write ``spotting.csv``, ``spotting.md`` and ``spotting.tex``, and return the table.

    Parameters
    ----------
    scores, corpora
        See `spotting_table`.
    folder : Path
    """
    table, folder = spotting_table(scores, corpora=corpora), Path(folder)
    write_csv(table, folder / "spotting.csv")
    sources = numbered(table["source"])
    sections = list(table.groupby("dataset", sort=False))
    text = [_legend(), *(_markdown(str(name), rows, sources) for name, rows in sections)]
    text += [
        _markdown_tests(scores),
        "\n".join(["## Sources", "", *(f"{place}. {source}" for source, place in sources.items()), ""]),
    ]
    write_text(folder / "spotting.md", "\n".join(part for part in text if part))
    write_text(folder / "spotting.tex", "\n".join(_latex(str(name), rows) for name, rows in sections))
    return table


def _legend() -> str:
    rules = [f"- `{name}`: {meaning}." for name, meaning in MEANING.items()]
    return "\n".join(
        [
            "# Spotting",
            "",
            "F1 at IoU ≥ 0.5 of micro- and macro-expressions together, where no type is named; counts are pooled over"
            " all videos before any ratio is formed. [ ] is a 95 % bootstrap over subjects; ± the spread over seeds."
            " `videos`: used of expected. `paper chose by`: how the paper chose epoch and parameters; `test-selected`:"
            " on the tested videos, so compare it with `oracle`. ? marks numbers that cannot be right; the notes below"
            " a table tell why. Precision, recall and the intervals of each type under every rule: `spotting.csv`.",
            "",
            *rules,
            "",
        ]
    )


def _title(dataset: str) -> str:
    names = dataset.removeprefix(POOLED).removeprefix(": ").split(", ")
    return f"{dataset} (synthetic faces)" if all(map(is_demo, names)) else dataset


def _markdown(dataset: str, rows: pd.DataFrame, sources: dict[str, int]) -> str:
    cells = [cell for group in _print_groups(rows, sources) for cell in group]
    lines = [f"## {_title(dataset)}", "", *markdown_table(HEADS, cells, left=1), ""]
    if not (rows["origin"] != "mezoo").any():
        lines += [f"{caption(dataset)}", ""]
    notes = [f"- ? {line}" for line in _doubts(rows)]
    return "\n".join(lines + ([*notes, ""] if notes else []))


def caption(dataset: str) -> str:
    """One sentence under a table."""
    text = "F1 at IoU ≥ 0.5, counts pooled over videos; 95 % interval from a bootstrap over subjects."
    text += " Test-selected rows are for comparison only."
    return f"{text} {NO_PAPER[0].upper()}{NO_PAPER[1:]}." if is_demo(dataset) else text


def _doubts(rows: pd.DataFrame) -> list[str]:
    return [f"{row.method}: {row.note}." for row in rows[rows["implausible"] == True].itertuples()]  # noqa: E712


def _print_groups(rows: pd.DataFrame, sources: dict[str, int]) -> list[list[list[str]]]:
    """Cells of ours, each beside the first paper of the same recipe, and cells of the other papers."""
    papers, ours, used = rows[rows["origin"] != "mezoo"], rows[rows["origin"] == "mezoo"], set()
    own = []
    for (recipe, _), part in ours[ours["run"].isna()].groupby(["recipe", "protocol"], sort=False):
        partner = next((row for row in papers.itertuples() if row.recipe == recipe), None)
        used |= {partner.Index} if partner is not None else set()
        own.append(_our_cells(part, partner, sources))
    others = [_paper_row(row, sources) for row in papers.itertuples() if row.Index not in used]
    waiting = [[row.method, row.run, *[""] * 10] for row in ours[ours["run"].notna()].itertuples()]
    return [group for group in (own, others, waiting) if group]


def _our_cells(part: pd.DataFrame, paper: Any, sources: dict[str, int]) -> list[str]:
    by_rule = {row.selection: row for row in part.itertuples()}
    last = by_rule["last"]
    values = [_value(by_rule[name]) if name in by_rule else "–" for name in SELECTIONS]
    micro = f"{number(last.f1_micro)} {interval(last.micro_lower, last.micro_upper)}".strip()
    macro = f"{number(last.f1_macro)} {interval(last.macro_lower, last.macro_upper)}".strip()
    method = last.method if paper is None else f"{last.method} ({paper_name(paper, sources)})"
    videos = f"{last.n_used} of {last.n_expected}"
    return [method, *values, micro, macro, videos, *_paper_cells(paper)]


def _value(row: Any) -> str:
    return f"{number(row.f1_all)} {interval(row.lower, row.upper)}{seed_spread(row.seed_sd)}".strip()


def _paper_row(row: Any, sources: dict[str, int]) -> list[str]:
    return [paper_name(row, sources), row.run, *[""] * 6, *_paper_cells(row)]


def _paper_cells(row: Any) -> list[str]:
    if row is None:
        return [""] * 4
    whole = "" if pd.isna(row.f1_all) else f"{number(row.f1_all)}{'?' if row.implausible else ''}"
    parts = ["" if pd.isna(value) else number(value) for value in (row.f1_micro, row.f1_macro)]
    return [whole, *parts, CHOSE[row.selection]]


def _markdown_tests(scores: pd.DataFrame) -> str:
    lines = [] if scores.empty else [f"- {line}" for line in comparison_lines(scores)]
    return "\n".join(["## Recipes compared on the same folds", "", *lines, ""]) if lines else ""


def _latex(dataset: str, rows: pd.DataFrame) -> str:
    """One table environment; needs the package booktabs."""
    notes = [f"? {line}" for line in _doubts(rows)]
    text = " ".join([f"Spotting on {dataset}.", caption(dataset), *notes])
    return latex_table(HEADS, _print_groups(rows, {}), text, left=1, size="scriptsize")
