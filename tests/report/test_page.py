import re
import shutil
import subprocess
from html.parser import HTMLParser

import cv2
import numpy as np
import pandas as pd
import pytest

from mezoo.learning.pooling import read_scores
from mezoo.report.clips import what_fits
from mezoo.report.figures import draw_all
from mezoo.report.page import write_report
from mezoo.report.strips import COLUMNS

RECIPES = ("auwgcn", "mdmo_peaks")


def write(world, out, figures=(), strips=()):
    catalog = world.root / "catalog"
    write_report(
        world.scores(),
        list(figures),
        [catalog / dataset / "audit.csv" for dataset in world.videos],
        [catalog / dataset / "usable.csv" for dataset in world.videos],
        [world.everybody(recipe) for recipe in RECIPES],
        strips=list(strips),
        tables=out.parent / "tables",
        out=out,
    )
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    figures = folder / "mdmo_peaks" / "demo_casme_sq"
    draw_all(
        world.folds("mdmo_peaks", "demo_casme_sq", "proposals.h5"),
        world.folds("mdmo_peaks", "demo_casme_sq", "model.h5"),
        world.labels("demo_casme_sq"),
        world.root / "predictions" / "mdmo_peaks" / "demo_casme_sq",
        figures,
    )
    out = folder / "report.html"
    return out, write(world, out, [figures], [made_strips(folder / "strips" / "demo_casme_sq")])


def made_strips(folder):
    """Two strips of one pixel each."""
    folder.mkdir(parents=True)
    rows = [["0.webp", "demo_casme_sq", "s01", "v", "e0", "micro", "happy", "12", ""]]
    rows.append(["1.webp", "demo_casme_sq", "s02", "v", "e1", "macro", "sad", "", "no <face>"])
    (folder / "strips.csv").write_text("\n".join(map(",".join, [COLUMNS, *rows])) + "\n")
    for name in ("0.webp", "1.webp"):
        content = cv2.imencode(".webp", np.zeros((1, 1, 3), np.uint8))[1]
        (folder / name).write_bytes(content.tobytes())
    return folder


class Elements(HTMLParser):
    """Collects tags with their attributes, and checks that they are closed in order."""

    VOID = {"meta", "img", "br"}  # and inputs, which are written as <input ... />

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def cells(text):
    """Rows of all tables as lists of their cells' words."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, flags=re.S)
    strip = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.S)]
        for row in rows
    ]
    return [row for row in strip if row]


def test_is_well_formed_and_asks_nobody(page):
    _, text = page
    elements = Elements(text)
    assert not elements.open
    for tag, attrs in elements.found:
        assert tag not in ("script", "link", "iframe", "object", "video", "audio", "base")
        for name in ("src", "srcset", "poster", "data", "action", "background"):
            assert attrs.get(name, "data:").startswith("data:")
        if "href" in attrs:
            assert tag == "a"
    assert not re.search(r"url\(|@import|@font-face", text)


def test_contents_lead_to_sections(page):
    _, text = page
    elements = Elements(text)
    targets = {attrs["href"][1:] for _, attrs in elements.found if attrs.get("href", "").startswith("#")}
    assert targets <= {attrs.get("id") for _, attrs in elements.found}
    assert {
        "headline",
        "scores",
        "corpora",
        "clips",
        "figures",
        "models",
        "methods",
        "limits",
        "software",
    } <= targets


def test_shows_the_numbers_of_the_score_files(page, world):
    _, text = page
    rows = cells(text)
    scores = read_scores(world.scores())
    pooled = scores[scores["subject"] == "ALL"]
    whole = pooled[pooled["type"] == "all"]
    for row in whole.itertuples():
        same = pooled[
            (pooled["dataset"] == row.dataset)
            & (pooled["recipe"] == row.recipe)
            & (pooled["selection"] == row.selection)
        ].set_index("type")["f1"]
        label = row.selection + " test-selected, for comparison only" * (
            row.selection in ("oracle", "chance")
        )
        wanted = [row.recipe, label, *(shown(same[kind]) for kind in ("micro", "macro", "all"))]
        wanted += [f"[{row.lower:.3f}, {row.upper:.3f}]", "", shown(row.precision), shown(row.recall)]
        assert [*wanted, f"{row.n_used} of {row.n_expected}"] in rows


def shown(value):
    return "–" if pd.isna(value) else f"{value:.3f}"


def test_says_demo_excluded_and_audit(page):
    _, text = page
    assert "All results on this page are on synthetic faces" in text
    assert "no face in frames 1-10 &lt;best HOG score -0.31&gt;" in text, "told, and escaped"
    assert ["offset_missing", "", "2", ""] in cells(text) and ["frame_gap", "", "", "1"] in cells(text)
    assert ["s01_2", "e1", "repaired", "offset_missing", "offset 0", "a frame", "apex taken"] in cells(text)
    assert "Published numbers" not in text
    assert "No inference about deception" in text


def test_holds_every_figure(page):
    _, text = page
    images = [attrs for tag, attrs in Elements(text).found if tag == "img"]
    assert all(attrs["alt"] for attrs in images)
    forms = [attrs["src"].split(";base64,")[0] for attrs in images]
    assert forms.count("data:image/png") == 7 + 1 and forms.count("data:image/webp") == 2
    assert "no &lt;face&gt;" in text and "The faces on this page are synthetic" in text


def test_without_strips_it_shows_no_face(world, tmp_path):
    text = write(world, tmp_path / "report.html")
    assert "and no face." in text and 'id="clips"' not in text and "#clips" not in text


def test_timelines_that_do_not_fit_are_left_out_and_counted(page, world, monkeypatch):
    out, whole = page
    monkeypatch.setattr(what_fits, "__defaults__", (60_000,))
    text = write(world, out.parent / "small" / "report.html", [out.parent / "mdmo_peaks" / "demo_casme_sq"])
    n = text.count('alt="Timeline of')
    assert 1 <= n < whole.count('alt="Timeline of') == 7
    assert f"timelines of {n} videos ({7 - n} left out" in text


def test_tells_what_the_models_were_trained_on(page):
    _, text = page
    row = next(row for row in cells(text) if row[0] == "auwgcn" and "demo_casme_sq, demo_samm_lv" in row)
    assert row[2:4] == ["8", "14"]


def test_same_inputs_same_bytes(page, world, tmp_path):
    first, second = write(world, tmp_path / "a.html"), write(world, tmp_path / "b.html")
    assert first == second


def test_real_corpora_come_with_papers_and_without_banner(world, tmp_path):
    scores = []
    for path in world.scores():
        scores.append(tmp_path / path.name)
        scores[-1].write_text(path.read_text().replace("demo_", ""))
    write_report(scores, [], [], [], [], tables=tmp_path, out=tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "DEMO" not in text and "synthetic" not in text
    assert ["AUW-GCN (2023)", "0.198", "0.429", "0.373"] in [row[:4] for row in cells(text)]
    assert "implausible" in text


def test_chromium_opens_it(page, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium on this machine")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    options += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([browser, *options, page[0].as_uri()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and 'id="references"' in done.stdout
    assert "Content Security Policy" not in done.stderr
