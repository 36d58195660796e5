"""What weights that `rife_train` wrote were trained on: a report beside them, which nothing else has to load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mezoo.artifact import digest
from mezoo.atomic import write_text


def report_path(weights: str | Path) -> Path:
    """Where the report on a file of weights is: beside it, with the ending ``.json``."""
    return Path(weights).with_suffix(".json")


def write_report(weights: str | Path, facts: dict[str, Any]) -> None:
    """Write the report, with the digest of the weights it belongs to."""
    text = json.dumps({"weights": digest(weights), **facts}, indent=1, sort_keys=True)
    write_text(report_path(weights), text + "\n")


def trained_on(weights: str | Path | None) -> list[str] | None:
    """Names of the corpora; None without weights, and for those of anybody else or of another training."""
    if weights is None or not Path(weights).is_file() or not report_path(weights).is_file():
        return None
    try:
        report = json.loads(report_path(weights).read_text(encoding="utf-8"))
    except ValueError:
        return None
    known = isinstance(report, dict) and report.get("weights") == digest(weights)
    return list(report["corpora"]) if known else None
