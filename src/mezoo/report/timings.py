"""The section of the report that tells what the jobs of a run took, from Snakemake's own measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

_COLUMNS = ["stage", "of", "s", "cpu_time", "max_rss"]


def timings(folder: Path | None) -> list[dict[str, Any]]:
    """Sum the measurements of each stage.

    Parameters
    ----------
    folder : Path or None
        ``results/benchmarks``: ``<stage>/<corpus, recipe or protocol>/<...>.tsv``, each with the last run of one job.

    Returns
    -------
    list of dict
        One per stage, the longest first: stage, jobs, seconds (summed over jobs), cpu (the same, of processors),
        longest (seconds), memory (largest resident set in MB), and parts: the same by the second part of the path.
    """
    table = _read(folder)
    rows = []
    for stage, part in table.groupby("stage", sort=True):
        parts = [{"name": name, **_sums(own)} for name, own in part.groupby("of", sort=True)]
        rows.append({"stage": stage, **_sums(part), "parts": parts})
    return sorted(rows, key=lambda row: -row["seconds"])


def _read(folder: Path | None) -> pd.DataFrame:
    rows: list[list[Any]] = []
    if folder is None:
        return pd.DataFrame(rows, columns=_COLUMNS)
    for path in sorted(folder.rglob("*.tsv")):
        measured = pd.read_csv(path, sep="\t", na_values="-")
        place = path.relative_to(folder).parts
        of = place[1] if len(place) > 2 else Path(place[-1]).stem
        for row in measured.to_dict("records"):
            rows.append([place[0], of, *(float(row.get(name, float("nan"))) for name in _COLUMNS[2:])])
    return pd.DataFrame(rows, columns=_COLUMNS)


def _sums(part: pd.DataFrame) -> dict[str, Any]:
    return {
        "jobs": len(part),
        "seconds": float(part["s"].sum()),
        "cpu": float(part["cpu_time"].sum()),
        "longest": float(part["s"].max()),
        "memory": float(part["max_rss"].max()),
    }


def duration(seconds: float) -> str:
    """Write a length of time for people: ``4.2 s``, ``3 min 20 s``, ``2 h 05 min``; a dash where it is not known."""
    if pd.isna(seconds):
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
