"""The annotated video of `mezoo spot`: face, landmarks, active intervals, and the curves with a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.evaluation.spotting import TYPES
from mezoo.report.drawing import lettering, paste, rgb_of
from mezoo.report.own.ahead import ahead
from mezoo.report.style import GRID, KIND_COLOURS, new_figure, rgb
from mezoo.report.timeline import Timeline, score_text
from mezoo.video import write_mp4

#: Narrower videos are enlarged to the first width, larger ones reduced to the second on their longer side (px).
_WIDTHS = (480, 960)
LONGEST = _WIDTHS[1]
_STRIP_HEIGHT = 112
#: Share of the strip's width to the left of the curves and to their right.
_LEFT, _RIGHT = 0.09, 0.985
_WARNING_COLOUR = "#8a4b00"


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """The face over time, in pixels of the whole frame of the video.

    Attributes
    ----------
    index : ndarray, int, shape (T,)
        Frames that were analysed, as they are counted in the annotated video.
    box : ndarray, int, shape (4,)
        left, top, right, bottom.
    landmarks : ndarray, float, shape (T, 68, 2)
    valid : ndarray, bool, shape (T,)
    """

    index: NDArray[np.integer]
    box: NDArray[np.integer]
    landmarks: NDArray[np.floating]
    valid: NDArray[np.bool_]

    def at(self, number: int) -> NDArray[np.floating] | None:
        """Landmarks at a frame: those of the last analysed frame; None where the face is lost."""
        place = max(0, int(np.searchsorted(self.index, number, side="right")) - 1)
        return self.landmarks[place] if self.valid[place] else None


def annotate(
    frames: Iterator[tuple[int, NDArray[np.uint8]]],
    timeline: Timeline,
    track: FaceTrack,
    rows: Sequence[dict],
    out: Path,
    *,
    width: int,
    rate: float,
    warning: str,
    progress: Callable[[], object],
) -> None:
    """Write the annotated video, whole or not at all.

    Parameters
    ----------
    frames : iterator of (int, ndarray uint8 (H, W, 3))
        Frames counted from 0, RGB; each of them appears.
    timeline : Timeline
        Curves and intervals of the strip below the picture.
    track : FaceTrack
    rows : sequence of dict
        Intervals with type, score, and first and last frame (``begin``, ``end``) in the count of `frames`.
    out : Path
        H.264 in mp4.
    width : int
        Of the video in which `track` is measured, px.
    rate : float
        Frames per second.
    warning : str
        Burnt in below the strip; may be empty.
    progress : callable
        Called once per frame.
    """
    first = next(frames)
    shape = first[1].shape
    enlarged = max(1.0, _WIDTHS[0] / shape[1])
    size = (round(shape[0] * enlarged / 2) * 2, round(shape[1] * enlarged / 2) * 2)
    scale = size[1] / width
    strip = _strip(timeline, size[1], warning)

    def drawn() -> Iterator[NDArray[np.uint8]]:
        for number, frame in chain([first], frames):
            picture = np.array(cv2.resize(frame, size[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
            active = [row for row in rows if row["begin"] <= number <= row["end"]]
            _draw_face(picture, track, number, scale, active)
            for place, row in enumerate(active):
                _draw_label(picture, row, number, place)
            yield np.concatenate([picture, _with_cursor(strip, timeline, number / rate)])

    with write_mp4(out, fps=rate, size=(size[0] + len(strip), size[1]), preset="veryfast") as append:
        for picture in ahead(drawn()):
            append(picture)
            progress()


def _draw_face(
    picture: NDArray[np.uint8], track: FaceTrack, number: int, scale: float, active: Sequence[dict]
) -> None:
    """Box in the colour of what is active, small landmarks where the face is seen."""
    landmarks = track.at(number)
    colour = rgb_of(KIND_COLOURS[active[0]["type"]]) if active else (255, 255, 255)
    left, top, right, bottom = (int(round(edge)) for edge in track.box * scale)
    cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), (0, 0, 0), 3, cv2.LINE_AA)
    cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), colour, 2 if active else 1, cv2.LINE_AA)
    if landmarks is None:
        paste(picture, lettering("face not usable", 14, "#ffffff", "#555555"), left + 4, top + 4)
        return
    for x, y in landmarks * scale + (scale - 1) / 2:
        # coordinates in sixteenths of a pixel: rounded dots would tremble
        centre = (int(round(x * 16)), int(round(y * 16)))
        cv2.circle(picture, centre, 20, (255, 255, 255), cv2.FILLED, cv2.LINE_AA, shift=4)


def _draw_label(picture: NDArray[np.uint8], row: dict, number: int, place: int) -> None:
    """Type and score at the upper left, over a bar that fills while the interval lasts."""
    colour = KIND_COLOURS[row["type"]]
    label = lettering(f"{row['type']}   score {score_text(row['score'])}", 17, "#ffffff", colour)
    x, y = 10, 10 + place * (label.shape[0] + 14)
    paste(picture, label, x, y)
    height, width = label.shape[:2]
    done = (number - row["begin"] + 1) / (row["end"] - row["begin"] + 1)
    cv2.rectangle(picture, (x, y + height), (x + width - 1, y + height + 5), (255, 255, 255), cv2.FILLED)
    end = x + max(1, round(width * done)) - 1
    cv2.rectangle(picture, (x, y + height), (end, y + height + 5), rgb_of(colour), cv2.FILLED)


# ------------------------------------------------------------------ strip of curves


def uppermost(timeline: Timeline, kind: str) -> NDArray:
    """Give the one curve of a type that a small strip has room for.

    Parameters
    ----------
    timeline : Timeline
    kind : str
        Type of expression.

    Returns
    -------
    ndarray, shape (T,)
        That of the apex where there is one; otherwise at each time the largest of the type's curves.
    """
    if f"{kind} apex" in timeline.curves:
        return timeline.curves[f"{kind} apex"]
    return np.max([curve for name, curve in timeline.curves.items() if name.startswith(f"{kind} ")], axis=0)


def _strip(timeline: Timeline, width: int, warning: str) -> NDArray[np.uint8]:
    """Curves of both types over the whole video, with their intervals, as an image (H, width, 3)."""
    figure = new_figure(width / 100, _STRIP_HEIGHT / 100)
    panels = figure.subplots(2, 1, sharex=True)
    figure.subplots_adjust(left=_LEFT, right=_RIGHT, top=0.95, bottom=0.25, hspace=0.25)
    time = timeline.time
    for axes, kind in zip(panels, TYPES, strict=True):
        curve = uppermost(timeline, kind)
        axes.fill_between(time, curve, color=KIND_COLOURS[kind], alpha=0.3, lw=0)
        axes.plot(time, curve, color=KIND_COLOURS[kind], lw=0.9)
        for onset, offset in timeline.found[kind]:
            span = timeline.seconds(onset), timeline.seconds(offset + 1)
            axes.axvspan(*span, color=KIND_COLOURS[kind], alpha=0.35, lw=0)
        top = 1.0 if timeline.unit == "probability" else max(float(np.max(curve)), 1e-9)
        axes.set(xlim=(0, timeline.duration), ylim=(0, 1.05 * top), yticks=[])
        axes.tick_params(length=2, labelsize=7.5, pad=1.5)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_color(GRID)
        axes.text(
            -0.01,
            0.5,
            kind,
            transform=axes.transAxes,
            ha="right",
            va="center",
            size=8.5,
            color=KIND_COLOURS[kind],
        )
    panels[1].xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    strip = rgb(figure)
    if not warning:
        return strip
    line = np.full((20, width, 3), 255, np.uint8)
    paste(line, lettering(warning, 11, _WARNING_COLOUR, "#ffffff"), 4, 0)
    return np.concatenate([strip, line])


def _with_cursor(strip: NDArray[np.uint8], timeline: Timeline, seconds: float) -> NDArray[np.uint8]:
    """Copy the strip and mark it with a line at a time."""
    strip = strip.copy()
    share = seconds / timeline.duration
    x = round(strip.shape[1] * (_LEFT + (_RIGHT - _LEFT) * min(share, 1.0)))
    strip[4 : round(_STRIP_HEIGHT * 0.75), x - 1 : x + 1] = (20, 20, 20)
    return strip
