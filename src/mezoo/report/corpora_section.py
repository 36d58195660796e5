"""The section of the report on the corpora: what was used, what was left out and why, and what the audits say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mezoo.catalog import AUDIT_COLUMNS, read_table
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.pooling import ALL
from mezoo.report.spotting_section import videos
from mezoo.report.tables import is_demo

_SEVERITIES = ("excluded", "repaired", "info")


def spotted_corpus(
    name: str, scores: pd.DataFrame, audits: Sequence[Path], usable: Sequence[Path]
) -> dict[str, Any]:
    """Tell what was used of one corpus of long videos.

    Parameters
    ----------
    name : str
    scores : DataFrame
        Tables of `mezoo.learning.score`, joined.
    audits, usable : sequence of Path
        ``<dataset>/audit.csv`` and ``<dataset>/usable.csv``.
    """
    own = scores[(scores["dataset"] == name) & (scores["selection"] == "last")]
    pooled = own[(own["subject"] == ALL) & (own["seed"] != "mean")].drop_duplicates("type").set_index("type")
    found = _of_corpus(usable, name, lambda path: pd.read_csv(path, dtype=str, keep_default_na=False))
    return {
        **_audited(name, audits),
        "kind": "videos",
        "subjects": own.loc[own["subject"] != ALL, "subject"].nunique(),
        "events": {kind: int(pooled.loc[kind, "n_gt"]) for kind in TYPES},
        **videos(pooled.loc["all"]),
        "excluded": [] if found is None else found[found["status"] != "ok"].to_dict("records"),
    }


def clip_corpus(name: str, scores: pd.DataFrame, audits: Sequence[Path]) -> dict[str, Any]:
    """Tell what was used of one corpus of clips: of each experiment, over its recipes.

    Parameters
    ----------
    name : str
    scores : DataFrame
        Tables of `mezoo.learning.recognition_score`, joined.
    audits : sequence of Path
    """
    own = scores[(scores["dataset"] == name) & (scores["selection"] == "last") & (scores["class"] == "all")]
    pooled = own[own["subject"] == ALL].groupby("protocol", sort=False)
    return {
        **_audited(name, audits),
        "kind": "clips",
        "subjects": own.loc[own["subject"] != ALL, "subject"].nunique(),
        "by_protocol": [
            f"{protocol}: {_range(part['n_used'])} of {part['n_expected'].max():.0f} clips"
            for protocol, part in pooled
        ],
    }


def _range(numbers: pd.Series) -> str:
    """One number, or the least and the most where recipes differ."""
    low, high = int(numbers.min()), int(numbers.max())
    return f"{low}" if low == high else f"{low} to {high} (by recipe)"


def _audited(name: str, audits: Sequence[Path]) -> dict[str, Any]:
    audit = _of_corpus(audits, name, lambda path: read_table(path, AUDIT_COLUMNS))
    return {
        "name": name,
        "demo": is_demo(name),
        "checks": [] if audit is None else _checks(audit),
        "audit": [] if audit is None else audit.to_dict("records"),
    }


def _of_corpus(paths: Sequence[Path], name: str, read: Callable[[Path], pd.DataFrame]) -> pd.DataFrame | None:
    """Read the table of one corpus among files ``<dataset>/<table>.csv``."""
    return next((read(path) for path in paths if Path(path).parent.name == name), None)


def _checks(audit: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the findings per check and severity, the gravest first."""
    counts = audit.groupby(["check", "severity"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(_SEVERITIES), fill_value=0)
    counts = counts.sort_values(list(_SEVERITIES), ascending=False, kind="stable")
    return [{"check": check, **row} for check, row in counts.to_dict("index").items()]
