import re

import numpy as np
import pytest
from chromium import Chromium

from mezoo.report.own.page import Page, write_page
from mezoo.report.own.pictures import Picture
from mezoo.report.timeline import Timeline
from mezoo.video import write_mp4

RATE, N = 25.0, 100
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def interval(kind, begin, peak, end):
    frames = {"onset": begin + 1, "apex": peak + 1, "offset": end + 1}
    seconds = {f"{name}_s": (frame - 1) / RATE for name, frame in frames.items()}
    return {"type": kind, **frames, **seconds, "score": 0.5, "begin": begin, "peak": peak, "end": end}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A film of four seconds with two intervals and a covered stretch."""
    folder = tmp_path_factory.mktemp("page")
    with write_mp4(folder / "annotated.mp4", fps=RATE, size=(96, 128)) as append:
        for k in range(N):
            append(np.full((96, 128), 2 * k, np.uint8))
    curve = np.abs(np.sin(np.arange(N - 1) / 9)).astype(np.float32)
    timeline = Timeline(
        "<film>",
        np.arange(1, N),
        RATE,
        {"micro motion": curve, "macro motion": 0.5 * curve},
        "motion (px/pair)",
        {"micro": np.array([[11, 21]]), "macro": np.array([[51, 81]])},
        invalid=np.arange(N - 1) > 89,
    )
    rows = [interval("micro", 10, 15, 20), interval("macro", 50, 65, 80)]
    reasons = {"face lost": np.zeros(N, bool), "face covered": np.arange(N) > 89}
    cells = [[Picture(name, PIXEL) for name in ("onset", "apex", "offset", "flow in colours")], []]
    speed = [("optical flow", 0.75, 40.0), ("in all", 1.0, 30.0)]
    notes = ["Nothing was trained.", "It tells nothing about <deception>."]
    write_page(
        folder / "index.html",
        Page("a <b>.mp4", timeline, RATE, reasons, rows, cells, {"micro": 0.6, "macro": 0.3}, notes, speed),
    )
    return folder / "index.html"


def test_says_what_it_rests_on(page):
    text = page.read_text(encoding="utf-8")
    assert "a &lt;b&gt;.mp4" in text and "about &lt;deception&gt;" in text
    assert "face covered, 3.60 to 4.00 s" in text and "0.40 – 0.80 s" in text
    assert re.search(r"optical flow</td><td class=\"n\">75%</td><td class=\"n\">40.0", text)
    assert not re.search(r"https?://", text)
    lines = re.findall(r"polyline points=\"([^\"]+)\"", text)
    assert max(float(point.split(",")[0]) for line in lines for point in line.split()) < 1000 * 90 / N


def show(browser, width):
    """Give the window a width."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.call("Emulation.setDeviceMetricsOverride", **size)


def place(browser, selector):
    """Left, top, width and height of an element on the screen."""
    script = f"document.querySelector(`{selector}`).getBoundingClientRect()"
    return browser.value(f"(r => [r.left, r.top, r.width, r.height])({script})")


def test_in_chromium(page, tmp_path):
    with Chromium(tmp_path / "profile") as browser:
        show(browser, 1300)  # wide enough for the curves to stand beside the film, where a click reaches them
        browser.call("Page.navigate", url=page.as_uri())
        browser.wait("document.readyState === 'complete' && document.getElementById('film').readyState >= 3")
        assert browser.value("film.duration") == pytest.approx(N / RATE, abs=0.05)

        # a click on the curve, at three quarters
        box = place(browser, ".plot svg")
        browser.click(box[0] + 0.75 * box[2], box[1] + 0.3 * box[3])
        assert browser.value("film.currentTime") == pytest.approx(3.0, abs=2 / RATE)
        browser.wait("!film.seeking")
        left = browser.value("parseFloat(document.querySelector('.cursor').style.left)")
        assert left == pytest.approx(75, abs=2)
        assert browser.value("[...document.querySelectorAll('article.on')].map(e => e.dataset.id)") == ["1"]

        # a click on the bar of an interval, then on the row of the other one
        left, top, width, height = place(browser, ".bar[data-id='0']")
        browser.click(left + width / 2, top + height / 2)
        assert browser.value("film.currentTime") == pytest.approx(10.5 / RATE, abs=1e-3)
        browser.value(
            "document.querySelector('article[data-id=\"1\"]').scrollIntoView({behavior: 'instant'})"
        )
        left, top, _, _ = place(browser, "article[data-id='1']")
        browser.click(left + 30, top + 25)
        assert browser.value("film.currentTime") == pytest.approx(50.5 / RATE, abs=1e-3)

        # it plays, and the cursor follows
        before = browser.value("parseFloat(document.querySelector('.cursor').style.left)")
        browser.value("film.play()")
        browser.wait(
            f"film.currentTime > 2.3 && parseFloat(document.querySelector('.cursor').style.left) > {before + 3}"
        )

        for width in (400, 1300):
            show(browser, width)
            assert browser.value("document.documentElement.scrollWidth") <= width
        asked = [
            e["params"]["request"]["url"]
            for e in browser.events
            if e["method"] == "Network.requestWillBeSent"
        ]
        assert any(url.endswith("annotated.mp4") for url in asked)
        assert all(url.startswith(("file:", "data:")) for url in asked)
        assert not [e for e in browser.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
