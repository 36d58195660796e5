"""4DME (Li et al., 2022): 60 fps grey clips of 267 micro-expressions, labelled with several emotions at once.

Clips are folders ``gray_micro/<subject>/<fold_name>`` with frames ``Frame_000000123.jpg``. The coding file gives
each clip its emotions joined by ``+``, its action units (``(k)``: there all the time, no motion) and both once
more as columns of 0 and 1. The coding file is not public: its form follows tvaranka/meb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import clips
from mezoo.datasets.au import parse_aus
from mezoo.datasets.coded import flagged, with_frames, with_units
from mezoo.datasets.labels import expression_type
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.workbook import Cell, Sheets, find_coding, find_table, number, text

_CLIP = re.compile(r"S?0*(\d+)((?:_\w+)+)", re.IGNORECASE)
_ITEM = re.compile(_CLIP.pattern + r"(?:\.\w+)?$", re.IGNORECASE)
_COLUMNS = ("sub_id", "fold_name", "emotion", "onset", "apex", "offset", "aus")
_CLASSES = ("positive", "negative", "surprise", "repression", "others")
_AU_COLUMN = re.compile(r"au0*(\d+)")
# tvaranka/meb exchanges everything from the column AUs on between these data rows (0-based) of the release v1.
_EXCHANGED, _RELEASE_ROWS = (144, 145), 267
_Row = tuple[int, dict[str, Cell]]


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the clips by their names, in the grey stream unless ``pictures`` says otherwise."""
    return clips.find_clips(source, audit, _NAMES)


def _ids(name: str) -> tuple[str, str]:
    """Subject and video by the name of a clip: ``S13_1st_001_01_1`` is of S13."""
    match = _CLIP.match(name)
    assert match is not None  # only names of this form are asked for
    subject = f"S{int(match[1]):02d}"
    return subject, f"{subject}{match[2]}"


def _micro_ids(path: Path) -> tuple[str, str] | None:
    """As `_ids`, but None for what lies below a folder of macro-expressions: they have no public table."""
    folders = [part.casefold() for part in path.parts[:-1]]
    is_macro = any("macro" in folder and "micro" not in folder for folder in folders)
    return None if is_macro else _ids(clips.item_name(path))


