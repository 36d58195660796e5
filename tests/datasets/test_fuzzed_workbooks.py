"""Damaged, strange and hostile coding files end as one readable error or as audit rows, never as a crash."""

from __future__ import annotations

import random
import zipfile

import openpyxl
import pytest
from datasets.planted import CORPORA

from mezoo.datasets.workbook import frame, number, read_sheets
from mezoo.datasets.workbook_guard import check_archive, unstored_formulas
from mezoo.errors import ConfigError

WITH_SHEET = [name for name in CORPORA if name != "smic"]


@pytest.fixture
def corpus_of(tmp_path):
    def make(layout):
        corpus = CORPORA[layout]()
        corpus.root = tmp_path / "corpus"
        corpus.root.mkdir()
        return corpus

    return make


def one_line(error) -> str:
    text = str(error.value)
    assert "\n" not in text and "Expected" in text and "Traceback" not in text
    return text


def header_row(corpus) -> int:
    return next((i for i, row in enumerate(corpus.rows) if "Filename" in row or "video" in row), -1)


@pytest.mark.parametrize("layout", [name for name in WITH_SHEET if name != "casme_sq"])
def test_shuffled_columns_and_blank_rows_give_the_same_events(layout, corpus_of):
    corpus = corpus_of(layout)
    corpus.write()
    wanted = corpus.read(frames=False).catalog.events
    start = header_row(corpus)
    width = len(corpus.rows[start])
    order = random.Random(1).sample(range(width), width)
    notes, table = corpus.rows[:start], corpus.rows[start:]
    shuffled = [[row[i] for i in order] for row in table]
    corpus.sheets = {"s": [*notes, [None], shuffled[0], [None] * width, *shuffled[1:], [None] * width]}
    (corpus.root / corpus.workbook).unlink()
    corpus.folders = {}
    corpus.write()
    assert corpus.read(frames=False).catalog.events.equals(wanted)


@pytest.mark.parametrize("layout", [name for name in WITH_SHEET if name != "casme_sq"])
def test_each_missing_column_is_an_error_or_a_blank(layout, corpus_of):
    corpus = corpus_of(layout)
    start = header_row(corpus)
    columns = [i for i, name in enumerate(corpus.rows[start]) if name]
    texts = []
    for i in columns:
        fresh = CORPORA[layout]()
        fresh.root = corpus.root / str(i)
        fresh.root.mkdir()
        for row in fresh.rows[start:]:
            row[i] = None
        fresh.write()
        try:
            fresh.read(coding=fresh.root / fresh.workbook)
        except ConfigError as error:
            texts.append(str(error))
    assert texts and all("\n" not in text and "Expected" in text for text in texts)


@pytest.mark.parametrize("layout", WITH_SHEET)
@pytest.mark.parametrize("seed", range(4))
def test_wrong_types_in_any_cell_do_not_crash(layout, seed, corpus_of):
    corpus = corpus_of(layout)
    dice = random.Random(seed)
    odd = [
        None,
        "",
        "?",
        -1,
        0,
        1e300,
        3.7,
        "9" * 400,
        True,
        "#REF!",
        "../../x",
        "\u0663",
        "a\nb",
        "=1+",
        10**15,
    ]
    for row in corpus.rows[max(header_row(corpus), 0) + 1 :]:
        for i in range(len(row)):
            if dice.random() < 0.3:
                row[i] = dice.choice(odd)
    corpus.write()
    try:
        catalog = corpus.read().catalog
    except ConfigError as error:
        assert "\n" not in str(error)
        return
    catalog.write(corpus.root / "out")
    catalog.write_items(corpus.root / "out")
    assert {path.parent.name for path in corpus.root.rglob("*.csv")} <= {"out", "labels"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a workbook",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        b"\xff\xfe" + b"a\0" * 50,
        b"\0" * 999,
    ],
    ids=["empty", "text", "cut-zip", "cut-xls", "utf16", "zeros"],
)
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".csv"])
def test_files_that_are_no_workbook(content, suffix, corpus_of):
    corpus = corpus_of("casme_sq")
    corpus.write()
    (corpus.root / corpus.workbook).unlink()
    path = corpus.root / f"code{suffix}"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as given:
        corpus.read(coding=path)
    one_line(given)
    with pytest.raises(ConfigError) as searched:
        corpus.read()
    assert "no coding file" in one_line(searched)
    if suffix == ".xlsx":
        assert f"unreadable: {path.name}" in str(searched.value)


def test_a_workbook_cut_or_damaged_anywhere(corpus_of):
    corpus = corpus_of("casme_sq")
    corpus.write()
    path = corpus.root / corpus.workbook
    whole, dice = path.read_bytes(), random.Random(0)
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(6):
            damaged[dice.randrange(len(whole))] = dice.randrange(256)
        path.write_bytes(bytes(damaged[: dice.randrange(len(whole) // 2, len(whole) + 1)]))
        try:
            corpus.read(frames=False, coding=path)
        except ConfigError as error:
            assert "\n" not in str(error)


def test_formulas_without_stored_values_are_told(corpus_of):
    corpus = corpus_of("samm")
    corpus.rows[2][5] = "=D3+9"
    corpus.write()
    audit = corpus.read().catalog.audit
    row = audit[audit["check"] == "formula"].iloc[0]
    assert row["severity"] == "info" and "1 formulas" in row["found"] and "F3" in row["found"]
    assert unstored_formulas(corpus.root / corpus.workbook) == ["F3"]


def bomb(path, *, size):
    """An archive whose sheet unpacks to `size` zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as file:
            for _ in range(size // 2**20):
                file.write(b" " * 2**20)


class TestBombs:
    def test_an_archive_of_gigabytes(self, tmp_path):
        bomb(tmp_path / "bomb.xlsx", size=300 * 2**20)
        with pytest.raises(ConfigError, match="unpacks to more than 200 MB") as error:
            read_sheets(tmp_path / "bomb.xlsx")
        one_line(error)

    def test_an_archive_that_lies_about_its_size(self, tmp_path):
        path = tmp_path / "bomb.xlsx"
        bomb(path, size=8 * 2**20)
        data = path.read_bytes()
        size = (8 * 2**20).to_bytes(4, "little")
        path.write_bytes(data.replace(size, (100).to_bytes(4, "little")))
        with pytest.raises(ConfigError, match="damaged archive"):
            read_sheets(path)

    def test_two_cells_far_apart(self, tmp_path):
        book = openpyxl.Workbook()
        book.active["A1"] = book.active["XFD1048576"] = 1
        book.save(tmp_path / "far.xlsx")
        with pytest.raises(ConfigError, match="its cells span 1048576 rows and 16384 columns"):
            read_sheets(tmp_path / "far.xlsx")

    def test_a_csv_with_an_endless_field(self, tmp_path):
        (tmp_path / "long.csv").write_text('"' + "x" * 200_000)
        with pytest.raises(ConfigError, match="cannot be read"):
            read_sheets(tmp_path / "long.csv")

    def test_an_ordinary_workbook_passes(self, corpus_of):
        corpus = corpus_of("casme2")
        corpus.write()
        check_archive(corpus.root / corpus.workbook)
        assert unstored_formulas(corpus.root / corpus.workbook) == []


@pytest.mark.parametrize("cell", [1e300, float("inf"), 10**400, "9" * 400, 10**12, -(10**12)])
def test_numbers_that_are_no_frame(cell):
    assert frame(cell) == (None, False)
    assert number(cell) is None or abs(number(cell)) >= 10**12
