"""What `mezoo score` prints and writes: scores of two CSV files as tables to read, as CSV and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import pandas as pd

from mezoo import atomic
from mezoo.errors import ConfigError, unknown
from mezoo.evaluation.score_files import IOUS, MEAN, score_spotting
from mezoo.evaluation.score_recognition_files import score_recognition_files
from mezoo.evaluation.score_strs_files import score_strs_files
from mezoo.evaluation.spotting import RULES

#: Options that each task reads.
OPTIONS = {
    "spotting": ("counting", "iou", "fps"),
    "recognition": ("classes", "missing"),
    "strs": ("iou", "classes"),
}
Missing = Literal["error", "wrong"]
MISSING_IS: tuple[Missing, ...] = ("error", "wrong")
Word = TypeVar("Word", bound=str)


class FileScores(NamedTuple):
    """Scores of one pair of files.

    Attributes
    ----------
    task : str
        Key of `OPTIONS`.
    table : DataFrame
        As `score_spotting`, `score_recognition_files` or `score_strs_files` returns it.
    confusion : DataFrame or None
        Of the latter two.
    """

    task: str
    table: pd.DataFrame
    confusion: pd.DataFrame | None


def score_files(
    task: str,
    truth: Path,
    predictions: Path,
    *,
    counting: str | None = None,
    iou: str | None = None,
    fps: float | None = None,
    classes: str | None = None,
    missing: str | None = None,
) -> FileScores:
    """Score with the options of the command line, as text; None stands for the default.

    Raises
    ------
    ConfigError
        The task is unknown, does not read an option, or an option has no such value; and what the scores raise.
    """
    if task not in OPTIONS:
        raise unknown(f"task '{task}'", task, OPTIONS)
    given = {"counting": counting, "iou": iou, "fps": fps, "classes": classes, "missing": missing}
    _require_read(task, [name for name, value in given.items() if value is not None])
    if task == "spotting":
        rule = _choice("counting", counting, RULES)
        ious = IOUS if iou is None else _numbers(iou)
        return FileScores(task, score_spotting(truth, predictions, counting=rule, ious=ious, fps=fps), None)
    declared = None if classes is None else _words(classes)
    if task == "recognition":
        absent = _choice("missing", missing, MISSING_IS)
        return FileScores(
            task, *score_recognition_files(truth, predictions, classes=declared, missing=absent)
        )
    threshold = [0.5] if iou is None else _numbers(iou)
    if len(threshold) > 1:
        raise ConfigError(f"--iou {iou} for strs", "one threshold", "Correct --iou")
    return FileScores(task, *score_strs_files(truth, predictions, classes=declared, iou=threshold[0]))


def _require_read(task: str, given: list[str]) -> None:
    for name in given:
        if name not in OPTIONS[task]:
            readers = [other for other, names in OPTIONS.items() if name in names]
            raise ConfigError(f"--{name} for {task}", f"it for {' or '.join(readers)} only", "Leave it out")


def _choice(option: str, word: str | None, known: Sequence[Word]) -> Word:
    """Find the word among the known ones, of which the first is the default."""
    if word is None:
        return known[0]
    for name in known:
        if name == word:
            return name
    raise unknown(f"--{option} {word}", word, known)


def _words(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",")]
    if "" in words or len(set(words)) < len(words):
        raise ConfigError(f"--classes {text}", "names with commas between, each once", "Correct --classes")
    return words


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(0 < number <= 1 for number in numbers):
        raise ConfigError(f"--iou {text}", "thresholds above 0, at most 1, commas between", "Correct --iou")
    return list(dict.fromkeys(numbers))


def as_text(scores: FileScores) -> str:
    """Lay the scores out for reading; values to four digits, as papers print them."""
    parts = _spotting_parts(scores.table) if scores.task == "spotting" else {"": scores.table}
    blocks = [
        (f"{title}\n" if title else "")
        + table.to_string(index=False, na_rep="-", float_format="{:.4f}".format)
        for title, table in parts.items()
    ]
    if scores.confusion is not None:
        head = "Confusion of the true positives" if scores.task == "strs" else "Confusion"
        matrix = scores.confusion.rename_axis(index=None, columns=None).to_string()
        blocks.append(f"{head} (rows: truth, columns: prediction)\n{matrix}")
    return "\n\n".join(blocks)


def _spotting_parts(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split into all columns at one IoU (one half where it is scored) and F1 and AP at all of them."""
    grid = list(dict.fromkeys(table["iou"]))
    main = 0.5 if 0.5 in grid else grid[0]
    parts = {f"IoU >= {main:g}": table[table["iou"] == main].drop(columns="iou")}
    if len(grid) > 1:
        for name in (name for name in ("f1", "ap") if name in table):
            wide = table.pivot(index="type", columns="iou", values=name).loc[
                list(dict.fromkeys(table["type"])), grid
            ]
            wide.columns = [iou if iou == MEAN else f"{iou:g}" for iou in grid]
            parts[f"{name.upper()} by IoU"] = wide.reset_index()
    return parts


def write_csv(scores: FileScores, path: Path) -> None:
    """Write the whole table, all digits, whole or not at all."""
    atomic.write_text(path, scores.table.to_csv(index=False))


def as_json(scores: FileScores) -> str:
    """Write task, scores (one object per row; null where undefined) and, where there is one, the confusion."""
    content: dict[str, object] = {"task": scores.task, "scores": _records(scores.table)}
    if scores.confusion is not None:
        content["confusion"] = {
            label: row.to_dict() for label, row in scores.confusion.astype(int).iterrows()
        }
    return json.dumps(content, indent=2, default=int)


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    rows = table.astype(object).where(table.notna(), None)
    return rows.to_dict(orient="records")
