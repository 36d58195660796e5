"""Fit one spotter on the training subjects of one fold: the file-to-file form.

The function reads the files it is given and nothing else; the workflow gives it those of the training
subjects only. That is the leak firewall.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from mezoo.artifact import ArtifactWriter, digest
from mezoo.learning.recipe import for_spotting, load_recipe
from mezoo.learning.spotter import FitJob, write_training_facts
from mezoo.learning.spotters import fit_spotter
from mezoo.learning.unfinished import work_folder
from mezoo.learning.videos import read_training_videos
from mezoo.stage_versions import STAGE_VERSIONS


def fit(
    recipe_path: str | Path,
    features: Sequence[Path],
    labels: Sequence[Path],
    out: str | Path,
    *,
    layout: str,
    seed: int,
    accelerator: str = "auto",
    max_failed_share: float = 0.1,
    demo: bool = False,
) -> None:
    """Train and write a model artifact; go on where an earlier call of the same job was stopped.

    Parameters
    ----------
    recipe_path : Path
        A file of ``workflow/recipes``.
    features, labels : sequence of Path
        Feature artifacts, one or more of each, and event tables of the training videos, in the same order.
    out : Path
        The artifact: what the method needs (of a network ``weights`` (epochs, parameters), ``losses`` and
        the fold's constants), and attributes with the recipe and what `inner` chose.
    layout : str
        Whose per-corpus values of the recipe hold.
    seed : int
    accelerator : {"auto", "cpu", "gpu"}
    max_failed_share : float
        Share of training videos that may have failed.
    demo : bool
        The videos are synthetic: the recipe's section ``demo`` replaces its values.

    Raises
    ------
    ConfigError
        A faulty recipe, or too many failed videos.
    """
    out = Path(out)
    recipe = for_spotting(load_recipe(recipe_path, demo=demo))
    videos = read_training_videos(features, labels, max_failed_share=max_failed_share)
    params = {"recipe": recipe.model_dump(mode="json"), "layout": layout, "seed": seed}
    inputs = {str(path): digest(path) for path in [*features, *labels]}
    job = {"params": params, "inputs": inputs, "version": STAGE_VERSIONS["fit"]}
    logging.getLogger("mezoo").info(
        "fit %s, seed %d: %d videos of %d subjects",
        Path(recipe_path).stem,
        seed,
        len(videos),
        len({video.data.person for video in videos}),
    )
    with (
        work_folder(out, job) as folder,
        ArtifactWriter(out, stage="fit", params=params, inputs=inputs) as writer,
    ):
        writer.attrs["name"] = Path(recipe_path).stem
        writer.attrs["recipe"] = recipe.model_dump_json()
        writer.attrs["layout"], writer.attrs["seed"] = layout, seed
        writer.attrs["settings"] = json.dumps(videos[0].data.settings, sort_keys=True)
        write_training_facts(writer, videos)
        fit_spotter(writer, videos, recipe, FitJob(layout, seed, folder, accelerator))
