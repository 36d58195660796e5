"""The section of the report on recognition: scores beside the papers', pairwise tests, figures, who was left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mezoo.catalog import AUDIT_COLUMNS, read_table
from mezoo.learning.pooling import SELECTIONS
from mezoo.learning.recognised_folds import CLIP
from mezoo.learning.recognition_score import POOLED
from mezoo.report.clips import data_uri, what_fits
from mezoo.report.recognition_comparison import recognition_comparisons
from mezoo.report.recognition_rows import protocol_and_dataset
from mezoo.report.recognition_tables import doubts, section_title
from mezoo.report.tables import is_demo, seed_spread

#: Bytes of figures that the page takes, before they are written as text (a third more).
_ROOM = 3_000_000


def recognition_sections(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Arrange the table by protocol and corpus, those with a run of ours.

    Parameters
    ----------
    table : DataFrame
        See `mezoo.report.recognition_tables.recognition_table`.

    Returns
    -------
    list of dict
        id, title, short (title for the contents), demo, rows (ours), papers, doubts.
    """
    sections = []
    keys = list(protocol_and_dataset(table))
    for place, key in enumerate(dict.fromkeys(keys)):
        rows = table[[other == key for other in keys]]
        ours, papers = rows[rows["origin"] == "mezoo"], rows[rows["origin"] == "paper"]
        if len(ours):
            protocol, dataset = key
            names = dataset.removeprefix(f"{POOLED}: ").split(", ")
            sections.append(
                {
                    "id": f"recognition-{place}",
                    "title": section_title(protocol, dataset),
                    "short": f"{protocol}: {dataset.partition(':')[0]}",
                    "demo": all(map(is_demo, names)),
                    "rows": [_our_row(row) for row in ours.to_dict("records")],
                    "papers": [_paper_row(row) for row in papers.to_dict("records")],
                    "doubts": doubts(rows),
                }
            )
    return sections


def recognition_overview(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per protocol and recipe, over all its corpora, with the UF1 of each selection side by side."""
    ours = table[table["origin"] == "mezoo"].assign(
        key=list(protocol_and_dataset(table[table["origin"] == "mezoo"]))
    )
    rows = []
    for protocol, part in ours.groupby(ours["key"].str[0], sort=False):
        whole = part[part["key"] == part["key"].iloc[0]]  # pooled comes first
        own = []
        for method, by_method in whole.groupby("method", sort=False):
            by_rule = by_method.set_index("selection")
            last = by_rule.loc["last"]
            row = {
                "protocol": protocol,
                "method": method,
                "used": f"{last['n_used']} of {last['n_expected']}",
            }
            row |= {name: by_rule["uf1"].get(name, float("nan")) for name in SELECTIONS}
            own.append(row | {side: last[side] for side in ("lower", "upper")})
        rows += sorted(own, key=lambda row: -row["last"])
    return rows


def _our_row(row: dict[str, Any]) -> dict[str, Any]:
    used = f"{row['n_used']} of {row['n_expected']}"
    return row | {"name": row["method"], "spread": seed_spread(row["seed_sd"]), "used": used}


def _paper_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"clips": "" if pd.isna(row["clips"]) else f"{row['clips']}"}


def recognition_tests(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Paired tests between recipes over all corpora of each protocol."""
    tests = recognition_comparisons(predictions)
    firsts = tests.groupby("protocol", sort=False)["dataset"].first()  # pooled comes first
    return tests[tests["dataset"] == tests["protocol"].map(firsts)].to_dict("records")


def recognition_figures_of(folders: Sequence[Path], *, room: int = _ROOM) -> list[dict[str, Any]]:
    """Gather the pictures of each recipe, by experiment, then in the order of recipes.

    Parameters
    ----------
    folders : sequence of Path
        ``<recipe>/<experiment>``, written by `mezoo.report.recognition_figures.draw_recognition`.
    room : int
        Bytes of all pictures together; confusion matrices come first, then subjects, then training.

    Returns
    -------
    list of dict
        recipe, experiment, and the pictures ``confusion``, ``subjects`` and ``training``, empty where there is none
        or it does not fit; left_out counts the latter.
    """
    names = ("confusion", "subjects", "training")
    ordered = sorted(map(Path, folders), key=lambda folder: folder.name)
    files = {folder: [folder / f"{name}.png" for name in names] for folder in ordered}
    there = {folder: [path if path.is_file() else None for path in paths] for folder, paths in files.items()}
    fits = what_fits(there, room)
    return [
        {
            "recipe": folder.parent.name,
            "experiment": folder.name,
            **{path.stem: data_uri(path) if path in fits else "" for path in files[folder]},
            "left_out": len([path for path in there[folder] if path and path not in fits]),
        }
        for folder in ordered
    ]


def left_out_clips(
    protocols: Sequence[Path], predictions: pd.DataFrame, audits: Sequence[Path]
) -> list[dict[str, Any]]:
    """List the members of each experiment, and those that no recipe of it could use.

    Parameters
    ----------
    protocols : sequence of Path
        Folders ``<experiment>`` with ``<dataset>/<subject>.csv`` and ``counts.csv``.
    predictions : DataFrame
        See `mezoo.learning.recognition_score.read_predictions`.
    audits : sequence of Path
        ``<dataset>/audit.csv``, searched for the reason.

    Returns
    -------
    list of dict
        One per experiment: name, demo, subjects, clips, classes (label -> clips), lost (dataset, event, recipes that
        lack it, reason), counts (rows source, corpus, what, found, expected).
    """
    found = []
    reasons = _audited(audits)
    for folder in map(Path, protocols):
        files = sorted(folder.glob("*/*.csv"))
        members = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in files])
        own = predictions[predictions["protocol"].str.partition(",")[0] == folder.name]
        counts = pd.read_csv(folder / "counts.csv", dtype=str, keep_default_na=False)
        found.append(
            {
                "name": folder.name,
                "demo": all(map(is_demo, members["dataset"])),
                "subjects": len(members[["dataset", "subject"]].drop_duplicates()),
                "clips": len(members),
                "classes": members["label"].value_counts().to_dict(),
                "lost": _lost(members, own, reasons),
                "counts": counts.to_dict("records"),
            }
        )
    return found


def _lost(
    members: pd.DataFrame, own: pd.DataFrame, reasons: dict[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Members that some recipe has no prediction for."""
    lacking: dict[tuple[str, ...], list[str]] = {}
    for recipe, part in own.groupby("recipe", sort=False):
        predicted = set(zip(*(part[name] for name in CLIP), strict=True))
        for clip in zip(*(members[name] for name in CLIP), strict=True):
            if clip not in predicted:
                lacking.setdefault(clip, []).append(str(recipe))
    n = own["recipe"].nunique()
    return [
        {
            "dataset": dataset,
            "event": event,
            "recipes": "all" if len(recipes) == n else ", ".join(recipes),
            "reason": reasons.get((dataset, event), "see mezoo status"),
        }
        for (dataset, _, event), recipes in sorted(lacking.items())
    ]


def _audited(audits: Sequence[Path]) -> dict[tuple[str, str], str]:
    """Collect what the audits say of single events."""
    words: dict[tuple[str, str], list[str]] = {}
    for path in audits:
        rows = read_table(path, AUDIT_COLUMNS)
        for row in rows[rows["event"] != ""].itertuples():
            words.setdefault((row.dataset, row.event), []).append(f"{row.check}: {row.found}")
    return {key: "; ".join(found) for key, found in words.items()}
