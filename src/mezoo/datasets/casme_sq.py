"""CAS(ME)^2 (Qu et al., 2018): 30 fps long videos of 22 subjects, 300 macro- and 57 micro-expressions.

Videos are folders ``<subject>/<number>_<code><name>`` (``s15/15_0101disgustingteeth``); the tree exists as
``rawpic``, ``longVideoFaceCropped`` or, with .avi files, ``rawvideo``. The workbook has no header row; its
participant index and stimulus names are translated by two further sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, VideoRef
from mezoo.datasets.coded import with_frames, with_units
from mezoo.datasets.labels import expression_type
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.tree import VIDEO_SUFFIXES, find_items
from mezoo.datasets.workbook import Cell, Sheets, find_coding, number, text

# Used when a copy lacks the two naming sheets (a CSV of the first sheet alone).
SUBJECTS = (15, 16, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40)
STIMULI = {
    "disgust1": "0101",
    "disgust2": "0102",
    "anger1": "0401",
    "anger2": "0402",
    "happy1": "0502",
    "happy2": "0503",
    "happy3": "0505",
    "happy4": "0507",
    "happy5": "0508",
}
_VIDEO = re.compile(r"s?0*(\d+)_(\d{4})", re.IGNORECASE)
_SUBJECT = re.compile(r"s0*(\d+)", re.IGNORECASE)
_CLIP = re.compile(r"([a-z]+\d)_(\d+)", re.IGNORECASE)  # the expression number has one or two digits
_TREES = ("rawpic", "longVideoFaceCropped", "rawvideo")


def find_videos(source: Source, audit: Audit) -> list[VideoRef]:
    """Find the video folders of one picture tree, by their names.

    The release holds a folder of subject 23 below subject 19 as well. Left there it would put one person
    into two folds, so a folder belongs to the subject of its own name; it is dropped when that subject has
    the video already, or always with ``misplaced: drop``.
    """
    root = source.existing_root()
    items = find_items(root, _VIDEO, last_level=_SUBJECT)
    trees = {path: _tree(path, root) for path in items}
    wanted = [source.options["pictures"]] if source.options["pictures"] != "auto" else _TREES
    chosen = next((name for name in wanted if name in trees.values()), None)
    present = sorted(set(trees.values()))
    if len(present) > 1:
        action = f"{chosen} read" if chosen else "none read"
        audit.add("", "", "info", "pictures", ", ".join(present), "one picture tree", action)
    placed = [(path, *_ids(path)) for path, tree in trees.items() if tree == chosen]
    refs: dict[str, VideoRef] = {}
    for path, subject, video, is_home in sorted(placed, key=lambda found: not found[3]):
        place = f"{path.parent.name}/{path.name}"
        if video in refs:
            check = "video_twice" if is_home else "misplaced_video"
            audit.add(video, "", "excluded", check, place, refs[video].path.name, "folder not read")
        elif not is_home and source.options["misplaced"] == "drop":
            audit.add(video, "", "excluded", "misplaced_video", place, subject, "folder not read")
        else:
            if not is_home:
                audit.add(video, "", "repaired", "misplaced_video", place, subject, f"read as {video}")
            refs[video] = VideoRef(video, subject, path)
    return sorted(refs.values(), key=lambda ref: ref.video)


def _tree(path: Path, root: Path) -> str:
    """Which release of the pictures an item belongs to; renamed folders count as raw pictures."""
    names = [part.casefold() for part in (root.name, *path.relative_to(root).parts[:-1])]
    for tree in _TREES:
        if any(name.startswith(tree.casefold()) for name in names):
            return tree
    return "rawvideo" if path.suffix.lower() in VIDEO_SUFFIXES else "rawpic"


def _ids(path: Path) -> tuple[str, str, bool]:
    """Subject and video by the item's own name, and whether it lies in that subject's folder."""
    match = _VIDEO.match(path.name)
    assert match is not None  # find_items returns nothing else
    subject = f"s{int(match[1]):02d}"
    folder = _SUBJECT.fullmatch(path.parent.name)
    return subject, f"{subject}_{match[2]}", folder is None or int(folder[1]) == int(match[1])


def read_events(source: Source, audit: Audit) -> list[EventRecord]:
    """Read the coding workbook.

    Offset 0 (44 macro-expressions) and apex 0 mean that the frame was not coded: they become null.
    """
    sheets = find_coding(
        source, audit, recognises=_recognises, skip=_SUBJECT, expected="CAS(ME)^2code_final.xlsx"
    )
    subjects, stimuli = _subject_names(sheets, audit), _stimulus_codes(sheets, audit)
    events = []
    for row, cells in _coded_rows(sheets):
        match = _CLIP.fullmatch(text(cells[1]))
        assert match is not None
        index, stimulus = number(cells[0]), match[1].casefold()
        subject = subjects.get(int(index)) if index is not None else None
        kind = expression_type(text(cells[7]))
        if subject is None or stimulus not in stimuli or kind is None:
            found = f"row {row}: {text(cells[0])}, {text(cells[1])}, {text(cells[7])}"
            expected = "a known participant, stimulus and type"
            audit.add("", "", "excluded", "unknown_name", found, expected, "event left out")
            continue
        video = f"{subject}_{stimuli[stimulus]}"
        event = EventRecord(
            audit.dataset, video, subject, f"{video}_{int(match[2])}", type=kind, emotion=text(cells[6])
        )
        frames = dict(zip(("onset", "apex", "offset"), cells[2:5], strict=True))
        event = with_frames(event, frames, audit, not_coded={"onset": (0,), "apex": (0,), "offset": (0,)})
        events.append(with_units(event, cells[5], audit))
    return events


def _coded_rows(sheets: Sheets) -> Iterator[tuple[int, list[Cell]]]:
    """Rows that hold a clip name, as nine cells from the participant index on, with their row number."""
    for rows in sheets.values():
        for position, row in enumerate(rows, start=1):
            for column, cell in enumerate(row[:-6]):
                if column and isinstance(cell, str) and _CLIP.fullmatch(cell):
                    yield position, row[column - 1 :]
                    break


def _recognises(sheets: Sheets) -> bool:
    return any(expression_type(text(cells[7])) for _, cells in _coded_rows(sheets))


def _subject_names(sheets: Sheets, audit: Audit) -> dict[int, str]:
    """Participant index -> subject; the sheet has a row per expression, or one per subject."""
    names = {}
    for rows in sheets.values():
        for row in rows:
            for cell, after in zip(row, row[1:], strict=False):
                match, index = _SUBJECT.fullmatch(text(cell)), number(after)
                if match and index is not None:
                    names[int(index)] = f"s{int(match[1]):02d}"
    return names or _built_in("naming rule1", {i: f"s{s}" for i, s in enumerate(SUBJECTS, 1)}, audit)


def _stimulus_codes(sheets: Sheets, audit: Audit) -> dict[str, str]:
    """Stimulus name -> four-digit code; a resaved sheet has lost the code's leading zero."""
    codes = {}
    for rows in sheets.values():
        for row in rows:
            for cell, after in zip(row, row[1:], strict=False):
                if re.fullmatch(r"\d{3,4}", text(cell)) and re.fullmatch(r"[A-Za-z]+\d", text(after)):
                    codes[text(after).casefold()] = text(cell).zfill(4)
    return codes or _built_in("naming rule2", STIMULI, audit)


def _built_in(sheet: str, names: dict, audit: Audit) -> dict:
    audit.add(
        "", "", "info", "naming_rule", f"no sheet like '{sheet}'", "three sheets", "built-in names used"
    )
    return names


LAYOUT = Layout(
    name="casme_sq",
    title="CAS(ME)^2",
    kind="long",
    fps=30.0,
    find_videos=find_videos,
    read_events=read_events,
    options={"misplaced": ("reassign", "drop"), "pictures": ("auto", *_TREES)},
)
