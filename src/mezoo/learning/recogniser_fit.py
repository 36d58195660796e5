"""Fit one recogniser on the training subjects of one fold: the file-to-file form.

The function reads the packs and labels it is given and nothing else; the workflow gives it those of the
training subjects only. That is the leak firewall.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mezoo.artifact import ArtifactWriter, digest
from mezoo.learning.clips import ClipSet, read_inputs, training_clips
from mezoo.learning.recipe import for_recognition, load_recipe
from mezoo.learning.recognition_recipe import RecognitionRecipe, SvmRecipe
from mezoo.learning.unfinished import work_folder
from mezoo.stage_versions import STAGE_VERSIONS


def fit_recogniser(
    recipe_path: str | Path,
    packs: Sequence[Path],
    labels: Sequence[Path],
    out: str | Path,
    *,
    classes: Sequence[str],
    seed: int,
    accelerator: str = "auto",
    max_failed_share: float = 0.1,
    pretrained: Path | None = None,
    demo: bool = False,
) -> None:
    """Train and write a model artifact; go on where an earlier call of the same job was stopped.

    Parameters
    ----------
    recipe_path : Path
        A file of ``workflow/recipes``.
    packs, labels : sequence of Path
        Packs of every input and label files of the training subjects.
    out : Path
        The artifact: weights of every look, the fold's constants, and attributes with the recipe, the classes, the
        subjects and clips it saw, and what `inner` chose.
    classes : sequence of str
        Labels in the order of the network's outputs.
    seed : int
    accelerator : {"auto", "cpu", "gpu"}
    max_failed_share : float
        Share of training clips that may be unusable.
    pretrained : Path, optional
        Weights of the backbone to start from.
    demo : bool
        The clips are synthetic: the recipe's section ``demo`` replaces its values.

    Raises
    ------
    ConfigError
        A faulty recipe, files that do not belong together, too many unusable clips.
    """
    out = Path(out)
    recipe = for_recognition(load_recipe(recipe_path, demo=demo))
    inputs = read_inputs(packs, recipe.inputs)
    clips = training_clips(inputs, labels, classes, max_failed_share=max_failed_share)
    params = {"recipe": recipe.model_dump(mode="json"), "classes": list(classes), "seed": seed}
    files = [*packs, *labels, *([pretrained] if pretrained else [])]
    digests = {str(path): digest(path) for path in files}
    job = {"params": params, "inputs": digests, "version": STAGE_VERSIONS["fit_recogniser"]}
    logging.getLogger("mezoo").info(
        "fit %s, seed %d: %d clips of %d subjects",
        Path(recipe_path).stem,
        seed,
        len(clips),
        len(set(clips.persons)),
    )
    with (
        work_folder(out, job) as folder,
        ArtifactWriter(out, stage="fit_recogniser", params=params, inputs=digests) as writer,
    ):
        _write_facts(writer, Path(recipe_path).stem, recipe, clips, seed)
        if recipe.label_control == "random":
            clips = clips.random_labels(seed)
        if isinstance(recipe, SvmRecipe):
            from mezoo.learning.svm_recogniser import fit_svm_recogniser

            fit_svm_recogniser(writer, clips, recipe, seed=seed)
        else:
            from mezoo.learning.network_recogniser import fit_network  # imports torch and Lightning

            fit_network(
                writer,
                clips,
                recipe,
                seed=seed,
                folder=folder,
                accelerator=accelerator,
                pretrained=pretrained,
            )


def _write_facts(
    writer: ArtifactWriter, name: str, recipe: RecognitionRecipe, clips: ClipSet, seed: int
) -> None:
    writer.attrs["name"], writer.attrs["seed"] = name, seed
    writer.attrs["recipe"] = recipe.model_dump_json()
    writer.attrs["classes"] = json.dumps(clips.classes)
    writer.attrs["subjects"] = json.dumps(sorted(set(clips.persons)))
    writer.attrs["settings"] = json.dumps(clips.inputs.settings, sort_keys=True)
    writer.attrs["marks"] = json.dumps(sorted(clips.inputs.marks))
    counts = np.bincount(clips.target, minlength=len(clips.classes))
    writer.attrs["n_clips"] = len(clips)
    writer.attrs["n_failed"] = len(clips.inputs.reasons)
    writer.write("class_counts", counts.astype(np.int32), axes="(class)", units="training clips")
