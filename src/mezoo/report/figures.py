"""Figures of one recipe on one corpus: a timeline per video, training curves, F1 per subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.atomic import new_folder
from mezoo.catalog import read_labels
from mezoo.evaluation.bootstrap import bootstrap_interval
from mezoo.evaluation.spotting import TYPES, f1
from mezoo.learning.score import Fold, Truth, count_look, read_fold
from mezoo.learning.truth import truth_intervals
from mezoo.report.motion_curve import read_motion
from mezoo.report.style import GRID, KIND_COLOURS, TRUTH, new_figure, png_bytes
from mezoo.report.timeline import Timeline, TimelinePlot
from mezoo.report.training_curves import draw_training


def draw_all(
    proposals: Sequence[Path],
    models: Sequence[Path],
    labels: Sequence[Path],
    predictions: Path,
    out: Path,
    *,
    faces: Path | None = None,
    flows: Path | None = None,
) -> None:
    """Draw the figures of one recipe on one corpus into a fresh folder.

    Parameters
    ----------
    proposals, models : sequence of Path
        Artifacts of the stages ``predict`` and ``fit``, in the same order: every subject, every seed.
    labels : sequence of Path
        Event tables of all videos.
    predictions : Path
        Folder of the intervals behind the scores, one CSV per subject.
    out : Path
        Folder that appears when everything is drawn: ``timeline_<video>.png`` (of the first seed),
        ``subjects.png``, and ``training.png`` where the recipe has losses.
    faces, flows : Path, optional
        Folders of the artifacts of the stages ``faces`` and ``flow_pair``; with both, the timelines show how
        much the face moves.
    """
    with new_folder(out) as work:
        truth = {path.stem: truth_intervals(read_labels(path)) for path in labels}
        folds = [(read_fold(path), path) for path in proposals]
        places = (Path(faces), Path(flows)) if faces is not None and flows is not None else None
        _timelines(folds, models, truth, Path(predictions), work, places)
        _subjects([fold for fold, _ in folds], truth, work / "subjects.png")
        draw_training(models, work / "training.png")


# ------------------------------------------------------------------ timelines


def _timelines(
    folds: Sequence[tuple[Fold, Path]],
    models: Sequence[Path],
    truth: Truth,
    predictions: Path,
    out: Path,
    places: tuple[Path, Path] | None,
) -> None:
    plot = TimelinePlot(motion=places is not None)
    first_seed = min(fold.seed for fold, _ in folds)
    for (fold, path), model in zip(folds, models, strict=True):
        if fold.seed != first_seed:
            continue
        table = _last_intervals(predictions / f"{fold.subject}.csv", fold.seed)
        with Artifact(model) as artifact:
            fps = float(artifact.attrs["fps"])
        with Artifact(path) as artifact:
            for video in fold.videos:
                timeline = _timeline(artifact, table[table["video"] == video], truth[video], video, fps)
                if places is not None:
                    faces, flows = (place / f"{video}.h5" for place in places)
                    timeline = replace(timeline, motion=read_motion(flows, faces))
                (out / f"timeline_{video}.png").write_bytes(plot.draw(timeline))


def _last_intervals(path: Path, seed: int) -> pd.DataFrame:
    """Intervals of the selection ``last``; there is no file for a subject in whom nothing was found."""
    if not path.is_file():
        return pd.DataFrame({"video": [], "type": [], "onset": [], "offset": []}).astype({"video": str})
    table = pd.read_csv(path, dtype={"video": str, "subject": str})
    return table[(table["selection"] == "last") & (table["seed"] == seed)]


def _timeline(
    artifact: Artifact, found: pd.DataFrame, truth: dict[str, NDArray], video: str, fps: float
) -> Timeline:
    prefix = f"curves/{video}/"
    curves = {
        name.removeprefix(prefix): artifact[name][:] for name in artifact.names() if name.startswith(prefix)
    }
    index = artifact[f"index/{video}"][:]
    stride = int(np.median(np.diff(index))) if len(index) > 1 else 1
    intervals = {
        kind: found.loc[found["type"] == kind, ["onset", "offset"]].to_numpy(np.int64) for kind in TYPES
    }
    return Timeline(
        title=f"{artifact.attrs['dataset']} · {video} · {artifact.attrs['name']}, trained without this subject",
        frames=index,
        fps=fps * stride,
        curves=in_order(curves),
        unit=unit_of(curves),
        found=intervals,
        truth=truth,
    )


def in_order(curves: dict[str, NDArray]) -> dict[str, NDArray]:
    """Put curves in the order of an expression: onset, apex, offset."""
    order = ["onset", "apex", "offset"]
    return dict(
        sorted(curves.items(), key=lambda item: (order + [item[0].split()[-1]]).index(item[0].split()[-1]))
    )


def unit_of(curves: dict[str, NDArray]) -> str:
    """Tell the unit of a spotter's curves, which follows from their names."""
    if any(name.endswith("score") for name in curves):
        return "score"
    return "motion (px/pair)" if any(name.endswith("motion") for name in curves) else "probability"


# ------------------------------------------------------------------ scores per subject


def _subjects(folds: Sequence[Fold], truth: Truth, path: Path) -> None:
    """F1 of each held-out subject with the selection ``last``; counts of all seeds together."""
    counts: dict[str, NDArray[np.int64]] = {}
    for fold in folds:
        own = count_look(fold, truth, "look", fold.last)
        counts[fold.subject] = counts.get(fold.subject, np.zeros_like(own)) + own
    names, stacked = sorted(counts), np.stack([counts[name] for name in sorted(counts)])
    crowded = len(names) > 12
    figure = new_figure(max(6.5, min(12.0, 2.5 + 0.42 * len(names))), 3.3)
    axes = figure.subplots()
    for i, kind in enumerate(TYPES):
        place, score = np.arange(len(names)) + (i - 0.5) * 0.4, np.nan_to_num(f1(stacked[:, i]))
        axes.bar(place, score, 0.37, color=KIND_COLOURS[kind], label=f"{kind} (hits / annotated)")
        for x, value, (n_gt, _, tp) in zip(place, score, stacked[:, i], strict=True):
            rotation = 90 if crowded else 0
            axes.text(x, value + 0.015, f"{tp}/{n_gt}", ha="center", va="bottom", size=7, rotation=rotation)
    whole = bootstrap_interval(stacked.sum(axis=1), f1)
    axes.axhspan(whole.low, whole.high, color=GRID, alpha=0.6, lw=0, zorder=0)
    axes.axhline(whole.value, color=TRUTH, lw=1.2, label=f"both, pooled {whole.value:.3f}", zorder=0)
    axes.set_xticks(np.arange(len(names)), names, rotation=90 if crowded else 0)
    axes.set(
        ylim=(0, 1.15), ylabel="F1 at IoU ≥ 0.5", xlabel="held-out subject", yticks=[0, 0.25, 0.5, 0.75, 1]
    )
    figure.legend(loc="upper center", ncol=3)
    figure.subplots_adjust(
        left=0.65 / figure.get_figwidth(), right=0.99, top=0.9, bottom=0.2 if crowded else 0.15
    )
    path.write_bytes(png_bytes(figure))
