"""Scores of spotted intervals in a CSV file against annotations in another: what `mezoo score spotting` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mezoo.errors import ConfigError
from mezoo.evaluation.spotting import TYPES
from mezoo.evaluation.spotting_tables import count_tables, pool_table

COLUMNS = ("video", "type", "onset", "offset")


def score_spotting(truth: str | Path, predictions: str | Path) -> pd.DataFrame:
    """Score spotted intervals by the metric of MEGC2021.

    Parameters
    ----------
    truth, predictions : path
        CSV files with the columns ``video``, ``type`` (``micro`` or ``macro``), ``onset``, ``offset`` (frame
        numbers of the same base, both included). When `truth` also has ``subject``, F1 gets a 95 % interval
        from a bootstrap over subjects; a video that only `predictions` names needs its subject there.

    Returns
    -------
    DataFrame
        See `mezoo.evaluation.spotting_tables.pool_table`.

    Raises
    ------
    ConfigError
        When a file cannot be read, lacks a column, or holds a value that is no type or no frame number.
    """
    annotated, predicted = _read(truth), _read(predictions)
    subjects = None
    if "subject" in annotated:
        subjects = _subjects(annotated, predicted, predictions)
    return pool_table(count_tables(annotated, predicted), subjects=subjects)


def _read(path: str | Path) -> pd.DataFrame:
    table = read_text(path, COLUMNS)
    table["type"] = table["type"].str.strip()
    _require(table["type"].isin(TYPES), table["type"], "micro or macro", path)
    for column in ("onset", "offset"):
        text = table[column].str.strip()
        _require(text.str.fullmatch(r"-?\d+(\.0*)?"), text, f"a whole frame number as {column}", path)
        table[column] = text.astype(float).astype(int)
    span = table["onset"].astype(str) + ".." + table["offset"].astype(str)
    _require(table["onset"] <= table["offset"], span, "onset <= offset", path)
    return table


def read_text(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a CSV file as text, so that ids keep their leading zeros.

    Raises
    ------
    ConfigError
        The file cannot be read or lacks one of the `columns`.
    """
    action = "Mend the file"
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ConfigError(f"the table cannot be read ({error})", "a CSV file", action, file=path) from error
    missing = [column for column in columns if column not in table]
    if missing:
        found = f"no column {', '.join(missing)}"
        raise ConfigError(found, f"the columns {', '.join(columns)}", action, file=path)
    return table


def _require(good: pd.Series, values: pd.Series, expected: str, path: str | Path) -> None:
    if not good.all():
        row = int((~good).to_numpy().argmax())
        found = f"{values.iloc[row]!r} in line {row + 2}"  # line 1 is the header
        raise ConfigError(found, expected, "Mend the line", file=path)


def _subjects(annotated: pd.DataFrame, predicted: pd.DataFrame, path: str | Path) -> pd.Series:
    tables = [table for table in (annotated, predicted) if "subject" in table]
    pairs = pd.concat(tables)[["video", "subject"]].drop_duplicates()
    twice = pairs.loc[pairs["video"].duplicated(), "video"]
    if len(twice):
        raise ConfigError(
            "two subjects for one video",
            "one subject per video",
            "Mend the tables",
            item=twice.iloc[0],
            file=path,
        )
    unknown = sorted(set(predicted["video"]) - set(pairs["video"]))
    if unknown:
        raise ConfigError(
            "a video without annotation and without subject",
            "a subject for every video",
            "Add a subject column to the predictions",
            item=unknown[0],
            file=path,
        )
    return pairs.set_index("video")["subject"]
