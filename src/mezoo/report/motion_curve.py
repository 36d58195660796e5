"""How much the face moves over time: mean magnitude of the flow in the 12 regions, with the annotations.

The regions, and the rectangle on the nose whose mean motion is taken away, are those of `mezoo.motion.rois`. The
mean, not the main direction of MDMO: that jumps where the nose itself takes part in an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.atomic import write_bytes
from mezoo.catalog import read_labels
from mezoo.errors import DataError
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.truth import truth_intervals
from mezoo.motion.mdmo import cut
from mezoo.motion.mdmo_stage import check_faces, stored_flow
from mezoo.motion.rois import frame_boxes
from mezoo.report.style import GRID, KIND_COLOURS, TRUTH, new_figure, png_bytes

#: Half width in px of the regions where whole frames are kept: that of the windows by default.
_RADIUS = 8
_SHADE = 0.22


@dataclass(frozen=True, eq=False)
class Motion:
    """Motion of one video.

    Attributes
    ----------
    frames : ndarray, int64, shape (N,)
        Frame number at which each value stands, ascending within an event.
    values : ndarray, float64, shape (N,)
        Mean magnitude in px; NaN where the face is lost, and between the events of onset-relative flow.
    unit : str
        What the flow spans, e.g. ``px/pair``.
    fps : float
        Frames of the numbering per second.
    """

    frames: NDArray[np.int64]
    values: NDArray[np.float64]
    unit: str
    fps: float


def read_motion(flow: str | Path, faces: str | Path) -> Motion:
    """Measure the motion of one video.

    Parameters
    ----------
    flow : Path
        Artifact of the stage ``flow_pair`` (windows or full) or ``flow_onset``.
    faces : Path
        The faces artifact it was computed from.

    Raises
    ------
    DataError
        The flow failed, or was computed from other faces.
    """
    with Artifact(flow) as fields, Artifact(faces) as source:
        if not fields.ok:
            raise DataError(f"flow that failed: {fields.reason}", "flow", "See `mezoo status`", file=flow)
        check_faces(fields, faces)
        index = source["index"][:].astype(np.int64)
        numbers, reference = _rows(fields, index)
        values = _magnitudes(fields, source["landmarks"][:][reference], source["frames"].shape[1:])
        stride = int(np.median(np.diff(index))) if len(index) > 1 else 1
        fps = float(fields.attrs["fps"]) * stride
        if fields.stage == "flow_onset":
            ends = np.flatnonzero(np.diff(fields["event"][:])) + 1
            numbers, values = np.insert(numbers, ends, numbers[ends]), np.insert(values, ends, np.nan)
            return Motion(numbers, values, "px since onset", fps)
        return Motion(numbers, values, "px/pair", fps)


def _rows(flow: Artifact, index: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frame number of each row of the flow, and position of the frame on whose pixels it is defined."""
    if flow.stage == "flow_onset":
        numbers = flow["reference"][:][flow["event"][:].astype(np.int64)]
        return flow["index"][:].astype(np.int64), np.searchsorted(index, numbers)
    rows = np.arange(len(flow["valid"]))
    return index[rows], rows


def _magnitudes(
    flow: Artifact, landmarks: NDArray[np.floating], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    half = flow["roi"].shape[2] // 2 if "roi" in flow else _RADIUS
    noses, boxes, usable = frame_boxes(landmarks, radius=half, shape=(shape[0], shape[1]))
    usable &= flow["valid"][:]
    values = np.full(len(usable), np.nan)
    for k, (nose, nose_origin, rois, origins) in enumerate(stored_flow(flow)):
        if usable[k]:
            head = cut(nose, noses[k], nose_origin).mean(axis=(0, 1))
            cuts = [cut(*roi).reshape(-1, 2) for roi in zip(rois, boxes[k], origins, strict=True)]
            own = np.concatenate(cuts) - head
            values[k] = np.hypot(own[:, 0], own[:, 1]).mean()
    return values


def draw_motion(
    axes: Axes,
    motion: Motion,
    truth: Mapping[str, NDArray[np.int64]],
    seconds: Callable[[int], float],
) -> None:
    """Draw the curve over time, annotated events shaded in the colour of their type.

    Parameters
    ----------
    axes : Axes
    motion : Motion
    truth : mapping of str to ndarray, int, shape (m, 2)
        Type -> inclusive intervals in frame numbers.
    seconds : callable
        Time in s at which a frame begins.
    """
    for kind in TYPES:
        for onset, offset in truth[kind]:
            axes.axvspan(
                seconds(onset), seconds(offset + 1), color=KIND_COLOURS[kind], alpha=_SHADE, lw=0, zorder=0
            )
    axes.plot([seconds(frame) for frame in motion.frames], motion.values, color=TRUTH, lw=0.9)
    top = np.nanmax(motion.values) if np.isfinite(motion.values).any() else 1.0
    axes.set(ylim=(0, 1.05 * max(top, 1e-9)), ylabel=f"mean |flow|\n{motion.unit}")
    axes.locator_params(axis="y", nbins=3)
    axes.grid(axis="y", color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=2.5)


def shades() -> list[Patch]:
    """Make the legend of the shaded events."""
    return [
        Patch(facecolor=KIND_COLOURS[kind], alpha=_SHADE, label=f"annotated {kind}-expression")
        for kind in TYPES
    ]


def motion_picture(flow: str | Path, faces: str | Path, labels: str | Path, out: str | Path) -> None:
    """Draw the motion of one video as a PNG.

    Parameters
    ----------
    flow, faces : see `read_motion`
    labels : Path
        Event table of the video.
    out : Path

    Raises
    ------
    DataError
        As `read_motion`.
    """
    motion, truth = read_motion(flow, faces), truth_intervals(read_labels(labels))
    with Artifact(faces) as source:
        first, last = int(source["index"][0]), int(source["index"][-1])
        name = " · ".join(str(source.attrs[key]) for key in ("dataset", "video") if key in source.attrs)
    figure = new_figure(10.0, 2.6)
    axes = figure.subplots()
    draw_motion(axes, motion, truth, lambda frame: (frame - first) / motion.fps)
    axes.set(xlim=(0, (last + 1 - first) / motion.fps), xlabel="time (s)")
    figure.legend(handles=shades(), loc="upper right", ncol=2, bbox_to_anchor=(0.99, 1.0))
    figure.text(0.012, 0.97, f"{name} · motion of the face", size=10.5, weight="bold", va="top")
    figure.subplots_adjust(left=0.085, right=0.985, top=0.87, bottom=0.19)
    write_bytes(out, png_bytes(figure))
