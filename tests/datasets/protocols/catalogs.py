"""Catalogs for tests of protocols: made ones with given counts, and those of the stored coding tables."""

from __future__ import annotations

import re

import pandas as pd

from mezoo.catalog import Catalog
from mezoo.catalog_items import EventRecord

SUBJECT = {"casme2": "sub{:02d}", "samm": "{:03d}", "smic": "s{:02d}"}


def catalog_of(dataset, rows):
    """Catalog of rows (subject, clip, type, emotion, objective class), without frames."""
    events = [
        EventRecord(
            dataset, clip, subject, clip, 1, 2, 3, type=kind, emotion=emotion, objective_class=objective
        )
        for subject, clip, kind, emotion, objective in rows
    ]
    return Catalog.from_records([], events, [])


def made_catalog(dataset, column, counts, n_subjects):
    """Spread ``counts`` (word -> number) over subjects as evenly as they go."""
    words = [word for word, number in counts.items() for _ in range(number)]
    rows = []
    for i, word in enumerate(words):
        subject = SUBJECT.get(dataset, "s{:02d}").format(i % n_subjects + 1)
        cells = {"type": "micro", "emotion": "", "objective_class": ""} | {column: word}
        rows.append(
            (subject, f"{subject}_{i:04d}", cells["type"], cells["emotion"], cells["objective_class"])
        )
    return catalog_of(dataset, rows)


def casme2(tables, coding, objective=None):
    sheet = pd.read_excel(tables / "casme2" / coding, dtype=object, engine="openpyxl").dropna(
        subset=["Subject"]
    )
    sheet.columns = [str(name).strip() for name in sheet.columns]
    if objective is not None:
        classes = pd.read_excel(tables / "casme2" / objective, dtype=object, engine="openpyxl")
        column = classes["Objective Class"].tolist()[: len(sheet)]
    else:
        column = sheet["Objective Classes"] if "Objective Classes" in sheet else [""] * len(sheet)
    rows = []
    for subject, clip, emotion, number in zip(
        sheet["Subject"], sheet["Filename"], sheet["Estimated Emotion"], column, strict=True
    ):
        name = f"sub{int(subject):02d}"
        rows.append((name, f"{name}_{clip}", "micro", str(emotion), str(number)))
    return catalog_of("casme2", rows)


def samm(tables):
    sheet = pd.read_excel(
        tables / "samm/SAMM_Micro_FACS_Codes_v2.xlsx", header=13, dtype=object, engine="openpyxl"
    )
    sheet.columns = [str(name).strip() for name in sheet.columns]
    return catalog_of(
        "samm",
        [
            (f"{int(row['Subject']):03d}", row["Filename"], "micro", row["Estimated Emotion"],
             str(row["Objective Classes"]))
            for row in sheet.to_dict("records")
        ],
    )  # fmt: skip


def smic(tables):
    words = {"ne": "negative", "po": "positive", "sur": "surprise"}
    sheet = pd.read_csv(tables / "smic/xia_smic-3classes.csv", header=None, dtype=str)
    rows = []
    for clip in sheet[1]:
        subject, word, number = re.fullmatch(r"s0*(\d+)_(ne|po|sur)_(\d+)", clip).groups()
        name = f"s{int(subject):02d}"
        rows.append((name, f"{name}_{word}_{number}", "micro", words[word], ""))
    return catalog_of("smic", rows)


def casme3(tables):
    sheet = pd.read_excel(
        tables / "cas_me_3/cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx",
        sheet_name="label",
        dtype=str,
        engine="openpyxl",
    )
    rows = [
        (row.Subject, f"{row.Subject}_{row.Filename}_{row.Onset}_{i}", "micro", row.emotion, "")
        for i, row in enumerate(sheet.itertuples())
    ]
    return catalog_of("casme3", rows)


def mmew(tables):
    sheet = pd.read_csv(tables / "mmew/MMEW_Micro_Exp.csv", dtype=str)
    rows = [
        (row["Subject"], row["Filename"], "micro", row["Estimated Emotion"], "")
        for row in sheet.to_dict("records")
    ]
    return catalog_of("mmew", rows)
