"""Spotting results of papers, from ``published.yaml``: each number with its source and what chose it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml

from mezoo.evaluation.spotting import TYPES, f1, precision, recall

#: Corpora for which papers have numbers; `POOLED` stands for both of them together.
CORPORA = ("casme_sq", "samm_lv")
POOLED = "pooled"
_F1 = ("f1_micro", "f1_macro", "f1_all")


@cache
def _sheet() -> dict[str, Any]:
    return yaml.safe_load(files("mezoo.report").joinpath("published.yaml").read_text(encoding="utf-8"))


def published(dataset: str) -> pd.DataFrame:
    """List the published rows for one corpus.

    Parameters
    ----------
    dataset : str
        One of `CORPORA`, or `POOLED`; anything else has no rows.

    Returns
    -------
    DataFrame
        Columns method, recipe (ours of the same method, or empty), year, origin (``paper``, or ``counts`` for F1
        that follows from published counts), selection (``test`` or ``unknown``), f1_micro, f1_macro, f1_all,
        precision, recall (both of type ``all``; NaN where not published), source, note, implausible (bool).
    """
    rows = [_paper_row(entry, dataset) for entry in _sheet()["methods"]]
    rows += [_counted_row(entry, dataset) for entry in _sheet()["counts"]]
    columns = ["method", "recipe", "year", "origin", "selection", *_F1, "precision", "recall"]
    columns += ["source", "note", "implausible"]
    return pd.DataFrame([row for row in rows if row], columns=columns)


def _paper_row(entry: dict[str, Any], dataset: str) -> dict[str, Any] | None:
    values = entry.get(dataset) if dataset in (*CORPORA, POOLED) else None
    if values is None:
        return None
    if dataset == POOLED:
        values = [None, None, values]
    doubt = entry.get("implausible", {}).get(dataset, "")
    notes = [f"implausible: {doubt}" * bool(doubt), entry.get("evidence", "")]
    return {
        "method": entry["name"],
        "recipe": entry.get("recipe", ""),
        "year": str(entry["year"]),
        "origin": "paper",
        "selection": entry["selection"],
        **{name: np.nan if value is None else value for name, value in zip(_F1, values, strict=True)},
        "source": f"{entry['paper']}; {entry['source']}",
        "note": "; ".join(note for note in notes if note),
        "implausible": bool(doubt),
    }


def _counted_row(entry: dict[str, Any], dataset: str) -> dict[str, Any] | None:
    counted = entry.get(dataset)
    if counted is None:
        return None
    triples = {}
    for kind, (tp, fp, fn) in counted.items():
        triples[kind] = np.array([tp + fn, tp + fp, tp])
    row: dict[str, Any] = {f"f1_{kind}": float(f1(triple)) for kind, triple in triples.items()}
    if set(triples) == set(TYPES):
        both = np.sum(list(triples.values()), axis=0)
        row["f1_all"], row["precision"], row["recall"] = (
            float(f1(both)),
            float(precision(both)),
            float(recall(both)),
        )
    return {
        "method": entry["name"],
        "recipe": entry.get("recipe", ""),
        "year": "",
        "origin": "counts",
        "selection": entry["selection"],
        **row,
        "source": entry["source"],
        "note": "F1 follows from the counts",
        "implausible": False,
    }
