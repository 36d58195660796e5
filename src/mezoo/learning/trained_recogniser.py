"""A trained recogniser with what is known of its training, applied to expressions without labels."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.inputs.pack import ClipId
from mezoo.learning.clips import read_inputs
from mezoo.learning.fresh_inputs import fresh_packs
from mezoo.learning.recipe import for_recognition, parse_recipe
from mezoo.learning.recogniser_predict import load_recogniser
from mezoo.stage import check_stage

_EXPECTED = "a model.h5 that mezoo fit-recogniser wrote"
_TODO = "Run `snakemake --cores all results/models/<recipe>/<protocol>/everybody/model.h5` first"


@dataclass(frozen=True, eq=False)
class Recognised:
    """What a recogniser says of some expressions.

    Attributes
    ----------
    probability : dict of ClipId to ndarray, float32, shape (classes,)
    reasons : dict of ClipId to str
        Why others could not be used.
    seen : set of ClipId
        Those that were among the training clips, frame by frame.
    """

    probability: dict[ClipId, NDArray[np.float32]]
    reasons: dict[ClipId, str]
    seen: set[ClipId]


class TrainedRecogniser:
    """A recogniser read from an artifact of the stage ``fit_recogniser``.

    Attributes
    ----------
    path : Path
    name : str
        Of its recipe.
    classes, subjects, datasets : tuple of str
        Classes in the order of the outputs; ``dataset/subject`` of all it was trained on, and their corpora.
    n_clips : int
        Training clips.
    settings : list of dict
        Settings of the stages behind each input.
    most_frequent : str
        Class of most training clips.
    is_network : bool
        Whether its probabilities are those of a network, else scores of a support vector machine.

    Raises
    ------
    ConfigError
        No such file, or another artifact.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise ConfigError("there is no trained recogniser", _EXPECTED, _TODO, file=self.path)
        with Artifact(self.path) as artifact:
            check_stage(artifact, "fit_recogniser", expected=_EXPECTED, todo=_TODO)
            attrs: dict[str, Any] = dict(artifact.attrs)
            self._recipe = for_recognition(parse_recipe(json.loads(attrs["recipe"])))
            self._frozen = load_recogniser(artifact, self._recipe)
            counts = artifact["class_counts"][:]
        self.name, self.n_clips = str(attrs["name"]), int(attrs["n_clips"])
        self.classes, self.subjects = (tuple(json.loads(attrs[key])) for key in ("classes", "subjects"))
        self.datasets = tuple(sorted({subject.split("/")[0] for subject in self.subjects}))
        self.settings: list[dict[str, dict[str, Any]]] = json.loads(attrs["settings"])
        self.most_frequent: str = self.classes[int(counts.argmax())]
        self.is_network = self._recipe.model != "svm" and getattr(self._recipe, "svm", None) is None
        self._marks = set(json.loads(attrs["marks"]))

    def recognise(
        self,
        faces: Sequence[Path],
        labels: Sequence[Path],
        folder: Path,
        *,
        dataset: str,
        subject: str,
        weights: Mapping[str, Path] | None = None,
    ) -> Recognised:
        """Apply the look ``last`` to all events of some videos; parameters as of `fresh_packs`."""
        inputs = self._recipe.inputs
        packs = fresh_packs(
            inputs, self.settings, faces, labels, folder, dataset=dataset, subject=subject, weights=weights
        )
        read = read_inputs(packs, inputs)
        self._check_faces(read.settings)
        found = self._frozen.probabilities(read)[self._frozen.looks.index(self._frozen.last)]
        marks = read.marks
        return Recognised(
            probability=dict(zip(read.clips, found, strict=True)),
            reasons=read.reasons,
            seen={marks[mark] for mark in set(marks) & self._marks},
        )

    def _check_faces(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Refuse faces made with other settings; all that is made of them was made with those of the training."""
        for ours, theirs in zip(found, self.settings, strict=True):
            given, wanted = (_without_rate(known.get("faces", {})) for known in (ours, theirs))
            if given != wanted:
                raise ConfigError(
                    f"faces made with {given}",
                    f"the settings of the training, {wanted}",
                    "Run the stages again with one config.yaml",
                    file=self.path,
                )


def _without_rate(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "target_fps"}
