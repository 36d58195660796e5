"""Every fault planted into a clean corpus is found under its name and severity, and nothing else is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from datasets.planted import CORPORA, Corpus, copy_folder, encode, image, recompress


class Fault(NamedTuple):
    """A fault, and the (severity, check) pairs that it adds to the audit of the clean corpus."""

    name: str
    layout: str
    found: set[tuple[str, str]]
    edit: Callable[[Corpus], object] = lambda corpus: None
    damage: Callable[[Corpus], object] = lambda corpus: None


def cell(row: int, column: int, value) -> Callable[[Corpus], None]:
    """Put a value into a cell of the first sheet."""

    def edit(corpus: Corpus) -> None:
        corpus.rows[row][column] = value

    return edit


def add(row: int) -> Callable[[Corpus], None]:
    """Repeat a row of the first sheet."""
    return lambda corpus: corpus.rows.append(list(corpus.rows[row]))


def unlink(*numbers: int, i: int = 0) -> Callable[[Corpus], None]:
    """Remove frames."""
    return lambda corpus: [corpus.frame(number, i).unlink() for number in numbers]


def write(number: int, content: bytes, i: int = 0) -> Callable[[Corpus], object]:
    """Overwrite or add a frame."""
    return lambda corpus: corpus.frame(number, i).write_bytes(content)


def empty(corpus: Corpus) -> None:
    shutil.rmtree(corpus.folder())
    corpus.folder().mkdir()


def misplace(corpus: Corpus) -> None:
    shutil.copytree(corpus.folder(2), corpus.folder(0).parent / corpus.folder(2).name)


def twin(corpus: Corpus) -> None:
    shutil.copytree(corpus.folder(0), corpus.root / "again" / corpus.folder(0).name)


def dangle(corpus: Corpus) -> None:
    corpus.frame(5).unlink()
    os.symlink(corpus.root / "nowhere.jpg", corpus.frame(5))


def as_folder(corpus: Corpus) -> None:
    corpus.frame(7).unlink()
    corpus.frame(7).mkdir()


def extra_row(*values) -> Callable[[Corpus], None]:
    return lambda corpus: corpus.rows.append(list(values))


EXCLUDED, REPAIRED, INFO = "excluded", "repaired", "info"
FAULTS = [
    # --- the sheet: frames
    Fault("offset not coded", "casme_sq", {(INFO, "offset_missing")}, cell(0, 4, 0)),
    Fault("apex not coded", "casme_sq", {(INFO, "apex_missing")}, cell(0, 3, 0)),
    Fault("onset blank", "casme_sq", {(INFO, "onset_missing"), (EXCLUDED, "interval"),
                                      (INFO, "unannotated")}, cell(0, 2, None)),
    Fault("onset is text", "casme_sq", {(INFO, "onset_missing"), (EXCLUDED, "interval"),
                                        (INFO, "unannotated")}, cell(0, 2, "begin")),
    Fault("onset is a number of 400 digits", "casme_sq", {(INFO, "onset_missing"), (EXCLUDED, "interval"),
                                                          (INFO, "unannotated")}, cell(0, 2, "9" * 400)),
    Fault("frame number like a date", "casme_sq", {(INFO, "offset_missing")}, cell(0, 4, 20200101093000)),
    Fault("offset before the onset", "casme_sq", {(EXCLUDED, "interval"), (INFO, "unannotated")},
          cell(0, 4, 1)),
    Fault("apex after the offset", "casme_sq", {(INFO, "apex_outside")}, cell(2, 3, 13)),
    Fault("apex before the onset", "casme_sq", {(INFO, "apex_outside")}, cell(2, 3, 1)),
    Fault("apex is the onset", "casme2", {(INFO, "apex_weak")}, cell(1, 4, 46)),
    Fault("apex is a slash", "casme2", {(INFO, "apex_missing")}, cell(1, 4, "/")),
    Fault("fractional frames", "samm_lv", {(REPAIRED, "fraction")}, cell(2, 3, 2.4)),
    Fault("onset zero", "samm_lv", {(REPAIRED, "onset_zero")}, cell(2, 3, 0)),
    Fault("apex out of range in SAMM-LV", "samm_lv", {(REPAIRED, "apex_outside")}, cell(2, 4, 30)),
    Fault("duration differs from the frames", "samm", {(INFO, "duration")}, cell(2, 6, 14)),
    # --- the sheet: names and words
    Fault("unknown participant", "casme_sq", {(EXCLUDED, "unknown_name"), (INFO, "unannotated")},
          cell(0, 0, 7)),
    Fault("unknown stimulus", "casme_sq", {(EXCLUDED, "unknown_name"), (INFO, "unannotated")},
          cell(0, 1, "fear1_1")),
    Fault("unknown type", "samm_lv", {(EXCLUDED, "unknown_name")}, cell(2, 7, "Mini")),
    Fault("clip name of another form", "samm", {(EXCLUDED, "unknown_name"), (INFO, "unannotated")},
          cell(2, 1, "clip seven")),
    Fault("clip name that leaves the root", "casme2",
          {(EXCLUDED, "unknown_name"), (INFO, "unannotated")}, cell(1, 1, "../../etc/EP02_01f")),
    Fault("video name that leaves the root", "generic",
          {(EXCLUDED, "unknown_name"), (INFO, "unannotated")}, cell(1, 0, "../../anna")),
    Fault("absolute video name", "generic",
          {(EXCLUDED, "unknown_name"), (INFO, "unannotated")}, cell(1, 0, "/etc/passwd")),
    Fault("unknown emotion", "casme_sq", {(INFO, "unknown_emotion")}, cell(0, 6, "boredom")),
    Fault("emotion of another corpus", "samm", {(INFO, "unknown_emotion")}, cell(2, 9, "others")),
    Fault("emotion and clip name differ", "mmew", {(INFO, "emotion_differs")}, cell(1, 6, "disgust")),
    Fault("unknown objective class", "samm", {(INFO, "unknown_class")}, cell(2, 10, "VIII")),
    Fault("action units with text", "casme2", {(INFO, "au_string")}, cell(1, 7, "4+reaction?")),
    Fault("the same row twice", "samm_lv", {(REPAIRED, "event_id"), (INFO, "duplicate")}, add(2)),
    Fault("the same id twice", "samm_lv", {(REPAIRED, "event_id")},
          extra_row("006", "006_1_1", 1, 3, 5, 10, 8, "Macro", "4", None)),
    Fault("the same interval under two ids", "samm_lv", {(INFO, "duplicate")},
          extra_row("006", "006_1_7", 1, 2, 5, 9, 8, "Macro", "4", None)),
    Fault("two subjects in one video", "generic", {(INFO, "subject_of_video")},
          extra_row("anna", "b", "micro", 7, 8, 9, "happy")),
    Fault("subject and clip name differ", "mmew", {(INFO, "subject_differs")}, cell(1, 0, 9)),
    # --- the sheet against the frames
    Fault("offset beyond the video", "samm_lv", {(REPAIRED, "offset_beyond_video")}, cell(3, 5, 25)),
    Fault("apex beyond the video", "samm_lv", {(REPAIRED, "offset_beyond_video"),
                                               (REPAIRED, "apex_outside_video")},
          lambda c: [cell(3, 4, 24)(c), cell(3, 5, 25)(c)]),
    Fault("event outside its video", "samm_lv", {(EXCLUDED, "outside_video")},
          lambda c: [cell(3, 3, 30)(c), cell(3, 4, 33)(c), cell(3, 5, 36)(c)]),
    Fault("onset before the first frame", "casme_sq",
          {(REPAIRED, "onset_before_video"), (INFO, "first_frame")}, damage=unlink(1, 2)),
    Fault("numbers do not begin at 1", "samm_lv", {(INFO, "first_frame")}, damage=unlink(1)),
    Fault("clip coded beyond its folder", "casme2", {(REPAIRED, "clip_frames")}, cell(1, 5, 58)),
    Fault("clip of another numbering", "casme2", {(REPAIRED, "clip_frames")},
          lambda c: [cell(1, 3, 15)(c), cell(1, 4, 19)(c), cell(1, 5, 24)(c)]),
    Fault("clip with fewer frames", "casme2", {(INFO, "frame_count"), (INFO, "frame_gap")},
          damage=unlink(52, 53)),
    Fault("one clip with more frames", "casme2", {(INFO, "frame_count")},
          damage=write(56, encode(image("more"), ".jpg"))),
    Fault("folder goes on after the offset", "mmew", {(INFO, "frame_count")},
          damage=write(10, encode(image("more"), ".jpg"))),
    Fault("onset frame missing", "casme_sq", {(INFO, "frame_missing"), (INFO, "frame_gap")},
          damage=unlink(2)),
    Fault("apex frame missing", "samm_lv", {(INFO, "frame_missing"), (INFO, "frame_gap")},
          damage=unlink(5)),
    Fault("gap away from the events", "casme_sq", {(INFO, "frame_gap")}, damage=unlink(14, 15)),
    Fault("gap in the frames of SMIC", "smic", {(INFO, "frame_gap"), (INFO, "frame_count")},
          damage=unlink(104)),
    Fault("number far beyond the others", "casme_sq", {(INFO, "frame_gap"), (INFO, "frame_unreadable")},
          damage=lambda c: (c.folder() / "img987654321.jpg").write_bytes(b"x" * 99)),
    # --- the tree
    Fault("folder without a frame", "casme_sq", {(EXCLUDED, "video_unusable"), (EXCLUDED, "video_missing")},
          damage=empty),
    Fault("empty clip of SMIC", "smic", {(EXCLUDED, "clip_empty"), (EXCLUDED, "video_unusable"),
                                         (INFO, "unannotated")}, damage=empty),
    Fault("annotated video without a folder", "casme_sq", {(EXCLUDED, "video_missing")},
          damage=lambda c: shutil.rmtree(c.folder())),
    Fault("folder without annotation", "casme_sq", {(INFO, "unannotated")},
          lambda c: c.folders.update({"rawpic/s29/29_0101disgustingteeth": range(1, 9)})),
    Fault("two files of one number", "casme_sq", {(EXCLUDED, "video_unusable"), (EXCLUDED, "video_missing")},
          damage=lambda c: (c.folder() / "img5.jpg").write_bytes(b"x")),
    Fault("a second folder of the same video", "samm_lv", {(EXCLUDED, "video_twice")}, damage=twin),
    Fault("video below another subject too", "casme_sq", {(EXCLUDED, "misplaced_video")}, damage=misplace),
    Fault("frame of no byte", "casme_sq", {(INFO, "frame_empty"), (INFO, "frame_unreadable")},
          damage=write(20, b"")),
    Fault("link to nothing in place of a frame", "samm_lv", {(INFO, "frame_gap"), (INFO, "frame_missing")},
          damage=dangle),
    Fault("folder named like a frame", "casme_sq", {(INFO, "frame_gap")}, damage=as_folder),
    Fault("hidden copies of frames", "casme_sq", set(),
          damage=lambda c: (c.folder() / "._img003.jpg").write_bytes(b"x")),
    # --- identity
    Fault("same video under two subjects", "casme_sq", {(INFO, "identity_leak"), (INFO, "near_copy")},
          damage=lambda c: copy_folder(c, 0, 2)),
    Fault("same video twice under one subject", "casme_sq", {(INFO, "same_video")},
          damage=lambda c: copy_folder(c, 0, 1)),
    Fault("recompressed video under two subjects", "casme_sq", {(INFO, "near_copy")},
          damage=lambda c: recompress(c, 0, 2)),
    # --- decoding
    Fault("apex frame cut off", "samm_lv", {(INFO, "frame_unreadable")},
          damage=lambda c: c.frame(5).write_bytes(c.frame(5).read_bytes()[:200])),
    Fault("last frame is text", "samm_lv", {(INFO, "frame_unreadable")}, damage=write(20, b"not an image")),
    Fault("onset frame of another size", "casme_sq", {(INFO, "frame_size")},
          damage=write(2, encode(image("s19", side=64), ".jpg"))),
]  # fmt: skip


@pytest.fixture
def corpus_of(tmp_path):
    def make(layout: str) -> Corpus:
        corpus = CORPORA[layout]()
        corpus.root = tmp_path / "corpus"
        corpus.root.mkdir()
        return corpus

    return make


def findings(corpus: Corpus) -> set[tuple[str, str]]:
    audit = corpus.read(deep=True).catalog.audit
    return set(zip(audit["severity"], audit["check"], strict=True))


#: What a clean copy of a layout tells: what was read.
CLEAN = {
    "casme_sq": {(INFO, "coding_file")},
    "samm_lv": {(INFO, "coding_file")},
    "casme2": {(INFO, "coding_file"), (INFO, "coding_version"), (INFO, "objective_class")},
    "samm": {(INFO, "coding_file"), (INFO, "coding_version")},
    "smic": {(INFO, "apex_missing")},
    "mmew": {(INFO, "coding_file")},
    "generic": {(INFO, "coding_file")},
}


@pytest.mark.parametrize("layout", CORPORA)
def test_a_clean_corpus_has_no_finding(layout, corpus_of):
    corpus = corpus_of(layout)
    corpus.write()
    assert findings(corpus) == CLEAN[layout]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name.replace(" ", "-") for fault in FAULTS])
def test_a_planted_fault_is_found_and_nothing_else(fault, corpus_of):
    corpus = corpus_of(fault.layout)
    fault.edit(corpus)
    corpus.write()
    fault.damage(corpus)
    assert findings(corpus) - CLEAN[fault.layout] == fault.found


def test_there_are_many_kinds():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert len({check for fault in FAULTS for _, check in fault.found}) >= 30


def test_every_check_is_documented():
    text = (Path(__file__).parents[2] / "docs/datasets.md").read_text(encoding="utf-8")
    assert {check for fault in FAULTS for _, check in fault.found if f"`{check}`" not in text} == set()


def test_nothing_is_written_outside_the_results(corpus_of, tmp_path):
    corpus = corpus_of("casme2")
    corpus.rows[1][1] = "../../../../planted"
    corpus.write()
    before = {path for path in tmp_path.rglob("*")}
    corpus.read(frames=False).catalog.write_items(tmp_path / "out/deep")
    assert {path for path in tmp_path.rglob("*")} - before == {
        tmp_path / "out",
        *(tmp_path / "out").rglob("*"),
    }
    assert not list(Path(tmp_path).glob("*planted*"))
