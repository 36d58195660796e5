"""CASME II (Yan et al., 2014): 200 fps clips of 26 subjects, 255 micro-expressions in the released sheets.

Clips are folders ``sub01/EP02_01f/img46.jpg`` below ``CASME2_RAW_selected`` (onset to offset), ``CASME2-RAW``
(with baseline) or ``Cropped``. Codings of 2014 and 2019 differ in 3 emotions and 57 AU cells, and a separate
file of objective classes (Davison et al., 2018) in 37 classes from the column of 2019; the audit says what
was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets import casme_names, clips, overlay
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.overlay import Overlay
from mezoo.datasets.scan import FolderScan
from mezoo.datasets.workbook import Cell, Sheets, find_coding, find_sheets, find_table, text
from mezoo.errors import ConfigError

_COLUMNS = (
    "subject", "filename", "onsetframe", "apexframe", "offsetframe", "action units", "estimated emotion",
)  # fmt: skip
_CLASS, _CLASSES = "objective class", "objective classes"
_COUNTS = "2014, 2019 or updated: the counts of every protocol depend on it"
# A clip that the released tables lack; lists of 247 samples have it.
_EXTRA = ("sub24", "sub24_EP02_07")
_EXTRA_CELLS: dict[str, Cell] = {
    "onset": 61, "apex": 91, "offset": 106, "emotion": "disgust", "aus": None, "objective": None,
}  # fmt: skip
# sadness in the coding of 2014, surprise in that of 2019
_CHANGED = {"sub24_EP07_01", "sub24_EP07_04f", "sub24_EP10_03"}
_NAMES = clips.ClipNames(
    item=casme_names.CLIP,
    last_level=casme_names.SUBJECT,
    ids=casme_names.ids_by_folder,
    trees=clips.TREES | {"compressed": re.compile("compress", re.IGNORECASE)},
)


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the clips of one picture tree."""
    return clips.find_clips(source, audit, _NAMES)


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding workbook and the objective classes.

    An apex ``/`` becomes null; ``extra_clip: add`` gives the clip sub24/EP02_07 its event.
    """
    expected = "CASME2-coding-20190701.xlsx, -20140508.xlsx or -updated.xlsx"
    sheets = find_coding(
        source, audit, recognises=_recognises, columns=_COLUMNS, skip=casme_names.FOLDERS, expected=expected
    )
    rows = list(find_table(sheets, _COLUMNS))
    classes = _objective_classes(source, audit, in_sheet=any(_CLASSES in cells for _, cells in rows))
    mending = Overlay("casme2", source.options["overlay"], audit)
    events = []
    for row, cells in rows:
        ids = casme_names.ids_by_cells(cells["subject"], cells["filename"])
        if ids is None:
            found = f"row {row}: {text(cells['subject'])}, {text(cells['filename'])}"
            audit.add("", "", "excluded", "unknown_name", found, "1 and EP02_01f", "event left out")
            continue
        wanted = {
            "onset": cells["onsetframe"],
            "apex": cells["apexframe"],
            "offset": cells["offsetframe"],
            "emotion": cells["estimated emotion"],
            "aus": cells["action units"],
            "objective": cells.get(_CLASSES) if classes is None else classes.get(ids[1]),
        }
        events.append(clips.clip_event(ids, wanted, audit, mending))
    _note_version(events, any(_CLASSES in cells for _, cells in rows), audit)
    if source.options["extra_clip"] == "add" and all(event.video != _EXTRA[1] for event in events):
        found, lists = "no row", "61/91/106, disgust (lists of 247 samples)"
        audit.add(_EXTRA[1], _EXTRA[1], "repaired", "extra_clip", found, lists, "event added")
        events.append(clips.clip_event(_EXTRA, _EXTRA_CELLS, audit, mending))
    return events


def _recognises(sheets: Sheets) -> bool:
    return any(True for _ in find_table(sheets, _COLUMNS))


def _note_version(events: list[EventRecord], has_classes: bool, audit: Audit) -> None:
    """Tell the release by its rows: the extra clip, then the three emotions, then the column of classes."""
    emotions = {event.emotion.casefold() for event in events if event.video in _CHANGED}
    if any(event.video == _EXTRA[1] for event in events):
        version = "updated"
    elif emotions == {"surprise"} or (not emotions and has_classes):
        version = "2019"
    elif emotions == {"sadness"} or not emotions:
        version = "2014"
    else:
        version = "unknown (sub24's emotions are of both)"
    audit.add("", "", "info", "coding_version", f"{version}, {len(events)} rows", _COUNTS, "read as it is")


def _objective_classes(source: Source, audit: Audit, *, in_sheet: bool) -> dict[str, str] | None:
    """Give the classes of the separate file by video; None when the workbook's column is to be used."""
    wanted = source.options["objective"]
    if wanted == "workbook" or (wanted == "auto" and in_sheet):
        found = "workbook" if in_sheet else "none"
        audit.add("", "", "info", "objective_class", found, "workbook or file", f"from the {found}")
        return None
    for place, depth in _places(source):
        for path, sheets in find_sheets(
            place, recognises=_has_classes, skip=casme_names.FOLDERS, depth=depth
        ):
            audit.add("", "", "info", "objective_class", path.name, "workbook or file", "from this file")
            return _classes_by_video(sheets)
    if wanted == "file":
        raise ConfigError(
            "no file of objective classes lies here",
            "CASME2-ObjectiveClasses.xlsx",
            "Copy it beside the coding file, or set objective: auto",
            item=source.dataset,
            file=source.coding or source.root,
        )
    audit.add("", "", "info", "objective_class", "none", "workbook or file", "left empty")
    return {}


def _places(source: Source) -> list[tuple[Path, int]]:
    places = []
    if source.coding is not None:
        places.append((source.coding if source.coding.is_dir() else source.coding.parent, 0))
    if source.root is not None:
        places += [(source.root, 2), (source.root.parent, 0)]
    return places


def _has_classes(sheets: Sheets) -> bool:
    return any("onsetframe" not in cells for _, cells in find_table(sheets, ("subject", "filename", _CLASS)))


def _classes_by_video(sheets: Sheets) -> dict[str, str]:
    classes = {}
    for _, cells in find_table(sheets, ("subject", "filename", _CLASS)):
        ids = casme_names.ids_by_cells(cells["subject"], cells["filename"])
        if ids is not None:
            classes[ids[1]] = text(cells[_CLASS])
    return classes


def fit_frames(
    events: list[EventRecord], folders: Mapping[str, FolderScan], source: Source, audit: Audit
) -> list[EventRecord]:
    """Give clips whose coded frames are not in their folder the frames found there.

    Five clips of the release are known for it: sub07/EP06_01, sub12/EP09_02, sub12/EP09_06, sub16/EP01_08 and
    sub20/EP16_01.
    """
    mending = Overlay("casme2", source.options["overlay"], audit)
    return clips.fit_to_folders(events, folders, source, audit, mending)


LAYOUT = Layout(
    name="casme2",
    title="CASME II",
    kind="clip",
    fps=200.0,
    find_videos=find_videos,
    read_events=read_events,
    fit_frames=fit_frames,
    options={
        "pictures": _NAMES.pictures,
        "objective": ("auto", "workbook", "file"),
        "extra_clip": ("unlabelled", "add"),
        **clips.OPTION,
        **overlay.OPTION,
    },
)
