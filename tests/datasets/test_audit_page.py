"""The audit page: complete, offline, escaped, and the same bytes for the same catalog."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from datasets.planted import CORPORA, copy_folder
from datasets.protocols.catalogs import made_catalog

from mezoo.datasets.audit_page import protocol_counts
from mezoo.datasets.command import catalog_command
from mezoo.datasets.protocols import get
from mezoo.errors import DataError


class Page(HTMLParser):
    """Collects text, ids and addresses; void elements aside, every tag must be closed."""

    def __init__(self, text):
        super().__init__()
        self.words, self.ids, self.links, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values[key] for key in ("href", "src") if key in values]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def corpus(tmp_path):
    made = CORPORA["casme_sq"]()
    made.root = tmp_path / "corpus"
    made.root.mkdir()
    return made


def audit_page(corpus, tmp_path, **kwargs):
    catalog = catalog_command("casme_sq", corpus.root, out=tmp_path / "out", **kwargs)
    return catalog, Page((tmp_path / "out/audit.html").read_text(encoding="utf-8"))


def test_every_row_of_the_audit_is_there(corpus, tmp_path):
    corpus.rows[0][6] = "<script>alert(1)</script>"
    corpus.rows[2][4] = 99
    corpus.write()
    catalog, page = audit_page(corpus, tmp_path)
    assert page.open == [] and len(page.ids) == len(set(page.ids))
    for row in catalog.audit.itertuples():
        assert " ".join(row.found.split()) in page.text and row.check in page.text
    assert "script" not in (tmp_path / "out/audit.html").read_text().replace("&lt;script", "").replace(
        "&lt;/script", ""
    )
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "1 repair." in page.text and "differs from the published counts" in page.text


def test_same_catalog_same_bytes_and_cache(corpus, tmp_path):
    corpus.write()
    audit_page(corpus, tmp_path)
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(files) == {
        ".scan-cache", "audit.csv", "audit.html", "events.csv", "fingerprint.json", "videos.csv",
    }  # fmt: skip
    audit_page(corpus, tmp_path)
    changed = {p.name for p in (tmp_path / "out").iterdir() if p.read_bytes() != files[p.name]}
    assert changed <= {".scan-cache"}


def test_leaks_come_first_and_stop_the_strict_mode(corpus, tmp_path):
    corpus.write()
    copy_folder(corpus, 0, 2)
    with pytest.raises(DataError, match="1 repairs or leaks .*identity_leak"):
        audit_page(corpus, tmp_path, strict=True)
    page = Page((tmp_path / "out/audit.html").read_text(encoding="utf-8"))
    assert "One person under two subjects." in page.text
    assert (
        next(name for name in page.ids if "-" in name and not name.startswith("mezoo"))
        == "identity_leak-info"
    )


def test_synthetic_copies_are_not_held_against_papers(corpus, tmp_path):
    corpus.write()
    _, page = audit_page(corpus, tmp_path, name="demo_casme_sq")
    assert "no published count applies" in page.text and "megc2020_casme_sq" not in page.text


def test_measured_counts_stand_beside_the_published_ones():
    whole = get("casme2_5class").expected[1]
    found = protocol_counts("casme2", made_catalog("casme2", "emotion", whole.counts, whole.subjects))
    five = next(row for row in found if row["name"] == "casme2_5class")
    assert five["agrees"] == [whole.source]
    assert {row["name"]: row["measured"] for row in five["rows"]} == dict(whole.counts) | {
        "all": 249, "subjects": 26,
    }  # fmt: skip
    assert not any(row["differs"] for row in five["rows"])
    other = next(row for row in found if row["name"] == "megc2019_cde")
    assert other["agrees"] == [] and other["rows"][-2]["published"] == [145]
