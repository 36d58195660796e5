"""Recognition tables: ours under every selection rule beside the papers' numbers, as csv, md and tex.

A row per method and a section per protocol and corpus. Papers stand beside ours only where the corpora are
the same; methods of the zoo without a run say which corpus they wait for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mezoo.atomic import write_text
from mezoo.datasets.protocols import PROTOCOLS
from mezoo.errors import ConfigError
from mezoo.learning.pooling import ALL, SELECTIONS, write_csv
from mezoo.learning.recognition_score import EVERY, POOLED
from mezoo.report.headline import TEST_SELECTED
from mezoo.report.published_recognition import METRICS, other_protocols, published_recognition
from mezoo.report.recognition_comparison import recognition_comparisons
from mezoo.report.table_formats import latex_table, markdown_table, numbered
from mezoo.report.tables import (
    interval,
    is_demo,
    leak_mark,
    no_data,
    number,
    p_value,
    paper_name,
    seed_spread,
)

#: Columns of ``recognition.csv``.
COLUMNS = [
    "protocol", "dataset", "method", "year", "recipe", "origin", "selection", "test_selected", "seed",
    *METRICS, "lower", "upper", "seed_sd", "clips", "n_used", "n_expected", "doubts", "corrected",
    "run", "source", "note",
]  # fmt: skip
#: Heads of the tables for print. Ours first, then what the paper prints.
HEADS = [
    "method", "last: UF1", "inner: UF1", "oracle: UF1 (test-selected)", "chance: UF1 (test-selected)",
    "last: UAR", "last: acc.", "clips", "paper: UF1", "paper: UAR", "paper: acc.", "paper chose by",
]  # fmt: skip
#: Metrics in the order of `HEADS`.
_NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}
MEANING = {
    "last": "the epoch fixed before any test label was read: the headline",
    "inner": "the epoch chosen on training subjects that were set apart",
    "oracle": "the best epoch of each test subject, as most published code does; for comparison with papers only",
    "chance": "guesses with the class frequencies of the training clips under the rule of oracle; for comparison only",
}
_NOTHING = "–"


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
    return POOLED if parts == sorted(_corpora(row.protocol)) else f"{POOLED}: {', '.join(parts)}"


def _corpora(protocol: str) -> tuple[str, ...]:
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


def _by_name(pairs: str) -> dict[str, str]:
    """Undo `_pairs`."""
    return dict(pair.split(": ", 1) for pair in pairs.split("; ") if pair)


def _why_no_run(row: Any, known: Collection[str]) -> str:
    needed = _corpora(row.protocol) or ((row.dataset,) if row.dataset != POOLED else ())
    return no_data(needed, known)


# ------------------------------------------------------------------ for print


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
    single = protocol in PROTOCOLS and len(_corpora(protocol)) == 1 and dataset == _corpora(protocol)[0]
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
        right = _by_name(row.corrected)
        for metric, why in _by_name(row.doubts).items():
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
    right, doubted = _by_name(row.corrected), _by_name(row.doubts)
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
