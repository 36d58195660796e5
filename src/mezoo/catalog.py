"""The catalog of one corpus: tidy tables of its videos, its annotated events and the audit of the reading.

Frame numbers are the corpus's own. What a sheet does not code is null, never 0 or -1; policies that fill
it belong to the use (scoring, training), so the tables stay what the coders wrote.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from mezoo.catalog_items import AuditRow, EventRecord, VideoRecord, write_if_changed
from mezoo.errors import ConfigError, DataError

VIDEO_COLUMNS = tuple(column.name for column in fields(VideoRecord))
EVENT_COLUMNS = tuple(column.name for column in fields(EventRecord))
AUDIT_COLUMNS = tuple(column.name for column in fields(AuditRow))
_INTEGERS = {"n_frames", "first_frame", "last_frame", "onset", "apex", "offset"}
#: Checks whose findings make a leave-one-subject-out score dishonest.
LEAKS = ("identity_leak", "subject_of_video")
_LISTED = 10  # repairs spelled out in the message of the strict mode


@dataclass(frozen=True)
class Catalog:
    """Three tables about one corpus.

    Attributes
    ----------
    videos : DataFrame
        One row per video, columns of `mezoo.catalog_items.VideoRecord`.
    events : DataFrame
        One row per annotated expression, columns of `mezoo.catalog_items.EventRecord`; ``flags`` is one text,
        joined by ``;``.
    audit : DataFrame
        One row per finding, columns of `mezoo.catalog_items.AuditRow`.

    Ids and words are strings (an empty one where there is nothing), frame numbers nullable ``Int64``,
    ``fps`` float.
    """

    videos: pd.DataFrame
    events: pd.DataFrame
    audit: pd.DataFrame

    @classmethod
    def from_records(
        cls, videos: Iterable[VideoRecord], events: Iterable[EventRecord], audit: Iterable[AuditRow]
    ) -> Catalog:
        """Build the tables: videos sorted by id, events by video and onset, the audit as collected."""
        ordered = sorted(events, key=lambda e: (e.video, e.onset or 0, e.event))
        event_rows = [asdict(event) | {"flags": ";".join(event.flags)} for event in ordered]
        video_rows = [asdict(video) for video in sorted(videos, key=lambda v: v.video)]
        return cls(
            _typed(video_rows, VIDEO_COLUMNS),
            _typed(event_rows, EVENT_COLUMNS),
            _typed([asdict(row) for row in audit], AUDIT_COLUMNS),
        )

    def write(self, folder: str | Path) -> None:
        """Write ``videos.csv``, ``events.csv`` and ``audit.csv``; the same catalog gives the same bytes."""
        for name in ("videos", "events", "audit"):
            write_if_changed(Path(folder) / f"{name}.csv", _csv(getattr(self, name)))

    @classmethod
    def read(cls, folder: str | Path) -> Catalog:
        """Read what `write` wrote.

        Raises
        ------
        ConfigError
            A table is absent or has other columns.
        """
        folder = Path(folder)
        return cls(
            read_table(folder / "videos.csv", VIDEO_COLUMNS),
            read_table(folder / "events.csv", EVENT_COLUMNS),
            read_table(folder / "audit.csv", AUDIT_COLUMNS),
        )

    def write_items(self, folder: str | Path) -> None:
        """Write one ``labels/<video>.csv`` per video, so that a fold can be given those it may see.

        A file depends on the events of its own video only, and is left untouched when they are the same.
        """
        folder = Path(folder)
        labels: dict[str, list[list[object]]] = {}
        cells = self.events.astype(object).where(self.events.notna(), "").values.tolist()
        for video, row in zip(self.events["video"], cells, strict=True):
            labels.setdefault(video, [list(EVENT_COLUMNS)]).append(row)
        for video in self.videos["video"]:
            text = io.StringIO()  # the bytes of _csv, ten times faster for thousands of small tables
            csv.writer(text, lineterminator="\n").writerows(labels.get(video, [list(EVENT_COLUMNS)]))
            write_if_changed(folder / "labels" / f"{video}.csv", text.getvalue())

    def require_unrepaired(self) -> None:
        """Turn repairs, and one person under two subjects, into an error (strict mode).

        Raises
        ------
        DataError
            The audit holds a row of severity ``repaired`` or a check of `LEAKS`; the first ones are listed.
        """
        repaired = self.audit[(self.audit["severity"] == "repaired") | self.audit["check"].isin(LEAKS)]
        if repaired.empty:
            return
        listed = [
            f"{row.event or row.video or row.dataset} {row.check}: {row.found}"
            for row in repaired.head(_LISTED).itertuples()
        ]
        more = len(repaired) - len(listed)
        raise DataError(
            f"{len(repaired)} repairs or leaks ({'; '.join(listed)}{f'; and {more} more' if more else ''})",
            "a corpus that needs none (strict mode)",
            "Mend the sheet or the folders, or leave out --strict and read audit.csv",
            item=str(repaired["dataset"].iloc[0]),
        )


def read_labels(path: str | Path) -> pd.DataFrame:
    """Read the events of one video (``labels/<video>.csv``).

    Returns
    -------
    DataFrame
        Columns and types of `mezoo.catalog.Catalog.events`; no row when nothing is annotated.

    Raises
    ------
    ConfigError
        The file is absent or has other columns.
    """
    return read_table(Path(path), EVENT_COLUMNS)


def _typed(rows: list[dict[str, Any]] | pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(columns), dtype=object)
    for name in columns:
        if name == "fps" or name in _INTEGERS:
            numbers = pd.to_numeric(table[name].replace("", None))
            table[name] = numbers.astype("float64" if name == "fps" else "Int64")
        else:
            table[name] = table[name].astype("str")
    return table


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n")


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read one table with the types of `Catalog`.

    Raises
    ------
    ConfigError
        The file is absent or has other columns.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the table cannot be read ({error})",
            "a folder written by mezoo catalog",
            "Run mezoo catalog first",
            file=path,
        ) from error
    if tuple(table.columns) != columns:
        raise ConfigError(
            f"the columns are {', '.join(table.columns)}",
            f"the columns {', '.join(columns)}",
            "Write the table again with mezoo catalog",
            file=path,
        )
    return _typed(table, columns)
