"""Clean tiny corpora in five layouts, into which a test plants one fault."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import openpyxl

from mezoo.datasets.registry import Survey, survey

SAMM_COLUMNS = [
    "Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration",
    "Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes",
]  # fmt: skip
SAMM_LV_COLUMNS = [
    "Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset", "Duration", "Type", "Action Units",
    "Notes",
]  # fmt: skip
CASME2_COLUMNS = [
    "Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units",
    "Estimated Emotion", "Objective Classes",
]  # fmt: skip
MMEW_COLUMNS = [
    "Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Action Units", "Estimated Emotion",
    "remarks",
]  # fmt: skip


def image(seed: str, *, side: int = 48, shift: int = 0) -> np.ndarray:
    """Smooth random texture of one video; `shift` moves it, as a face moves."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    small = rng.integers(0, 256, (6, 6), np.uint8)
    return np.roll(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC), shift, axis=1)


def encode(frame: np.ndarray, suffix: str) -> bytes:
    return cv2.imencode(suffix, frame)[1].tobytes()


@dataclass
class Corpus:
    """A corpus before it is written: rows of its sheet, and folders of frames.

    `names` is a pattern of the frame's name; `folders` maps a folder to the numbers of its frames.
    """

    layout: str
    workbook: str
    sheets: dict[str, list[list]]
    folders: dict[str, range]
    names: str
    root: Path = Path()
    options: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[list]:
        """Rows of the first sheet."""
        return next(iter(self.sheets.values()))

    def folder(self, i: int = 0) -> Path:
        return self.root / list(self.folders)[i]

    def frame(self, number: int, i: int = 0) -> Path:
        folder = self.folder(i)
        return folder / self.names.format(number, folder=folder.name)

    def write(self) -> None:
        for i, (folder, numbers) in enumerate(self.folders.items()):
            (self.root / folder).mkdir(parents=True)
            for number in numbers:
                path = self.frame(number, i)
                path.write_bytes(encode(image(folder, shift=number % 3), path.suffix))
        if self.workbook:
            book = openpyxl.Workbook()
            book.remove(book.active)
            for name, rows in self.sheets.items():
                sheet = book.create_sheet(name)
                for row in rows:
                    sheet.append(row)
            book.save(self.root / self.workbook)

    def read(self, **kwargs) -> Survey:
        return survey(self.layout, self.root, options=self.options, **kwargs)


def casme_sq() -> Corpus:
    coded = [
        [3, "disgust1_1", 2, 5, 9, "4+7", "negative", "macro-expression", "fear"],
        [3, "anger2_1", 3, 6, 10, "14", "others", "micro-expression", "anger"],
        [12, "happy5_1", 4, 7, 12, "43", "positive", "macro-expression", "pain"],
        [12, "happy5_2", 13, 15, 18, "1+2", "surprise", "micro-expression", "surprise"],
    ]
    folders = ("s19/19_0101disgustingteeth", "s19/19_0402beatingpregnantwoman", "s29/29_0508funnydunkey")
    return Corpus(
        "casme_sq",
        "CAS(ME)^2code_final.xlsx",
        {
            "CASFEcode_final": coded,
            "naming rule1": [[19, "s19", 3], [29, "s29", 12]],
            "naming rule2": [["0101", "disgust1"], ["0402", "anger2"], ["0508", "happy5"]],
        },
        {f"rawpic/{folder}": range(1, 21) for folder in folders},
        "img{:03d}.jpg",
    )


def samm_lv() -> Corpus:
    rows = [
        ["SAMM Long Videos Dataset - FACS Codes"],
        [*SAMM_LV_COLUMNS],
        ["006", "006_1_1", 1, 2, 5, 9, 8, "Macro", "4+7", None],
        ["006", "006_1_2", 1, 12, 14, 17, 6, "Micro - 1/2", "4", None],
        ["037", "037_4_1", 4, 3, 5, 8, 6, "Micro - 1/2", "24", None],
    ]
    folders = {"SAMM_longvideos/006_1": range(1, 21), "SAMM_longvideos/037_4": range(1, 21)}
    return Corpus("samm_lv", "SAMM_LongVideos_V3_Release.xlsx", {"FACS_Movement_Only": rows}, folders,
                  "{folder}_{:04d}.jpg")  # fmt: skip


