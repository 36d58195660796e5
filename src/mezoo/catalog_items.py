"""One row of each catalog table as plain data, and the per-video record that preprocessing reads.

Imports no pandas: the commands that turn one video into one artifact start in a fraction of a second.
The tables themselves are `mezoo.catalog.Catalog`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from mezoo.atomic import write_text
from mezoo.errors import ConfigError

Severity = Literal["info", "repaired", "excluded"]
Kind = Literal["long", "clip"]


@dataclass(frozen=True)
class VideoRef:
    """A video known by its name only: nothing of its content has been looked at.

    Attributes
    ----------
    video, subject : str
        Ids as in the catalog, e.g. ``s15_0101`` and ``s15``.
    path : Path
        Folder of frames, or a video file.
    """

    video: str
    subject: str
    path: Path


@dataclass(frozen=True)
class VideoRecord:
    """A row of ``videos.csv``.

    Attributes
    ----------
    dataset, video, subject : str
        Ids; leading zeros are part of them.
    path : str
        Folder of frames or video file; empty when the catalog was made without frames.
    fps : float or None
        Frames per second of the recording; None for still images, or when nothing tells it.
    n_frames, first_frame, last_frame : int or None
        Number of frames found and the corpus's own numbers of the first and last one; None when the
        frames were not looked at or there are none (then ``n_frames`` is 0).
    kind : {"long", "clip"}
        Long video with any number of expressions, or a clip of one expression.
    """

    dataset: str
    video: str
    subject: str
    path: str
    fps: float | None
    n_frames: int | None
    first_frame: int | None
    last_frame: int | None
    kind: Kind


@dataclass(frozen=True)
class EventRecord:
    """A row of ``events.csv``: one annotated expression.

    Attributes
    ----------
    dataset, video, subject, event : str
        Ids; ``event`` is unique in its dataset.
    onset, apex, offset : int or None
        The corpus's own frame numbers, inclusive; None when not coded.
    type : str
        ``micro`` or ``macro``.
    emotion, objective_class : str
        As written in the sheet; empty when the sheet has none.
    aus : str
        Canonical text of the parsed action units (`mezoo.datasets.au`).
    aus_raw : str
        The cell as written.
    flags : tuple of str
        What is special about the event, e.g. ``offset_missing``.
    """

    dataset: str
    video: str
    subject: str
    event: str
    onset: int | None = None
    apex: int | None = None
    offset: int | None = None
    type: str = ""
    emotion: str = ""
    objective_class: str = ""
    aus: str = ""
    aus_raw: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuditRow:
    """A row of ``audit.csv``: what a reader noticed and did about it.

    Attributes
    ----------
    dataset, video, event : str
        Where; ``video`` or ``event`` is empty when the row is about something larger.
    severity : {"info", "repaired", "excluded"}
        Nothing changed; a value differs from the sheet or folder; the video or event is left out.
    check : str
        Name of the check, one word with underscores.
    found, expected, action : str
        In words.
    """

    dataset: str
    video: str
    event: str
    severity: Severity
    check: str
    found: str
    expected: str
    action: str


@dataclass
class Audit:
    """Collects the audit rows of one reading."""

    dataset: str
    rows: list[AuditRow] = field(default_factory=list)

    def add(
        self, video: str, event: str, severity: Severity, check: str, found: str, expected: str, action: str
    ) -> None:
        """Add a row; see `AuditRow`."""
        self.rows.append(AuditRow(self.dataset, video, event, severity, check, found, expected, action))

    def __iter__(self) -> Iterator[AuditRow]:
        return iter(self.rows)


_FRAMES = ("onset", "apex", "offset")


def read_events(path: str | Path) -> list[EventRecord]:
    """Read the events of one video (``labels/<video>.csv``); `mezoo.catalog.read_labels` gives a table instead.

    Raises
    ------
    ConfigError
        The file is absent, has other columns, or a frame that is no number.
    """
    columns = [column.name for column in fields(EventRecord)]
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            rows = csv.DictReader(handle)
            if rows.fieldnames != columns:
                raise ValueError(f"its columns are {', '.join(rows.fieldnames or ['none'])}")
            return [_event(row) for row in rows]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the event table cannot be read ({error})",
            f"a table with the columns {', '.join(columns)}",
            "Write it again with mezoo catalog",
            file=path,
        ) from error


def _event(row: dict[str, str]) -> EventRecord:
    values: dict[str, Any] = dict(row)
    if None in values or None in values.values():
        raise ValueError("a row is longer or shorter than the heading")
    values |= {name: int(row[name]) if row[name] else None for name in _FRAMES}
    values["flags"] = tuple(flag for flag in row["flags"].split(";") if flag)
    return EventRecord(**values)


def write_event_table(path: str | Path, events: Sequence[EventRecord]) -> None:
    """Write events that no catalog holds (spotted ones) as `read_events` reads them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    *names, last = (column.name for column in fields(EventRecord))
    writer.writerow([*names, last])
    for event in events:
        values = (getattr(event, name) for name in names)
        writer.writerow(["" if value is None else value for value in values] + [";".join(event.flags)])
    write_text(path, text.getvalue())


def write_if_changed(path: Path, text: str) -> None:
    """Write a text file in one step; the same content leaves the file and its time stamp alone."""
    if not (path.is_file() and path.read_bytes() == text.encode()):
        write_text(path, text)


def write_video(path: str | Path, video: VideoRecord) -> None:
    """Write the record of one video as JSON; it holds no label, so labels never recompute flow."""
    write_if_changed(Path(path), json.dumps(asdict(video), indent=1, ensure_ascii=False) + "\n")
