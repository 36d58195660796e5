"""Catalogs for tests of protocols: made ones with given counts, and SMIC as its clips are known."""

from __future__ import annotations

import re

import pandas as pd

from mezoo.catalog import Catalog
from mezoo.catalog_items import EventRecord
from mezoo.datasets import read

SUBJECT = {"casme2": "sub{:02d}", "samm": "{:03d}", "smic": "s{:02d}", "casme3": "spNO.{:d}"}


def catalog_of(dataset, rows):
    """Catalog of rows (subject, clip, type, emotion, objective class), without frames."""
    events = [
        EventRecord(
            dataset, clip, subject, clip, 1, 2, 3, type=kind, emotion=emotion, objective_class=objective
        )
        for subject, clip, kind, emotion, objective in rows
    ]
    return Catalog.from_records([], events, [])


def made_catalog(dataset, column, counts, n_subjects, subject=None):
    """Spread ``counts`` (word -> number) over subjects as evenly as they go."""
    pattern = subject or SUBJECT.get(dataset, "s{:02d}")
    words = [word for word, number in counts.items() for _ in range(number)]
    rows = []
    for i, word in enumerate(words):
        subject = pattern.format(i % n_subjects + 1)
        cells = {"type": "micro", "emotion": "", "objective_class": ""} | {column: word}
        rows.append(
            (subject, f"{subject}_{i:04d}", cells["type"], cells["emotion"], cells["objective_class"])
        )
    return catalog_of(dataset, rows)


def smic(tables, root):
    """Read a tree of the 164 known clips, two frames each."""
    words = {"ne": "negative", "po": "positive", "sur": "surprise"}
    sheet = pd.read_csv(tables / "smic/xia_smic-3classes.csv", header=None, dtype=str)
    for clip, onset, offset in zip(sheet[1], sheet[2], sheet[4], strict=True):
        subject, word, number = re.fullmatch(r"s0*(\d+)_(ne|po|sur)_(\d+)", clip).groups()
        folder = root / f"HS/s{subject}/micro/{words[word]}/s{subject}_{word}_{number}"
        folder.mkdir(parents=True)
        for frame in (onset, offset):
            (folder / f"image{int(frame):06d}.bmp").touch()
    return read("smic", root)