_NAMES = clips.ClipNames(
    item=_ITEM,
    last_level=re.compile(r"(?!)"),
    ids=_micro_ids,
    trees={
        "raw": None,
        "cropped": re.compile("crop", re.IGNORECASE),
        "color": re.compile("colou?r|rgb", re.IGNORECASE),
        "depth": re.compile("depth", re.IGNORECASE),
    },
)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding file; the text of the action units counts, the 0/1 columns are held against it.

    In the release v1 the action units of two neighbouring clips are exchanged. ``exchanged: repair`` (default)
    puts them back where the emotion columns, which moved with them, do not speak against it.
    """
    sheets = find_coding(
        source,
        audit,
        recognises=lambda sheets: not _is_empty(_plain(sheets)),
        skip=_ITEM,
        expected="4DME_Labelling_Micro_release v1.xlsx",
        columns=_COLUMNS,
    )
    rows = list(find_table(_plain(sheets), _COLUMNS))
    if source.options["exchanged"] == "repair":
        rows = _put_back(rows, audit)
    events = (_event(row, cells, audit) for row, cells in rows)
    return [event for event in events if event is not None]


def _plain(sheets: Sheets) -> Sheets:
    """Headers without the apostrophes that end them in the pre-release file."""
    return {
        name: [
            [cell.rstrip("'’ ") if isinstance(cell, str) else cell for cell in row]
            if any(text(cell).casefold().startswith("sub_id") for cell in row)
            else row
            for row in rows
        ]
        for name, rows in sheets.items()
    }


def _is_empty(sheets: Sheets) -> bool:
    return not any(_CLIP.fullmatch(text(cells["fold_name"])) for _, cells in find_table(sheets, _COLUMNS))


def _put_back(rows: list[_Row], audit: Audit) -> list[_Row]:
    """Exchange what stands from the column of the action units on between two rows, once it fits better."""
    one, two = _EXCHANGED
    if len(rows) != _RELEASE_ROWS:
        return rows
    first, second = rows[one][1], rows[two][1]
    moved = list(first)[list(first).index("aus") :]
    mended = (first | {name: second[name] for name in moved}, second | {name: first[name] for name in moved})
    if _n_agreeing(mended) < _n_agreeing((first, second)):
        return rows  # a copy mended by its owner
    for position, cells, new in zip(_EXCHANGED, (first, second), mended, strict=True):
        name = _ids(text(cells["fold_name"]))[1] if _CLIP.fullmatch(text(cells["fold_name"])) else ""
        audit.add(
            name,
            name,
            "repaired",
            "units_exchanged",
            f"row {rows[position][0]}: {text(cells['aus'])}",
            "action units of the row beside it (tvaranka/meb)",
            f"now {text(new['aus'])}",
        )
        rows[position] = (rows[position][0], new)
    return rows


def _n_agreeing(pair: Iterable[Mapping[str, Cell]]) -> int:
    """Count the rows whose emotions are those of their 0/1 columns."""
    return sum(_emotions(cells) == _marked(cells, _CLASSES) for cells in pair)


def _emotions(cells: Mapping[str, Cell]) -> set[str]:
    return {word.strip() for word in text(cells["emotion"]).casefold().split("+")}


def _marked(cells: Mapping[str, Cell], names: Iterable[str]) -> set[str]:
    return {name for name in names if number(cells.get(name)) == 1}


def _event(row: int, cells: dict[str, Cell], audit: Audit) -> EventRecord | None:
    name = text(cells["fold_name"])
    if _CLIP.fullmatch(name) is None:
        found = f"row {row}: {name or 'blank'}"
        audit.add("", "", "excluded", "unknown_name", found, "a name like S13_1st_001_01_1", "event left out")
        return None
    subject, video = _ids(name)
    kind = expression_type(text(cells.get("type"))) or expression_type(text(cells.get("expression type")))
    event = EventRecord(
        audit.dataset, video, subject, video, type=kind or "micro", emotion=text(cells["emotion"])
    )
    coded = text(cells["sub_id"]).upper().lstrip("SUB_").lstrip("0")
    if coded != subject[1:].lstrip("0"):
        audit.add(video, video, "info", "subject_differs", coded or "blank", subject, "subject of the name")
    event = with_frames(event, cells, audit, not_coded={"onset": (-1,), "apex": (-1,), "offset": (-1,)})
    event = with_units(event, cells["aus"], audit)
    return _checked(event, cells, audit)


def _checked(event: EventRecord, cells: Mapping[str, Cell], audit: Audit) -> EventRecord:
    """Hold the 0/1 columns against the texts; the texts are kept."""
    note = (event.video, event.event)
    classes = _marked(cells, _CLASSES)
    if any(name in cells for name in _CLASSES) and classes != _emotions(cells):
        found = f"{event.emotion or 'blank'}, columns {', '.join(sorted(classes)) or 'none'}"
        audit.add(*note, "info", "emotion_differs", found, "the same emotions", "text kept")
        event = flagged(event, "emotion_differs")
    columns = {int(match[1]): name for name in cells if (match := _AU_COLUMN.fullmatch(name))}
    if columns:
        units = parse_aus(cells["aus"])
        written = set(units.possible) | {u.au for group in units.groups for one in group for u in one}
        marked = {au for au, name in columns.items() if number(cells[name]) == 1}
        if marked != written & set(columns):
            found = f"{event.aus_raw or 'blank'}, columns {', '.join(map(str, sorted(marked))) or 'none'}"
            audit.add(*note, "info", "units_differ", found, "the same action units", "text kept")
            event = flagged(event, "units_differ")
    return event


LAYOUT = Layout(
    name="fourdme",
    title="4DME",
    kind="clip",
    fps=60.0,
    find_videos=find_videos,
    read_events=read_events,
    options={"pictures": _NAMES.pictures, "exchanged": ("repair", "keep")},
)
