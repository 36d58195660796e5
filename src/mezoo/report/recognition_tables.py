"""Recognition tables as csv, md and tex: a row per method and a section per protocol and corpus."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mezoo.atomic import write_text
from mezoo.datasets.protocols import PROTOCOLS
from mezoo.learning.pooling import SELECTIONS, write_csv
from mezoo.learning.recognition_score import POOLED
from mezoo.report.headline import TEST_SELECTED
from mezoo.report.published_recognition import other_protocols
from mezoo.report.recognition_comparison import recognition_comparisons
from mezoo.report.recognition_rows import (
    MEANING,
    by_name,
    corpora_in,
    protocol_and_dataset,
    recognition_table,
)
from mezoo.report.table_formats import latex_table, markdown_table, numbered
from mezoo.report.tables import (
    interval,
    is_demo,
    number,
    p_value,
    paper_name,
    seed_spread,
)

#: Heads of the tables for print. Ours first, then what the paper prints.
HEADS = [
    "method", "last: UF1", "inner: UF1", "oracle: UF1 (test-selected)", "chance: UF1 (test-selected)",
    "last: UAR", "last: acc.", "clips", "paper: UF1", "paper: UAR", "paper: acc.", "paper chose by",
]  # fmt: skip
#: Metrics in the order of `HEADS`.
_NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}
_NOTHING = "–"


def write_recognition_tables(
    scores: pd.DataFrame,
    folder: str | Path,
    *,
    predictions: pd.DataFrame | None = None,
    corpora: Collection[str] = (),
) -> pd.DataFrame:
    """Write ``recognition.csv``, ``recognition.md`` and ``recognition.tex``, and return the table.

    Parameters
    ----------
    scores, corpora
        See `recognition_table`.
    folder : Path
    predictions : DataFrame, optional
        Tables of `mezoo.learning.recognition_score.read_predictions`: with them, ``recognition_tests.csv`` and
        the last section of ``recognition.md`` hold the paired tests between recipes.
    """
    table, folder = recognition_table(scores, corpora=corpora), Path(folder)
    write_csv(table, folder / "recognition.csv")
    sources = numbered(table["source"])
    sections = [(name, table.loc[rows]) for name, rows in _grouped(table)]
    text = [_legend(), *(_markdown(*name, rows, sources) for name, rows in sections)]
    if predictions is not None:
        tests = recognition_comparisons(predictions)
        write_csv(tests, folder / "recognition_tests.csv")
        text.append(_markdown_tests(tests))
    text.append(
        "\n".join(["## Sources", "", *(f"{place}. {source}" for source, place in sources.items()), ""])
    )
    write_text(folder / "recognition.md", "\n".join(text))
    write_text(folder / "recognition.tex", "\n".join(_latex(*name, rows) for name, rows in sections))
    return table


def _grouped(table: pd.DataFrame) -> list[tuple[tuple[str, str], list[int]]]:
    places: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(protocol_and_dataset(table)):
        places.setdefault(key, []).append(place)
    return list(places.items())


def _legend() -> str:
    rules = [f"- `{name}`: {meaning}." for name, meaning in MEANING.items()]
    return "\n".join(
        [
            "# Recognition",
            "",
            "UF1 is F1, UAR recall, averaged over the classes of the protocol; counts are pooled over all folds"
            " before any ratio is formed. [ ] is a 95 % bootstrap over subjects; ± the spread over seeds. `clips`:"
            " used of expected, or used by the paper. `paper chose by`: how the paper chose its epoch;"
            " `test-selected`: on the tested clips, so compare it with `oracle`. ? marks numbers that are not what"
            " their header says, with the right value in parentheses where it is known; the notes below a table"
            " tell why.",
            "",
            *rules,
            "",
        ]
    )


def section_title(protocol: str, dataset: str) -> str:
    """Name a protocol and a corpus for readers."""
    base = protocol.removeprefix("demo_").partition("-")[0]  # without what is said of the folds
    title = PROTOCOLS[base].title if base in PROTOCOLS else other_protocols().get(protocol, protocol)
    names = dataset.removeprefix(POOLED).removeprefix(": ").split(", ")
    synthetic = " (synthetic faces)" if all(is_demo(name) for name in names) else ""
    single = protocol in PROTOCOLS and len(corpora_in(protocol)) == 1 and dataset == corpora_in(protocol)[0]
    return f"{title} ({protocol})" if single else f"{title} ({protocol}): {dataset}{synthetic}"


def _markdown(protocol: str, dataset: str, rows: pd.DataFrame, sources: dict[str, int]) -> str:
    cells = [cell for group in _print_groups(rows, sources) for cell in group]
    lines = [f"## {section_title(protocol, dataset)}", "", *markdown_table(HEADS, cells, left=1), ""]
    if not (rows["origin"] == "paper").any():
        lines += [_no_paper(dataset), ""]
    notes = [f"- ? {line}" for line in doubts(rows)]
    return "\n".join(lines + ([*notes, ""] if notes else []))


def _no_paper(dataset: str) -> str:
    return (
        "No published number exists for these faces: they are synthetic."
        if "demo_" in dataset
        else "No published number is for these corpora under this protocol."
    )


def doubts(rows: pd.DataFrame) -> list[str]:
    """One line per published number that is not what its header says."""
    lines = []
    for row in rows[rows["origin"] == "paper"].itertuples():
        right = by_name(row.corrected)
        for metric, why in by_name(row.doubts).items():
            value = f"; right: {float(right[metric]):.3f}" if metric in right else ""
            lines.append(f"{row.method}, {_NAMES[metric]}: {why}{value}")
    return lines


def _print_groups(rows: pd.DataFrame, sources: dict[str, int]) -> list[list[list[str]]]:
    """Cells of ours, each beside the first paper of the same recipe, and cells of the other papers."""
    papers, ours, used = rows[rows["origin"] == "paper"], rows[rows["origin"] == "mezoo"], set()
    own = []
    for (recipe, _), part in ours.groupby(["recipe", "protocol"], sort=False):
        partners = papers[papers["recipe"] == recipe]
        partner = next((row for row in partners.itertuples() if row.Index not in used), None)
        used |= {partner.Index} if partner is not None else set()
        own.append(_our_cells(part, partner, sources))
    others = [_paper_row(row, sources) for row in papers.itertuples() if row.Index not in used]
    return [group for group in (own, others) if group]


def _our_cells(part: pd.DataFrame, paper: Any, sources: dict[str, int]) -> list[str]:
    by_rule = {row.selection: row for row in part.itertuples()}
    last = by_rule["last"]
    values = [_value(by_rule[name]) if name in by_rule else _NOTHING for name in SELECTIONS]
    clips = f"{last.n_used} of {last.n_expected}"
    method = last.method if paper is None else f"{last.method} ({paper_name(paper, sources)})"
    return [method, *values, number(last.uar), number(last.accuracy), clips, *_paper_cells(paper)]


def _value(row: Any) -> str:
    return f"{number(row.uf1)} {interval(row.lower, row.upper)}{seed_spread(row.seed_sd)}"


def _paper_row(row: Any, sources: dict[str, int]) -> list[str]:
    clips = "" if pd.isna(row.clips) else str(row.clips)
    ours = [row.run, *[""] * 5]
    return [paper_name(row, sources), *ours, clips, *_paper_cells(row)]


def _paper_cells(row: Any) -> list[str]:
    if row is None:
        return [""] * 4
    right, doubted = by_name(row.corrected), by_name(row.doubts)
    cells = []
    for metric in _NAMES:
        value = getattr(row, metric)
        better = f" ({float(right[metric]):.3f})" if metric in right else ""
        cells.append("" if np.isnan(value) else f"{number(value)}{'?' * (metric in doubted)}{better}")
    return [*cells, row.selection]


def _markdown_tests(tests: pd.DataFrame) -> str:
    """Table of the pairs with the best recipe of each protocol; the CSV has all pairs and all corpora."""
    lines = []
    for protocol, everywhere in tests.groupby("protocol", sort=False):
        part = everywhere[everywhere["dataset"] == everywhere["dataset"].iloc[0]]  # pooled comes first
        ahead = (
            part.groupby("first")["difference"]
            .sum()
            .sub(part.groupby("second")["difference"].sum(), fill_value=0)
        )
        pairs = part[(part[["first", "second"]] == ahead.idxmax()).any(axis=1)]
        lines += [[protocol, *_test_cells(row)] for row in pairs.itertuples()]
    if not lines:
        return ""
    heads = ["protocol", "pair", "UF1, first - second", "p", "p, all pairs", "clips", "subjects"]
    text = (
        "Selection `last`, the clips that both predicted; every pair with the best recipe. p from random exchanges"
        " within subjects; for all pairs of a protocol after Holm. All pairs: `recognition_tests.csv`."
    )
    table = markdown_table(heads, lines, left=2)
    return "\n".join(["## Recipes compared on the same clips", "", text, "", *table, ""])


def _test_cells(row: Any) -> list[str]:
    difference = f"{row.difference:+.3f} [{row.lower:+.3f}, {row.upper:+.3f}]"
    p = [p_value(row.p_value), p_value(row.p_adjusted)]
    return [f"{row.first} - {row.second}", difference, *p, str(row.n_clips), str(row.n_subjects)]


def _latex(protocol: str, dataset: str, rows: pd.DataFrame) -> str:
    text = f"{section_title(protocol, dataset)}. 95 % bootstrap over subjects; {'; '.join(TEST_SELECTED)} and the"
    text += " papers' test-selected rows are for comparison only."
    notes = [f"? {line}." for line in doubts(rows)]
    groups = _print_groups(rows, {})
    return latex_table(HEADS, groups, " ".join([text, *notes]), left=1, size="scriptsize")
