"""Recognition results of papers, from ``published_recognition.yaml``: each number with its source and its doubts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml

METRICS = ("accuracy", "uf1", "uar")
SELECTIONS = ("last", "test-selected", "unknown")
_COLUMNS = [
    "protocol", "dataset", "method", "year", "recipe", "selection", *METRICS, "clips", "source", "note",
    "doubts", "corrected",
]  # fmt: skip


@cache
def _sheet() -> dict[str, Any]:
    text = files("mezoo.report").joinpath("published_recognition.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def other_protocols() -> dict[str, str]:
    """Protocols of papers that are not in `mezoo.datasets.protocols`, by name, in words."""
    return dict(_sheet()["protocols"])


def published_recognition() -> pd.DataFrame:
    """List all published numbers, one row per method, source, protocol and corpus.

    Returns
    -------
    DataFrame
        Columns protocol, dataset (a corpus, or ``pooled`` for several together), method, year and recipe (text,
        empty where there is none), selection (one of `SELECTIONS`), accuracy, uf1, uar (NaN where not
        published), clips (NaN where not told), source, note, doubts (dict: metric -> why it is not to be
        believed), corrected (dict: metric -> value in its place).
    """
    rows = [
        _row(table, row, place)
        for table in _sheet()["tables"]
        for row in table["rows"]
        for place, cell in enumerate(row["values"])
        if cell is not None
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _row(table: dict[str, Any], row: dict[str, Any], place: int) -> dict[str, Any]:
    name, cell = table["columns"][place], row["values"][place]
    column = _sheet()["columns"][name]
    values = cell if isinstance(cell, list) else [cell]
    found = dict(zip(table["metrics"], values, strict=True))
    clips = row["clips"][place] if "clips" in row else column.get("clips")
    notes = (row.get("evidence", table.get("evidence", "")), row.get("note", ""))
    return {
        "protocol": column["protocol"],
        "dataset": column["dataset"],
        "method": row["method"],
        "year": str(row.get("year", "")),
        "recipe": row.get("recipe", ""),
        "selection": row.get("selection", table.get("selection")),
        **{metric: np.nan if found.get(metric) is None else found[metric] for metric in METRICS},
        "clips": np.nan if clips is None else clips,
        "source": table["source"],
        "note": "; ".join(note for note in notes if note),
        "doubts": row.get("doubts", {}).get(name, {}),
        "corrected": row.get("corrected", {}).get(name, {}),
    }
