"""The timeline of one video: curves of a spotter over time, annotations above, what was found below.

A panel with the motion of the face follows where it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from mezoo.evaluation.spotting import TYPES, match
from mezoo.report.motion_curve import Motion, draw_motion, shades
from mezoo.report.style import CURVE_COLOURS, FALSE, GRID, HIT, KIND_COLOURS, TRUTH, new_figure, png_bytes

#: Share of a panel's height for the bars above and below the curves, and the gap to the curves.
_BAND, _GAP = 0.13, 0.05
#: Height of a bar that has the band for itself, and of bars that overlap in time.
_TALL, _LOW = 0.08, 0.055
#: Size of a figure in hundred px, and what a panel with the motion adds to its height.
_WIDTH, _HEIGHT, _MOTION = 10.0, 4.5, 1.5


@dataclass(frozen=True, eq=False)
class Timeline:
    """What is drawn for one video.

    Attributes
    ----------
    title : str
    frames : ndarray, int, shape (T,)
        Frame numbers at which the curves are known, ascending.
    fps : float
        Frames of that numbering per second.
    curves : mapping of str to ndarray, shape (T,)
        Named ``<type> <what>``, e.g. ``micro apex``; see `mezoo.learning.spotter.Spotter.curves`.
    unit : str
        Of the curves; the word ``probability`` fixes the axis to 0..1.
    found : mapping of str to ndarray, int, shape (n, 2)
        Type -> inclusive intervals in frame numbers.
    truth : mapping of str to ndarray, int, shape (m, 2), optional
        Annotations; without them nothing is called a hit or a miss.
    invalid : ndarray, bool, shape (T,), optional
        Where the face was lost.
    motion : Motion, optional
        How much the face moves; needs `truth`.
    """

    title: str
    frames: NDArray[np.integer]
    fps: float
    curves: Mapping[str, NDArray]
    unit: str
    found: Mapping[str, NDArray[np.int64]]
    truth: Mapping[str, NDArray[np.int64]] | None = None
    invalid: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    motion: Motion | None = None

    @property
    def time(self) -> NDArray[np.float64]:
        """Seconds since the first frame at which the curves are known, shape (T,)."""
        return (self.frames - self.frames[0]) / self.fps

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return self.seconds(int(self.frames[-1]) + 1)

    def seconds(self, frame: int) -> float:
        """Time at which a frame begins, since the first one."""
        return (frame - int(self.frames[0])) / self.fps


def score_text(score: float) -> str:
    """Two decimals of a score; products of probabilities may be far too small for them."""
    return f"{score:.2f}" if score >= 0.005 else "< 0.01"


class TimelinePlot:
    """Draws timelines one after another on the same figure, which is faster than a new one for each.

    Parameters
    ----------
    motion : bool
        Whether they have a panel with the motion of the face.
    """

    def __init__(self, *, motion: bool = False) -> None:
        height = _HEIGHT + motion * _MOTION
        self._figure: Figure = new_figure(_WIDTH, height)
        ratios = [1.0, 1.0, 0.75] if motion else [1.0, 1.0]
        self._axes = self._figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios)
        room = {"top": 1 - 0.145 * _HEIGHT / height, "bottom": 0.17 * _HEIGHT / height}
        self._figure.subplots_adjust(left=0.085, right=0.985, hspace=0.22, **room)

    def draw(self, timeline: Timeline) -> bytes:
        """Draw one video and return the PNG."""
        for axes in self._axes:
            axes.clear()
        for axes, kind in zip(self._axes, TYPES, strict=False):
            _panel(axes, timeline, kind)
        if timeline.motion is not None and timeline.truth is not None:
            draw_motion(self._axes[2], timeline.motion, timeline.truth, timeline.seconds)
            self._axes[2].legend(handles=shades(), loc="upper right", ncol=2, bbox_to_anchor=(1.0, 1.24))
        for axes in self._axes:
            axes.tick_params(axis="x", labelbottom=axes is self._axes[-1])
        self._axes[-1].set_xlabel("time (s)")
        top = self._axes[0].secondary_xaxis(
            "top",
            functions=(
                lambda s: s * timeline.fps + timeline.frames[0],
                lambda n: (n - timeline.frames[0]) / timeline.fps,
            ),
        )
        top.set_xlabel("frame number", labelpad=4, loc="right")
        title = self._figure.text(0.012, 0.972, timeline.title, size=10.5, weight="bold", va="top")
        legend = self._legend(timeline)
        try:
            return png_bytes(self._figure)
        finally:
            for artist in (top, title, legend):
                artist.remove()

    def _legend(self, timeline: Timeline):
        names = list(dict.fromkeys(name.split(" ", 1)[1] for name in timeline.curves))
        handles: list[Line2D | Patch] = [
            Line2D([], [], color=CURVE_COLOURS.get(name, TRUTH), label=name) for name in names
        ]
        if timeline.truth is None:
            handles += [
                Patch(facecolor=KIND_COLOURS[kind], label=f"{kind}-expression found") for kind in TYPES
            ]
        else:
            handles += [
                Patch(facecolor=TRUTH, label="annotated, found"),
                Patch(facecolor="white", edgecolor=TRUTH, label="annotated, missed"),
                Patch(facecolor=HIT, label="found, hit"),
                Patch(facecolor="white", edgecolor=FALSE, hatch="/////", label="found, no match"),
            ]
        if timeline.invalid.any():
            handles.append(Patch(facecolor=GRID, label="face lost"))
        return self._figure.legend(handles=handles, loc="lower center", ncol=len(handles), columnspacing=1.6)


def _panel(axes: Axes, timeline: Timeline, kind: str) -> None:
    time = timeline.time
    own = {name: curve for name, curve in timeline.curves.items() if name.startswith(f"{kind} ")}
    low, high = _limits(own, timeline.unit)
    for name, curve in own.items():
        what = name.split(" ", 1)[1]
        apex = what in ("apex", "motion")
        axes.plot(
            time,
            curve,
            color=CURVE_COLOURS.get(what, TRUTH),
            lw=1.2 if apex else 0.9,
            zorder=3 if apex else 2,
        )
    height = (high - low) / (1 - 2 * (_BAND + _GAP))
    axes.set_ylim(low - (_BAND + _GAP) * height, high + (_BAND + _GAP) * height)
    axes.set_xlim(0, timeline.duration)
    axes.set_yticks([low, (low + high) / 2, high])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_ylabel(f"{kind}\n{timeline.unit}", color=KIND_COLOURS[kind])
    axes.tick_params(length=2.5)
    _lost_face(axes, timeline)
    _bars(axes, timeline, kind)


def _limits(curves: Mapping[str, NDArray], unit: str) -> tuple[float, float]:
    if unit == "probability" or not curves:
        return 0.0, 1.0
    top = max((float(np.nanmax(curve)) for curve in curves.values() if len(curve)), default=1.0)
    return 0.0, float(MaxNLocator(2).tick_values(0, top)[-1]) if top > 0 else 1.0


def _lost_face(axes: Axes, timeline: Timeline) -> None:
    """Shade runs of frames without a usable face."""
    if not timeline.invalid.any():
        return
    edges = np.flatnonzero(np.diff(np.r_[0, timeline.invalid.astype(np.int8), 0]))
    ends = np.r_[timeline.frames, timeline.frames[-1] + 1]
    for start, stop in edges.reshape(-1, 2):
        axes.axvspan(timeline.seconds(ends[start]), timeline.seconds(ends[stop]), color=GRID, lw=0, zorder=0)


def _bars(axes: Axes, timeline: Timeline, kind: str) -> None:
    """Annotations in the upper band, what was found in the lower one; the filled ones match."""
    found = timeline.found[kind]
    if timeline.truth is None:
        style = {"facecolor": KIND_COLOURS[kind], "edgecolor": "white", "lw": 0.4}
        _lane_bars(axes, timeline, found, [style] * len(found), base=0.0)
        _band_label(axes, 0.0, "found")
        return
    truth = timeline.truth[kind]
    pairs = match(truth, found)
    is_found, is_hit = (
        np.isin(np.arange(len(truth)), pairs[:, 0]),
        np.isin(np.arange(len(found)), pairs[:, 1]),
    )
    marked = [{"facecolor": TRUTH if hit else "white", "edgecolor": TRUTH, "lw": 0.8} for hit in is_found]
    guessed = [
        {"facecolor": HIT, "edgecolor": HIT, "lw": 0.8}
        if hit
        else {"facecolor": "white", "edgecolor": FALSE, "hatch": "/////", "lw": 0.8}
        for hit in is_hit
    ]
    _lane_bars(axes, timeline, truth, marked, base=1 - _BAND)
    _lane_bars(axes, timeline, found, guessed, base=0.0)
    _band_label(axes, 1 - _BAND, "truth")
    _band_label(axes, 0.0, "found")


def _band_label(axes: Axes, base: float, text: str) -> None:
    axes.text(
        -0.006,
        base + _BAND / 2,
        text,
        transform=axes.transAxes,
        ha="right",
        va="center",
        size=8,
        color="#555555",
    )
    axes.axhspan(base, base + _BAND, transform=axes.get_yaxis_transform(), color="none")


def _lane_bars(
    axes: Axes, timeline: Timeline, intervals: NDArray[np.int64], styles: list[dict], *, base: float
) -> None:
    """Bars with both ends included, in two lanes where they overlap."""
    lanes = _lanes(intervals)
    height = _LOW if lanes.any() else _TALL
    for (onset, offset), lane, style in zip(intervals, lanes, styles, strict=True):
        bottom = base + (0.005 + lane * (_LOW + 0.01) if lanes.any() else (_BAND - _TALL) / 2)
        axes.broken_barh(
            [(timeline.seconds(onset), (offset - onset + 1) / timeline.fps)],
            (bottom, height),
            transform=axes.get_xaxis_transform(),
            zorder=4,
            **style,
        )


def _lanes(intervals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lane 0 or 1 of each interval: one that overlaps those before it changes the lane."""
    lanes = np.zeros(len(intervals), np.int64)
    last_end, lane = -np.inf, 0
    for i in np.argsort(intervals[:, 0], kind="stable"):
        lane = 1 - lane if intervals[i, 0] <= last_end else 0
        lanes[i] = lane
        last_end = max(last_end, intervals[i, 1])
    return lanes
