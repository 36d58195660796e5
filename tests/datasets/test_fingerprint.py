"""The fingerprint is that of the content: place, names of copies, order and times do not matter."""

from __future__ import annotations

import json
import os

import pytest
from datasets.planted import CORPORA

from mezoo.datasets.fingerprint import fingerprint


@pytest.fixture
def make(tmp_path):
    def written(place="a", layout="samm_lv", edit=None):
        corpus = CORPORA[layout]()
        corpus.root = tmp_path / place
        corpus.root.mkdir(parents=True)
        if edit is not None:
            edit(corpus)
        corpus.write()
        return corpus

    return written


def mark(corpus, **kwargs):
    found = corpus.read(**kwargs)
    return fingerprint(corpus.layout, found.catalog, found.scans)


def test_place_time_order_and_key_do_not_matter(make, tmp_path):
    def reorder(corpus):
        corpus.folders = dict(reversed(corpus.folders.items()))
        start = corpus.rows.index(next(row for row in corpus.rows if "Filename" in row)) + 1
        corpus.rows[start:] = reversed(corpus.rows[start:])

    first, other = make("a"), make("b/c/Copy of SAMM", edit=reorder)
    for path in other.root.rglob("*"):
        os.utime(path, (1, 1))
    (other.folder() / "Thumbs.db").write_bytes(b"x")
    assert mark(first) == mark(other, dataset="mine", cache=tmp_path / "cache") == mark(other, deep=True)


@pytest.mark.parametrize(
    ("part", "edit"),
    [
        ("intervals", lambda c: c.rows[2].__setitem__(4, 6)),
        ("labels", lambda c: c.rows[2].__setitem__(8, "12")),
        ("videos", lambda c: c.folders.update({"SAMM_longvideos/037_5": range(1, 21)})),
        ("frames", lambda c: c.folders.update({"SAMM_longvideos/037_4": range(1, 23)})),
        ("sizes", lambda c: setattr(c, "names", "{folder}_{:04d}.png")),
    ],
)
def test_each_part_tells_its_change(make, part, edit):
    one, other = mark(make("a")), mark(make("b", edit=edit))
    assert one.parts[part] != other.parts[part] and one.fingerprint != other.fingerprint
    if part in ("intervals", "labels", "sizes"):
        assert {p for p in one.parts if one.parts[p] != other.parts[p]} == {part}


def test_without_frames(make):
    corpus = make()
    whole, tables = mark(corpus), mark(corpus, frames=False)
    assert tables.parts["frames"] is tables.parts["sizes"] is None
    assert tables.parts["intervals"] == whole.parts["intervals"]
    assert tables.fingerprint != whole.fingerprint


def test_the_file_holds_hashes_and_counts_only(make, tmp_path):
    corpus = make("secret_place")
    mark(corpus).write(tmp_path)
    text = (tmp_path / "fingerprint.json").read_text()
    kept = json.loads(text)
    assert kept["counts"] == {
        "subjects": 2, "videos": 2, "frames": 40, "lowest_frame": 1, "highest_frame": 20,
        "bytes": sum(p.stat().st_size for p in corpus.root.rglob("*.jpg")), "events": 3, "micro": 2, "macro": 1,
    }  # fmt: skip
    assert "secret_place" not in text and "006_1" not in text
    assert len(kept["fingerprint"]) == 16 and all(len(part) == 8 for part in kept["parts"].values())
