"""The page of one's own video: film, curves and intervals in step with each other; opens offline.

A single HTML file beside ``annotated.mp4``. It asks no other computer for anything, and only its own script
runs (by its digest in the page's policy).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from mezoo.atomic import write_text
from mezoo.evaluation.spotting import TYPES
from mezoo.html import environment
from mezoo.report.own.pictures import Picture
from mezoo.report.style import CURVE_COLOURS, KIND_COLOURS
from mezoo.report.timeline import Timeline, score_text

#: Units of a panel's drawing: width of the whole video, height of the curves, and of the bars below them.
_WIDTH, _HEIGHT, _BAR = 1000.0, 100.0, 14.0
#: Steps of the time axis in seconds, the smallest that gives at most `_TICKS` marks is taken.
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)
_TICKS = 8
#: Points of a curve; longer ones are thinned out.
_MOST_POINTS = 4000


@dataclass(frozen=True, eq=False)
class Page:
    """What is shown.

    Attributes
    ----------
    title : str
    timeline : Timeline
        Curves; times are those of the film.
    rate : float
        Frames of the film per second.
    reasons : mapping of str to ndarray, bool, shape (T,)
        Why frames of the film are no use.
    rows : sequence of dict
        Intervals.
    pictures : sequence of list of Picture
        Of each interval; may be empty.
    levels : mapping of str to float
        Threshold per type, where there is one.
    notes : sequence of str
        Limits, one paragraph each.
    speed : sequence of (str, float, float)
        Step, share of the time, frames per second; the whole last.
    """

    title: str
    timeline: Timeline
    rate: float
    reasons: Mapping[str, NDArray[np.bool_]]
    rows: Sequence[dict]
    pictures: Sequence[list[Picture]]
    levels: Mapping[str, float]
    notes: Sequence[str]
    speed: Sequence[tuple[str, float, float]]

    @property
    def duration(self) -> float:
        """Seconds of the film."""
        return len(next(iter(self.reasons.values()))) / self.rate


def write_page(out: Path, page: Page) -> None:
    """Write the page."""
    script = files("mezoo.report.own").joinpath("page.js.j2").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = {
        "duration": page.duration,
        "rate": page.rate,
        "intervals": [[row["begin"] / page.rate, (row["end"] + 1) / page.rate] for row in page.rows],
    }
    html = environment("mezoo.report.own").get_template("page.html.j2")
    write_text(
        out,
        html.render(
            title=page.title,
            digest=digest,
            script=Markup(script),  # noqa: S704 - our own file
            data=Markup(json.dumps(data).replace("<", "\\u003c")),  # noqa: S704
            panels=[_panel(page, kind) for kind in TYPES],
            ticks=_ticks(page.duration),
            width=_WIDTH,
            height=_HEIGHT,
            bar=_BAR,
            shaded=_shaded(page),
            rows=[_row(page, i) for i in range(len(page.rows))],
            counts=", ".join(f"{sum(row['type'] == kind for row in page.rows)} {kind}" for kind in TYPES),
            notes=page.notes,
            speed=[(name, f"{share:.0%}", f"{fps:.1f}") for name, share, fps in page.speed],
            colours=KIND_COLOURS,
            duration=f"{page.duration:.1f}",
        ),
    )


def _panel(page: Page, kind: str) -> dict:
    """Curves, threshold and bars of one type in the units of the drawing."""
    timeline = page.timeline
    own = {name: values for name, values in timeline.curves.items() if name.startswith(f"{kind} ")}
    top = (
        1.0
        if timeline.unit == "probability"
        else max([float(curve.max()) for curve in own.values()] + [1e-9])
    )
    curves = [
        {
            "name": name.split(" ", 1)[1],
            "colour": KIND_COLOURS[kind]
            if len(own) == 1
            else CURVE_COLOURS.get(name.split(" ", 1)[1], "#444"),
            "lines": _lines(timeline.time / page.duration * _WIDTH, values / top, timeline.invalid),
        }
        for name, values in own.items()
    ]
    bars = [
        {
            "id": i,
            "x": round(row["begin"] / page.rate / page.duration * _WIDTH, 2),
            "width": round((row["end"] + 1 - row["begin"]) / page.rate / page.duration * _WIDTH, 2),
        }
        for i, row in enumerate(page.rows)
        if row["type"] == kind
    ]
    level = page.levels.get(kind)
    return {
        "kind": kind,
        "colour": KIND_COLOURS[kind],
        "curves": curves,
        "bars": bars,
        "level": None if level is None else round(_HEIGHT * (1 - level / top), 2),
        "top": f"{top:.3g}",
        "unit": timeline.unit.removeprefix("motion (").removesuffix(")"),
    }


def _lines(x: NDArray[np.floating], y: NDArray[np.floating], invalid: NDArray[np.bool_]) -> list[str]:
    """Points of the lines, one per run of valid frames; see `_points`."""
    shown = ~invalid if len(invalid) else np.ones(len(x), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shown.astype(np.int8), [0]]))).reshape(-1, 2)
    piece = -(-len(x) // _MOST_POINTS)
    return [_points(x[begin:end], y[begin:end], piece) for begin, end in edges]


def _points(x: NDArray[np.floating], y: NDArray[np.floating], piece: int) -> str:
    """Points of a line; of very long videos the largest value of each piece, so that no peak is lost."""
    starts = np.arange(0, len(x), piece)
    tops = np.maximum.reduceat(np.nan_to_num(y), starts)
    return " ".join(f"{a:.1f},{_HEIGHT * (1 - b):.1f}" for a, b in zip(x[starts], tops, strict=True))


def _shaded(page: Page) -> list[dict]:
    """Give runs of frames that are no use, with the reason."""
    found = []
    for why, bad in page.reasons.items():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], bad.astype(np.int8), [0]]))).reshape(-1, 2)
        for begin, end in (edges / page.rate).tolist():
            words = f"{why}, {begin:.2f} to {end:.2f} s"
            x, wide = (round(time / page.duration * _WIDTH, 2) for time in (begin, end - begin))
            found.append({"x": x, "width": wide, "words": words, "why": why})
    return found


def _ticks(duration: float) -> list[dict]:
    step = next((s for s in _STEPS if duration / s <= _TICKS), _STEPS[-1])
    marks = np.arange(0, duration * 0.97, step)
    return [{"left": f"{100 * mark / duration:.3f}", "words": f"{mark:g} s"} for mark in marks.round(3)]


def _row(page: Page, i: int) -> dict:
    row = page.rows[i]
    return {
        "id": i,
        "kind": row["type"],
        "span": f"{row['onset_s']:.2f} – {row['offset_s']:.2f} s",
        "apex": f"{row['apex_s']:.2f} s",
        "frames": f"{row['onset']}–{row['offset']}",
        "score": score_text(row["score"]),
        "pictures": page.pictures[i],
    }
