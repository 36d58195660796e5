"""The model that looks at a video of one's own, and what is known of its training."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.learning.spotter import Spotter
from mezoo.learning.spotters import load_spotter
from mezoo.report.tables import is_demo
from mezoo.stage import check_stage


@dataclass(frozen=True)
class Model:
    """A spotter and what is known of its training; without training the peak picker of motion."""

    name: str
    spotter: Spotter | None = None
    datasets: tuple[str, ...] = ()
    n_subjects: int = 0
    settings: dict[str, Any] | None = None

    @property
    def synthetic(self) -> bool:
        """Whether it was trained, on nothing but synthetic faces."""
        return self.spotter is not None and all(is_demo(name) for name in self.datasets)

    @property
    def warning(self) -> str:
        """What must be said wherever its results are shown; empty for a model of real faces."""
        return "model trained on synthetic faces only (demo)" if self.synthetic else ""

    def params(self, stage: str) -> dict[str, Any]:
        """Give the settings of a stage under which training features were made; without training our own."""
        if self.settings is None:
            return {"profile": "stream"} if stage == "flow_pair" else {}
        return {key: value for key, value in self.settings.get(stage, {}).items() if key != "method"}


def load_model(path: Path | None) -> Model:
    """Read what ``mezoo fit`` wrote.

    Parameters
    ----------
    path : Path or None
        None for peaks of motion, without any training.

    Raises
    ------
    ConfigError
        There is no such file, it is no model, or a model that looks at anything but MDMO features.
    """
    if path is None:
        return Model("motion peaks, nothing trained")
    if not path.is_file():
        raise ConfigError(
            "there is no trained model",
            "a model.h5 that mezoo fit wrote",
            "Leave --model away, or run `snakemake --cores all results/models/auwgcn/everybody/model.h5` first",
            file=path,
        )
    with Artifact(path) as artifact:
        check_stage(
            artifact,
            "fit",
            expected="a model.h5 that mezoo fit wrote",
            todo="Give results/models/<recipe>/everybody/model.h5",
        )
        attrs = artifact.attrs
        if json.loads(attrs["recipe"])["features"] != "mdmo":
            raise ConfigError(
                f"{attrs['name']}, which looks at images of flow or faces",
                "a model of MDMO features",
                "Give the model of another recipe, e.g. auwgcn",
                file=path,
            )
        subjects, names = json.loads(attrs["subjects"]), json.loads(attrs["datasets"])
        settings = json.loads(attrs["settings"])
        return Model(attrs["name"], load_spotter(artifact), tuple(names), len(subjects), settings)
