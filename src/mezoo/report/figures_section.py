"""The section of the report with the figures of spotting: subjects, training curves, a timeline per video."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from mezoo.report.clips import data_uri, what_fits


def spotting_figures(folders: Sequence[Path], corpora: Sequence[str]) -> list[dict[str, Any]]:
    """Gather the pictures that fit into the page, by corpus and recipe.

    Parameters
    ----------
    folders : sequence of Path
        ``<recipe>/<dataset>``, written by `mezoo.report.figures.draw_all`.
    corpora : sequence of str

    Returns
    -------
    list of dict
        dataset and recipes, for corpora with figures; timelines that do not fit are counted.
    """
    fits = what_fits({folder: _timelines(folder) for folder in folders})
    groups = ({"dataset": name, "recipes": _recipes(name, folders, fits)} for name in corpora)
    return [group for group in groups if group["recipes"]]


def _timelines(folder: Path) -> list[Path]:
    return sorted(Path(folder).glob("timeline_*.png"))


def _recipes(dataset: str, folders: Iterable[Path], fits: Collection[Path]) -> list[dict[str, Any]]:
    recipes = []
    for folder in (Path(folder) for folder in folders):
        if folder.name != dataset:
            continue
        timelines = [path for path in _timelines(folder) if path in fits]
        recipes.append(
            {
                "recipe": folder.parent.name,
                "subjects": data_uri(folder / "subjects.png"),
                "training": data_uri(folder / "training.png"),
                "timelines": [(path.stem.removeprefix("timeline_"), data_uri(path)) for path in timelines],
                "left_out": len(_timelines(folder)) - len(timelines),
            }
        )
    return recipes
