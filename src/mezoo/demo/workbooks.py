"""Coding workbooks of the demo corpora, shaped like those of CAS(ME)^2 and SAMM Long Videos.

The same plan gives the same bytes: every date inside the files is fixed.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path

import numpy as np
from openpyxl import Workbook

from mezoo.demo.names import CASME_SQ_SUBJECTS, STIMULI
from mezoo.demo.plan import CorpusPlan, PlannedEvent

WORKBOOKS = {"casme_sq": "CAS(ME)^2code_final.xlsx", "samm_lv": "SAMM_LongVideos_V2_Release.xlsx"}

_DATE = (2000, 1, 1, 0, 0, 0)
_VALENCE = {"happiness": "positive", "surprise": "surprise", "others": "others"}
_NOTES = (
    "Synthetic long videos - FACS codes",
    None,
    "Symbols:",
    '"/" = or',
    None,
    "Action units:",
    '"L2" or "R2" = the unit moves on that side of the face only',
    '"A2" = the unit moves on both sides, stronger on one',
    None,
)
_HEADER = (
    *("Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset"),
    *("Duration", "Type", "Action Units", "Notes"),
)


def write_workbook(plan: CorpusPlan, root: Path) -> Path:
    """Write the coding workbook of a corpus below `root` and return its path."""
    book = _casme_sq(plan) if plan.layout == "casme_sq" else _samm_lv(plan)
    path = root / WORKBOOKS[plan.layout]
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(_fixed_dates(book))
    os.replace(draft, path)
    return path


def _casme_sq(plan: CorpusPlan) -> Workbook:
    """Three sheets without header: expressions, participant index -> folder (a row per expression), film codes."""
    book = Workbook()
    sheets = book.active, book.create_sheet("naming rule1"), book.create_sheet("naming rule2")
    sheets[0].title = "CASFEcode_final"
    for video in plan.videos:
        participant = CASME_SQ_SUBJECTS.index(video.subject) + 1
        clip = STIMULI[video.video.split("_")[1]][1]
        # The corpus counts up to 15 expressions of one film: some numbers must have two digits.
        first = 7 if video.person == 1 else 1
        for number, event in enumerate(video.events, first):
            units = "+".join(event.aus)
            valence = _VALENCE.get(event.emotion, "negative")
            row = [participant, f"{clip}_{number}", *event.coded, int(units) if units.isdigit() else units]
            sheets[0].append([*row, valence, f"{event.kind}-expression", event.emotion])
            sheets[1].append([int(video.subject[1:]), video.subject, participant])
    for code in sorted(STIMULI):
        sheets[2].append([code, STIMULI[code][1]])
    return book


def _samm_lv(plan: CorpusPlan) -> Workbook:
    """One sheet: nine rows of notes, a header row, a row per expression."""
    book = Workbook()
    sheet = book.active
    sheet.title = "FACS_Movement_Only"
    for note in _NOTES:
        sheet.append([note])
    sheet.cell(7, 6, "NOTE: an apex of -1 was not annotated.")
    sheet.append(_HEADER)
    for video in plan.videos:
        rng = np.random.default_rng([*video.seed, 5])
        for number, event in enumerate(video.events, 1):
            onset, _, offset = event.coded
            kind = "Macro" if event.kind == "macro" else "Micro - 1/2"
            row = [video.subject, f"{video.video}_{number}", int(video.video.split("_")[1])]
            row += [*event.coded, round(offset - onset + 1, 1), kind, _scored(event, rng)]
            sheet.append([*row, "While blinking" if event.trap == "no apex" else None])
    return book


def _scored(event: PlannedEvent, rng: np.random.Generator) -> str | int:
    """Write AUs with FACS intensity letters in half of the macro rows, plainly elsewhere, as SAMM does."""
    if event.kind == "micro" or rng.random() < 0.5:
        units = "+".join(event.aus)
        return int(units) if units.isdigit() else units
    letters = {name: "ABCDE"[min(int(peak / 1.5), 4)] for name, peak in event.aus.items()}
    return "+".join(f"{name}{letter}" for name, letter in letters.items())


def _fixed_dates(book: Workbook) -> bytes:
    """Save a workbook with fixed dates in its properties and in the zip directory."""
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", content)
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return fixed.getvalue()
