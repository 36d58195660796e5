"""Scores of spotted intervals in a CSV file against annotations in another: what `mezoo score spotting` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mezoo.errors import ConfigError
from mezoo.evaluation.apex_error import apex_error
from mezoo.evaluation.average_precision import average_precision
from mezoo.evaluation.spotting import TYPES, Rule
from mezoo.evaluation.spotting_tables import count_tables, match_tables, pool_table

COLUMNS = ("video", "type", "onset", "offset")
IOUS = tuple(tenth / 10 for tenth in range(1, 10))
#: Value of the column iou in rows that average over all thresholds.
MEAN = "mean"
_WHOLE = r"-?\d+(\.0*)?"


def score_spotting(
    truth: str | Path,
    predictions: str | Path,
    *,
    counting: Rule = "megc2021",
    ious: Sequence[float] = (0.5,),
    fps: float | None = None,
) -> pd.DataFrame:
    """Score spotted intervals.

    Parameters
    ----------
    truth, predictions : path
        CSV files with the columns ``video``, ``type`` (``micro`` or ``macro``), ``onset``, ``offset`` (frame
        numbers of the same base, both included). When `truth` also has ``subject``, F1 gets a 95 % interval
        from a bootstrap over subjects; a video that only `predictions` names needs its subject there. A
        ``score`` in `predictions` gives average precision, an ``apex`` in both the error of the apex.
    counting : str
        Rule of `mezoo.evaluation.spotting.count`. Average precision and apex error belong to ``megc2021`` only.
    ious : sequence of float
        Thresholds; with several, rows of their mean are added.
    fps : float, optional
        Frames per second, for errors in milliseconds; a column ``fps`` of `truth` tells it per video.

    Returns
    -------
    DataFrame
        Column ``iou`` and those of `mezoo.evaluation.spotting_tables.pool_table`, one row per type and IoU; then
        ``ap`` (`average_precision`) and ``apex_n``, ``apex_error``, ``apex_error_ms`` (`apex_error`) where the
        files have what they need. Rows of iou ``mean`` hold f1 and ap only.

    Raises
    ------
    ConfigError
        When a file cannot be read, lacks a column, or holds a value that is no type or no frame number, or the
        counts are impossible (more true positives than annotations or predictions).
    """
    _thresholds(ious)
    annotated = read_intervals(truth, missing_offset=counting in ("auwgcn", "auwgcn_2023", "abpn"))
    predicted = read_intervals(predictions)
    subjects = subjects_of(annotated, predicted, predictions)
    rate = _rate(annotated, fps, truth)
    tables = []
    for iou in ious:
        try:
            counts = count_tables(annotated, predicted, rule=counting, iou=iou)
            table = pool_table(counts, subjects=subjects)
        except ValueError as error:
            found = f"{error} at IoU {iou:g}, counted as {counting}"
            action = "Remove doubles from the predictions, or count as megc2021"
            raise ConfigError(found, "at most one hit per interval", action, file=predictions) from error
        table.insert(1, "iou", iou)
        if counting == "megc2021":
            table = table.join(_beyond_counts(annotated, predicted, iou, rate))
        tables.append(table)
    scored = pd.concat(tables, ignore_index=True)
    return _with_means(scored) if len(ious) > 1 else scored


def _beyond_counts(
    annotated: pd.DataFrame, predicted: pd.DataFrame, iou: float, rate: pd.Series | None
) -> pd.DataFrame:
    """Average precision and apex error, one row per type in the order of `pool_table`."""
    has_apex = "apex" in annotated and "apex" in predicted
    pairs = match_tables(annotated, predicted, iou=iou)
    rows: list[dict[str, float]] = []
    for kinds in (*((kind,) for kind in TYPES), TYPES):
        row: dict[str, float] = {}
        if "score" in predicted:
            parts = (table[table["type"].isin(kinds)] for table in (annotated, predicted))
            row["ap"] = average_precision(*parts, iou=iou)
        if has_apex:
            own = pairs[annotated["type"].isin(kinds).to_numpy()[pairs[:, 0]]]
            row |= apex_error(annotated, predicted, own, fps=rate)
        rows.append(row)
    return pd.DataFrame(rows, index=range(len(rows)))


def _with_means(scored: pd.DataFrame) -> pd.DataFrame:
    averaged = [name for name in ("f1", "ap") if name in scored]
    means = scored.groupby("type", sort=False)[averaged].mean().reset_index()
    means.insert(1, "iou", MEAN)
    return pd.concat([scored.astype({"iou": object}), means], ignore_index=True).astype(
        {name: "Int64" for name in ("n_gt", "n_pred", "tp", "fp", "fn", "apex_n") if name in scored}
    )


def _thresholds(ious: Sequence[float]) -> None:
    wrong = [iou for iou in ious if not 0 < iou <= 1]
    if wrong or not ious:
        found = f"IoU {wrong[0]:g}" if wrong else "no IoU"
        raise ConfigError(found, "thresholds above 0, at most 1", "Correct --iou")


def _rate(annotated: pd.DataFrame, fps: float | None, path: str | Path) -> pd.Series | None:
    if fps is None:
        return annotated.get("fps")
    if "fps" in annotated:
        raise ConfigError(
            "two frame rates: --fps and a column fps", "one of them", "Leave out --fps", file=path
        )
    if not 0 < fps < np.inf:
        raise ConfigError(f"{fps:g} frames per second", "a number above 0", "Correct --fps")
    return pd.Series(fps, index=annotated.index)


def read_intervals(
    path: str | Path, *, columns: Sequence[str] = (), missing_offset: bool = False
) -> pd.DataFrame:
    """Read and check a CSV file of intervals.

    Parameters
    ----------
    path : path
        CSV file with ``video``, ``type``, ``onset``, ``offset``.
    columns : sequence of str
        Further columns it must have; they stay text.
    missing_offset : bool
        Accept an offset before the onset (0 in published tables) as one that was not coded.

    Returns
    -------
    DataFrame
        onset, offset as int; where there are such columns, apex as float (NaN when empty), score and fps as float.

    Raises
    ------
    ConfigError
        With the line at fault.
    """
    table = read_text(path, (*COLUMNS, *columns))
    table["type"] = table["type"].str.strip()
    _require(table["type"].isin(TYPES), table["type"], "micro or macro", path)
    for column in ("onset", "offset"):
        text = table[column].str.strip()
        _require(text.str.fullmatch(_WHOLE), text, f"a whole frame number as {column}", path)
        table[column] = text.astype(float).astype(int)
    if not missing_offset:
        span = table["onset"].astype(str) + ".." + table["offset"].astype(str)
        _require(table["onset"] <= table["offset"], span, "onset <= offset", path)
    if "apex" in table:
        text = table["apex"].str.strip()
        _require(
            text.str.fullmatch(_WHOLE) | (text == ""), text, "a whole frame number as apex, or nothing", path
        )
        table["apex"] = pd.to_numeric(text).astype(float)
    for column, least in (("score", -np.inf), ("fps", 0.0)):
        if column in table:
            number = pd.to_numeric(table[column], errors="coerce")
            expected = f"a number{' above 0' if least == 0 else ''} as {column}"
            _require((number > least) & (number < np.inf), table[column], expected, path)
            table[column] = number.astype(float)
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


def subjects_of(annotated: pd.DataFrame, predicted: pd.DataFrame, path: str | Path) -> pd.Series | None:
    """Tell whose each video is; None when `annotated` has no column subject.

    Parameters
    ----------
    annotated, predicted : DataFrame
        Column ``video``, and ``subject`` where known.
    path : path
        File of `predicted`, for errors.

    Returns
    -------
    Series of str, indexed by video, or None

    Raises
    ------
    ConfigError
        A video has two subjects or none.
    """
    if "subject" not in annotated:
        return None
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
    unknown_video = sorted(set(predicted["video"]) - set(pairs["video"]))
    if unknown_video:
        raise ConfigError(
            "a video without annotation and without subject",
            "a subject for every video",
            "Add a subject column to the predictions",
            item=unknown_video[0],
            file=path,
        )
    return pairs.set_index("video")["subject"]
