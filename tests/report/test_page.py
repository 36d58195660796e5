import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pandas as pd
import pytest
from chromium import Chromium

from mezoo.learning.pooling import read_scores
from mezoo.report.clips import what_fits
from mezoo.report.figures import draw_all
from mezoo.report.page import write_report
from mezoo.report.report_files import RecognitionFiles, RunFiles, SpottingFiles
from mezoo.report.strips import COLUMNS

RECIPES = ("auwgcn", "mdmo_peaks")
NOTHING = RecognitionFiles()
EXPERIMENT = "demo_megc2019_cde-8fold"
SETTINGS = {"flow": {"backend": "native", "scales": 5}, "seeds": [0]}


def write(world, out, figures=(), strips=(), recognition=NOTHING, benchmarks=None):
    catalog = world.root / "catalog"
    write_report(
        out,
        spotting=SpottingFiles(
            world.scores(),
            list(figures),
            [catalog / dataset / "usable.csv" for dataset in world.videos],
            [world.everybody(recipe) for recipe in RECIPES],
            list(strips),
        ),
        recognition=recognition,
        run=RunFiles([catalog / dataset / "audit.csv" for dataset in world.videos], SETTINGS, benchmarks),
        folder=out.parent,
    )
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(world, recognised, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    figures = folder / "mdmo_peaks" / "demo_casme_sq"
    draw_all(
        world.folds("mdmo_peaks", "demo_casme_sq", "proposals.h5"),
        world.folds("mdmo_peaks", "demo_casme_sq", "model.h5"),
        world.labels("demo_casme_sq"),
        world.root / "predictions" / "mdmo_peaks" / "demo_casme_sq",
        figures,
    )
    strips = [made_strips(folder / "strips" / "demo_casme_sq")]
    measured = folder / "benchmarks" / "faces" / "demo_casme_sq" / "s01_1.tsv"
    measured.parent.mkdir(parents=True)
    measured.write_text("s\th:m:s\tmax_rss\tcpu_time\n75.2\t0:01:15\t411.6\t70.0\n")
    out = folder / "report.html"
    return out, write(world, out, [figures], strips, recognised, folder / "benchmarks")


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
        "run",
        "scores",
        "recognition",
        "recognition-clips",
        "timings",
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
    assert forms.count("data:image/png") == 7 + 1 + 2 * 2 + 1, (
        "and two of each recogniser, one of them trained"
    )
    assert forms.count("data:image/webp") == 2
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
    assert row[2:4] == ["8", "14 videos"]
    row = next(
        row for row in cells(text) if row[0] == "ststnet" and EXPERIMENT in row[1] and "35 clips" in row
    )
    assert row[2] == "5" and "1,717" in row


def test_shows_recognition_under_every_rule(page, recognised):
    _, text = page
    scores = read_scores(recognised.scores)
    whole = scores[(scores["subject"] == "ALL") & (scores["class"] == "all")]
    assert set(whole["dataset"]) == {"pooled", "demo_casme2", "demo_samm", "demo_smic"}
    for row in whole.itertuples():
        label = row.selection + " test-selected, for comparison only" * (
            row.selection in ("oracle", "chance")
        )
        wanted = [row.recipe, label, shown(row.uf1), f"[{row.lower:.3f}, {row.upper:.3f}]", ""]
        assert [*wanted, shown(row.uar), shown(row.accuracy), f"{row.n_used} of {row.n_expected}"] in cells(
            text
        )
    assert ["demo_smic", "lost &lt;1&gt;", "all", "see mezoo status"] in cells(text)
    assert any(row[:2] == [EXPERIMENT, "ststnet − biwoof_svm"] for row in cells(text))


def test_says_what_was_run_and_how_long_it_took(page):
    _, text = page
    row = ["auwgcn", "spotting", "AUW-GCN", "loso", "demo_casme_sq (4), demo_samm_lv (4)", "2", "0"]
    assert row in cells(text)
    assert ["faces", "1", "1 min 15 s", "1 min 10 s", "1 min 15 s", "412 MB"] in cells(text)
    assert "backend: native" in text


def test_writes_tables_cards_and_methods_beside_it(page):
    out, _ = page
    found = {path.relative_to(out.parent).as_posix() for path in out.parent.rglob("*") if path.is_file()}
    tables = {
        f"tables/report/{task}.{form}"
        for task in ("spotting", "recognition")
        for form in ("csv", "md", "tex")
    }
    assert tables <= found
    assert {f"cards/{name}.md" for name in (*RECIPES, "ststnet", "biwoof_svm")} <= found
    assert {"methods/methods.md", "methods/methods.tex", "methods/references.bib"} <= found


def test_recognition_alone(recognised, tmp_path):
    out = tmp_path / "report.html"
    write_report(out, spotting=SpottingFiles(), recognition=recognised, run=RunFiles(), folder=tmp_path)
    text = out.read_text(encoding="utf-8")
    assert "<h1>Recognising micro-expressions</h1>" in text and 'id="scores"' not in text
    targets = {
        attrs["href"][1:] for _, attrs in Elements(text).found if attrs.get("href", "").startswith("#")
    }
    assert targets <= {attrs.get("id") for _, attrs in Elements(text).found}


def test_same_inputs_same_bytes(world, tmp_path):
    first, second = write(world, tmp_path / "a.html"), write(world, tmp_path / "b.html")
    assert first == second


def test_real_corpora_come_with_papers_and_without_banner(world, tmp_path):
    scores = []
    for path in world.scores():
        scores.append(tmp_path / path.name)
        scores[-1].write_text(path.read_text().replace("demo_", ""))
    out = tmp_path / "report.html"
    write_report(out, spotting=SpottingFiles(scores), recognition=NOTHING, run=RunFiles(), folder=tmp_path)
    text = out.read_text()
    assert "DEMO" not in text and "synthetic" not in text
    assert ["AUW-GCN (2023)", "0.198", "0.429", "0.373"] in [row[:4] for row in cells(text)]
    assert "implausible" in text


@pytest.mark.parametrize("width", [400, 1300])
def test_chromium_shows_it_without_asking_anybody(page, tmp_path, width):
    out, text = page
    with Chromium(tmp_path / "profile") as browser:
        browser.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        browser.call("Page.navigate", url=out.as_uri())
        browser.wait("document.readyState == 'complete' && !!document.getElementById('references')")
        assert browser.value("document.documentElement.scrollWidth") <= width, "tables scroll by themselves"
        browser.value("document.querySelectorAll('details').forEach(part => part.open = true)")
        browser.value("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        browser.wait("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        assert browser.value("document.images.length") == text.count("<img ")
        assert browser.value("document.documentElement.scrollWidth") <= width
        asked = [
            e["params"]["request"]["url"]
            for e in browser.events
            if e["method"] == "Network.requestWillBeSent"
        ]
        assert asked[0] == out.as_uri() and all(url.startswith("data:") for url in asked[1:])
        assert not [e for e in browser.events if e["method"] == "Log.entryAdded"], "the policy is kept"
