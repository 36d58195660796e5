"""Training curves of one recipe: the loss of its folds over epochs, and its terms where the losses have several."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.report.style import GRID, KIND_COLOURS, TRUTH, new_figure, png_bytes

_LINE_STYLES = {"start_end": "-", "apex": "--", "action": ":"}


def draw_training(models: Sequence[Path], path: Path) -> None:
    """Draw the mean over folds of the training loss with its range; nothing for recipes without losses.

    Parameters
    ----------
    models : sequence of Path
        Artifacts of the stage ``fit`` or ``fit_recogniser`` of one recipe, all folds and seeds.
    path : Path
        PNG.
    """
    losses, terms, name = _losses(models)
    if losses is None:
        return
    parts = [term for term in terms if term.partition("_")[0] in KIND_COLOURS]
    figure = new_figure(9.0 if parts else 5.5, 3.3)
    axes = figure.subplots(1, 2 if parts else 1, squeeze=False)[0]
    epochs = np.arange(1, losses.shape[1] + 1)
    total = losses[..., terms.index("total")]
    axes[0].fill_between(
        epochs, total.min(axis=0), total.max(axis=0), color=GRID, lw=0, label="range over folds"
    )
    axes[0].plot(epochs, total.mean(axis=0), color=TRUTH, lw=1.5, label=f"mean of {len(total)} fits")
    axes[0].set(title=f"{name}: total loss", xlabel="epoch", ylabel="training loss")
    for term in parts:
        kind, _, part = term.partition("_")
        mean = losses[..., terms.index(term)].mean(axis=0)
        style = {"color": KIND_COLOURS[kind], "ls": _LINE_STYLES.get(part, "-"), "lw": 1.3}
        axes[1].plot(epochs, mean, label=f"{kind} {part.replace('_', '/')}", **style)
    if parts:
        axes[1].set(title="terms, mean of fits", xlabel="epoch")
    for own in axes:
        _finish(own, columns=1 if own is axes[0] else 2)
    figure.subplots_adjust(left=0.08 if parts else 0.13, right=0.99, top=0.9, bottom=0.15, wspace=0.16)
    path.write_bytes(png_bytes(figure))


def _losses(models: Sequence[Path]) -> tuple[NDArray | None, list[str], str]:
    """Losses (fit, epoch, term), names of the terms, and the recipe; None where a model has none."""
    losses, terms, name = [], [""], ""
    for model in models:
        with Artifact(model) as artifact:
            if "losses" not in artifact:
                return None, terms, name
            terms = re.findall(r"\w+", artifact["losses"].attrs["axes"])[1:]
            losses.append(artifact["losses"][:])
            name = json.loads(artifact.attrs["recipe"])["model"]
    return (np.stack(losses) if losses else None), terms, name


def _finish(axes: Axes, *, columns: int) -> None:
    axes.legend(ncol=columns)
    axes.grid(color=GRID, lw=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
