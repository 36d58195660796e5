"""Apply the frozen models of one fold to the held-out subjects. Labels are never read here.

Every look is applied, and so is a random guesser with as many looks that knows the class shares of the training
clips, so that all selection rules can be compared later from one file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.errors import ConfigError
from mezoo.learning.clips import Inputs, read_inputs
from mezoo.learning.recipe import for_recognition, parse_recipe
from mezoo.learning.recognition_recipe import RecognitionRecipe, SvmRecipe


class Frozen(Protocol):
    """What every frozen recogniser offers; see `network_recogniser.NetworkRecogniser`."""

    looks: list[int]
    last: int
    inner: int

    def probabilities(self, inputs: Inputs) -> NDArray[np.float32]:
        """Probability of each class for all clips under every look, (looks, n, classes)."""
        ...


def predict_recogniser(
    model: str | Path, packs: Sequence[Path], out: str | Path, *, protocol: str, fold: str
) -> None:
    """Write the probabilities of all expressions of the held-out subjects.

    Parameters
    ----------
    model : Path
        Artifact of the stage ``fit_recogniser``.
    packs : sequence of Path
        Packs of every input of the held-out subjects.
    protocol, fold : str
        Names for the tables.
    out : Path
        The artifact: ``probability`` float32 (look, clip, class) and ``chance`` int16 (look, clip), the class
        drawn by the guesser; attributes ``clips`` and ``failed`` (whose, and why not), ``looks``, ``last``, ``inner``.

    Raises
    ------
    ConfigError
        The model was trained on a held-out subject, or on a clip of one under another name; or the inputs were
        made with other settings than those of the training.
    """
    inputs_digests = {str(path): digest(path) for path in [model, *packs]}
    with Artifact(model) as artifact:
        attrs = dict(artifact.attrs)
        recipe = for_recognition(parse_recipe(json.loads(attrs["recipe"])))
        inputs = read_inputs(packs, recipe.inputs)
        _check_leaks(inputs, attrs, Path(model))
        frozen = load_recogniser(artifact, recipe)
        shares = artifact["class_counts"][:] / artifact["class_counts"][:].sum()
        params = artifact.params
    rng = np.random.default_rng([attrs["seed"], *fold.encode()])
    chance = rng.choice(len(shares), size=(len(frozen.looks), len(inputs.clips)), p=shares)
    with ArtifactWriter(out, stage="recognise", params=params, inputs=inputs_digests) as writer:
        writer.attrs.update({key: attrs[key] for key in ("name", "recipe", "seed", "classes")})
        writer.attrs.update(protocol=protocol, fold=fold, leaks=json.dumps(recipe.leaks))
        writer.attrs["looks"], writer.attrs["last"] = json.dumps(frozen.looks), frozen.last
        writer.attrs["inner"] = frozen.inner
        writer.attrs["clips"] = json.dumps([asdict(clip) for clip in inputs.clips])
        writer.attrs["failed"] = json.dumps(
            [asdict(c) | {"reason": why} for c, why in inputs.reasons.items()]
        )
        writer.write("probability", frozen.probabilities(inputs), axes="(look, clip, class)")
        writer.write("chance", chance.astype(np.int16), axes="(look, clip) class drawn")


def load_recogniser(artifact: Artifact, recipe: RecognitionRecipe) -> Frozen:
    """Rebuild the recogniser that an artifact of the stage ``fit_recogniser`` holds."""
    if isinstance(recipe, SvmRecipe):
        from mezoo.learning.svm_recogniser import SvmRecogniser

        return SvmRecogniser(artifact, recipe)
    from mezoo.learning.network_recogniser import NetworkRecogniser

    return NetworkRecogniser(artifact, recipe)


def _check_leaks(inputs: Inputs, attrs: dict, model: Path) -> None:
    """Refuse a model that has seen whom it is to be tested on: by name, or by the very same frames."""
    held_out = {f"{clip.dataset}/{clip.subject}" for clip in (*inputs.clips, *inputs.reasons)}
    if seen := held_out & set(json.loads(attrs["subjects"])):
        raise ConfigError(
            f"a model trained on {', '.join(sorted(seen))}",
            "one that has not seen whom it is tested on",
            "Train the fold again through the workflow",
            file=model,
        )
    marks = inputs.marks
    if same := set(marks) & set(json.loads(attrs["marks"])):
        clip = marks[min(same)]
        raise ConfigError(
            f"{len(same)} clips that the model was trained on under another subject, e.g. {clip.event}",
            "every clip under one subject",
            "Look for copies in audit.csv, and list them under datasets.<name>.exclude",
            item=f"{clip.dataset}/{clip.subject}",
            file=model,
        )
    if json.dumps(inputs.settings) != json.dumps(json.loads(attrs["settings"])) and inputs.clips:
        found, expected = inputs.settings, json.loads(attrs["settings"])
        if _without_rate(found) != _without_rate(expected):
            raise ConfigError(
                f"inputs made with {found}",
                f"the settings of the training, {expected}",
                "Run the stages again",
            )


def _without_rate(settings: list[dict]) -> list[dict]:
    return [
        {stage: {k: v for k, v in params.items() if k != "target_fps"} for stage, params in one.items()}
        for one in settings
    ]
