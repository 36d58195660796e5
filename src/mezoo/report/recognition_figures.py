"""Figures of one recipe on one protocol: confusion matrices and the accuracy of each held-out subject."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from mezoo.atomic import new_folder
from mezoo.evaluation.bootstrap import bootstrap_interval
from mezoo.evaluation.recognition import accuracy, confusion_matrix, uar, uf1
from mezoo.learning.recognition_score import POOLED, declared_classes, read_predictions
from mezoo.report.style import CURVE_COLOURS, GRID, HIT, KIND_COLOURS, TRUTH, new_figure, png_bytes
from mezoo.report.training_curves import draw_training

#: Shares from white to blue; the figures keep the shades of this blue.
_SHARES = LinearSegmentedColormap.from_list("shares", ["#ffffff", KIND_COLOURS["micro"]])
_COLOURS = (KIND_COLOURS["micro"], KIND_COLOURS["macro"], HIT, CURVE_COLOURS["offset"])
#: Height of a row of the legend, inches.
_LEGEND_ROW = 0.2
#: More subjects than this are written from bottom to top.
_CROWDED = 12


def draw_recognition(predictions: str | Path, out: str | Path, *, models: Sequence[Path] = ()) -> None:
    """Draw the figures of one recipe on one protocol into a fresh folder, selection ``last``.

    Parameters
    ----------
    predictions : Path
        CSV that `mezoo.learning.recognition_score.score_recognition` wrote.
    out : Path
        Folder that appears when everything is drawn: ``confusion.png`` (counts over shares of the true class,
        for each corpus and pooled) and ``subjects.png``. With several seeds, counts of all seeds together.
    models : sequence of Path
        Artifacts of the stage ``fit_recogniser`` of all folds: with them, networks get ``training.png``.
    """
    table = read_predictions([predictions])
    last = table[table["selection"] == "last"]
    classes = declared_classes(last)
    with new_folder(out) as work:
        (work / "confusion.png").write_bytes(_confusion(last, classes))
        (work / "subjects.png").write_bytes(_subjects(last, classes))
        draw_training(models, work / "training.png")


def _head(table: pd.DataFrame) -> str:
    """Recipe, protocol and number of seeds."""
    seeds = table["seed"].nunique()
    return f"{table['recipe'].iloc[0]} · {table['protocol'].iloc[0]}" + (
        f" · {seeds} seeds" if seeds > 1 else ""
    )


def _count(table: pd.DataFrame, classes: Sequence[str]) -> NDArray[np.int64]:
    return confusion_matrix(table["label"], table["prediction"], classes=classes)


# ------------------------------------------------------------------ confusion matrices


def _confusion(table: pd.DataFrame, classes: Sequence[str]) -> bytes:
    parts = dict(tuple(table.groupby("dataset")))
    if len(parts) > 1:
        parts = {POOLED: table, **parts}
    size = 0.95 + 0.62 * len(classes)
    room = 0.12 * max(len(name) for name in classes)
    width = room + len(parts) * (size + 0.35) + 0.1
    figure = new_figure(max(width, 4.2), size + 1.5)
    height, wide = figure.get_figheight(), figure.get_figwidth()
    for place, (name, part) in enumerate(parts.items()):
        left = (room + 0.3 + place * (size + 0.35)) / wide
        axes = figure.add_axes((left, 0.85 / height, size / wide, size / height))
        _matrix(axes, _count(part, classes), classes, name, first=place == 0)
    figure.text(0.1 / wide, 1 - 0.22 / height, _head(table), weight="bold", size=10.5, va="center")
    return png_bytes(figure)


def _matrix(axes: Axes, counts: NDArray[np.int64], classes: Sequence[str], name: str, *, first: bool) -> None:
    """Write counts over their share of the true class in percent, shaded by the share."""
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    share = counts / total
    axes.imshow(share, cmap=_SHARES, vmin=0, vmax=1, aspect="equal")
    for (row, column), n in np.ndenumerate(counts):
        ink = "white" if share[row, column] > 0.55 else "#222222"
        axes.text(column, row - 0.14, f"{n}", ha="center", va="center", color=ink, size=9.5)
        axes.text(
            column,
            row + 0.22,
            f"{100 * share[row, column]:.0f} %",
            ha="center",
            va="center",
            color=ink,
            size=7,
        )
    ticks = np.arange(len(classes))
    axes.set_xticks(ticks, classes, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, classes if first else [""] * len(classes))
    axes.set_title(f"{name}: n {counts.sum()}, UF1 {float(uf1(counts)):.3f}", size=9)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true" if first else "")
    axes.tick_params(length=0)
    axes.set_xticks(ticks[:-1] + 0.5, minor=True)
    axes.set_yticks(ticks[:-1] + 0.5, minor=True)
    axes.grid(which="minor", color="white", lw=1.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)


# ------------------------------------------------------------------ subjects


def _subjects(table: pd.DataFrame, classes: Sequence[str]) -> bytes:
    """Accuracy of each subject with its number of clips, by corpus, and the pooled one with its interval."""
    groups = table.groupby(["dataset", "subject"], sort=True)
    names = [subject for (_, subject), _ in groups]
    datasets = [dataset for (dataset, _), _ in groups]
    counts = np.stack([_count(part, classes) for _, part in groups])
    crowded = len(names) > _CROWDED
    figure = new_figure(max(6.5, min(14.0, 2.2 + (0.19 if crowded else 0.5) * len(names))), 3.6)
    axes = figure.subplots()
    corpora = list(dict.fromkeys(datasets))
    place, score = np.arange(len(names)), accuracy(counts)
    for number, corpus in enumerate(corpora):
        own = np.array([dataset == corpus for dataset in datasets])
        axes.bar(place[own], score[own], 0.72, color=_COLOURS[number % len(_COLOURS)], label=corpus)
    for x, value, matrix in zip(place, score, counts, strict=True):
        words = f"{np.trace(matrix)}/{matrix.sum()}"
        axes.text(
            float(x), value + 0.015, words, ha="center", va="bottom", size=6.5, rotation=90 if crowded else 0
        )
    whole = bootstrap_interval(counts, accuracy)
    axes.axhspan(whole.low, whole.high, color=GRID, alpha=0.6, lw=0, zorder=0)
    words = f"pooled {whole.value:.3f} [{whole.low:.3f}, {whole.high:.3f}], UAR {float(uar(counts.sum(axis=0))):.3f}"
    axes.axhline(whole.value, color=TRUTH, lw=1.2, zorder=0, label=words)
    axes.set_xticks(place, names, rotation=90 if crowded else 0, size=7.5 if crowded else 9)
    axes.set(xlim=(-0.7, len(names) - 0.3), ylim=(0, 1.2), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set(ylabel="accuracy (above: right / clips)", xlabel="held-out subject")
    wide, high = figure.get_figwidth(), figure.get_figheight()
    figure.subplots_adjust(left=0.62 / wide, right=1 - 0.1 / wide)
    rows = _legend_above(axes)
    figure.set_figheight(high + _LEGEND_ROW * (rows - 1))
    share = high / figure.get_figheight()
    figure.text(0.1 / wide, 1 - 0.035 * share, _head(table), weight="bold", size=10.5, va="center")
    figure.subplots_adjust(bottom=(0.22 if crowded else 0.15) * share, top=0.82 * share)
    return png_bytes(figure)


def _legend_above(axes: Axes) -> int:
    """Put the legend above the axes in as few rows as the width of the figure allows; return their number."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    n = len(axes.get_legend_handles_labels()[1])
    for columns in range(n, 0, -1):
        legend = axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=columns, columnspacing=1.2)
        if legend.get_window_extent().x1 <= figure.bbox.x1:
            break
    return -(-n // columns)