def casme2() -> Corpus:
    rows = [
        [*CASME2_COLUMNS],
        [1, "EP02_01f", None, 46, 50, 55, None, "12", "happiness", 1],
        [1, "EP03_02", None, 11, 14, 19, None, "4", "disgust", 3],
        [2, "EP01_11f", None, 21, 25, 29, None, "1+2", "surprise", 2],
    ]
    folders = {
        "sub01/EP02_01f": range(46, 56),
        "sub01/EP03_02": range(11, 20),
        "sub02/EP01_11f": range(21, 30),
    }
    return Corpus(
        "casme2",
        "CASME2-coding-20190701.xlsx",
        {"Sheet1": rows},
        {f"CASME2_RAW_selected/{folder}": numbers for folder, numbers in folders.items()},
        "img{}.jpg",
    )


def samm() -> Corpus:
    rows = [
        ["SAMM Dataset"],
        [*SAMM_COLUMNS],
        ["006", "006_1_2", 1, 5562, 5566, 5571, 10, "Micro - 1/2", "4+7", "Anger", 3, None],
        ["007", "007_3_1", 3, 12, 15, 20, 9, "Micro - 1/2", "12", "Happiness", 1, None],
    ]
    folders = {"SAMM/006/006_1_2": range(5562, 5572), "SAMM/007/007_3_1": range(12, 21)}
    return Corpus("samm", "SAMM_Micro_FACS_Codes_v2.xlsx", {"MICRO_ONLY": rows}, folders, "006_{:05d}.jpg")


def smic() -> Corpus:
    folders = {
        "SMIC_all_raw/HS/s1/micro/negative/s1_ne_01": range(100, 110),
        "SMIC_all_raw/HS/s2/micro/surprise/s2_sur_01": range(200, 212),
    }
    return Corpus("smic", "", {}, folders, "image{:06d}.bmp")


def mmew() -> Corpus:
    rows = [
        [*MMEW_COLUMNS],
        [1, "S01-01-001", 1, 5, 9, "6+12", "happiness", None],
        [2, "S02-02-001", 1, 4, 8, "1+2", "surprise", None],
        [2, "S02-03-001", 1, 4, 8, "9", "disgust", None],
    ]
    folders = {
        "Micro_Expression/happiness/S01-01-001": range(1, 10),
        "Micro_Expression/surprise/S02-02-001": range(1, 9),
        "Micro_Expression/disgust/S02-03-001": range(1, 9),
    }
    return Corpus("mmew", "MMEW_Micro_Exp.xlsx", {"Sheet1": rows}, folders, "{}.jpg")


def generic() -> Corpus:
    rows = [
        ["video", "subject", "type", "onset", "apex", "offset", "emotion"],
        ["anna", "a", "micro", 2, 4, 6, "happy"],
        ["ben", "b", "macro", 3, 5, 9, "sad"],
    ]
    folders = {"anna": range(1, 13), "ben": range(1, 13)}
    return Corpus("generic", "events.xlsx", {"events": rows}, folders, "{:03d}.png", options={"fps": "30"})


CORPORA: dict[str, Callable[[], Corpus]] = {
    make.__name__: make for make in (casme_sq, samm_lv, casme2, samm, smic, mmew, generic)
}


# ------------------------------------------------------------------ faults of the tree


def copy_folder(corpus: Corpus, source: int, target: int) -> None:
    """Put the frames of one video below the name of another."""
    numbers = list(list(corpus.folders.values())[source])
    shutil.rmtree(corpus.folder(target))
    corpus.folder(target).mkdir()
    for number in numbers:
        shutil.copy(corpus.frame(number, source), corpus.frame(number, target))


def recompress(corpus: Corpus, source: int, target: int) -> None:
    """The same, but scaled and compressed anew."""
    copy_folder(corpus, source, target)
    for path in corpus.folder(target).iterdir():
        frame = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        small = cv2.resize(frame, (40, 40), interpolation=cv2.INTER_AREA)
        path.write_bytes(cv2.imencode(path.suffix, small, [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes())
