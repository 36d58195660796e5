"""The whole configuration, and how it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from mezoo.config.clips import InterpolateConfig, MagnifyConfig
from mezoo.config.corpora import DatasetsConfig, DemoConfig
from mezoo.config.preprocessing import FacesConfig, FlowConfig, MdmoConfig
from mezoo.config.recognition import RecognitionConfig
from mezoo.config.section import Section, validate
from mezoo.errors import ConfigError


class ReportConfig(Section):
    """The page with all results."""

    clips: bool = Field(
        True,
        description="Strips of the annotated expressions; false = a page without faces, which may be passed on.",
    )


class SpottingConfig(Section):
    """What results/tables/spotting.md compares."""

    recipes: list[str] = Field(
        [],
        description="Recipes in the table results/tables/spotting.md: names of files in workflow/recipes; empty = every"
        " recipe for spotting.",
    )


class Config(Section):
    """Everything a user may set."""

    datasets: DatasetsConfig = Field(DatasetsConfig(), description="The corpora.")
    demo: DemoConfig = Field(DemoConfig(), description="Synthetic corpora.")
    recipes: list[str] = Field(
        ["auwgcn", "mdmo_peaks"],
        min_length=1,
        description="Methods in the report, of spotting or recognition: names of files in workflow/recipes. Others for"
        " which results/loso_<recipe>.csv is asked in the same command are shown too.",
    )
    spotting: SpottingConfig = Field(SpottingConfig(), description="Spotting in long videos.")
    recognition: RecognitionConfig = Field(RecognitionConfig(), description="Recognition of clips.")
    seeds: list[int] = Field([0], min_length=1, description="Each fold is trained once per seed.")
    faces: FacesConfig = Field(FacesConfig(), description="Face box and landmarks.")
    flow: FlowConfig = Field(FlowConfig(), description="Optical flow.")
    mdmo: MdmoConfig = Field(MdmoConfig(), description="ROI features.")
    magnify: MagnifyConfig = Field(MagnifyConfig(), description="Motion magnification, made on request.")
    interpolate: InterpolateConfig = Field(
        InterpolateConfig(), description="Clips of one length, made on request."
    )
    report: ReportConfig = Field(ReportConfig(), description="The page with all results.")
    max_failed_share: float = Field(
        0.1, ge=0, le=1, description="The run stops when a larger share of a corpus' videos has failed."
    )
    accelerator: Literal["auto", "cpu", "gpu"] = Field(
        "auto",
        description="Where networks train and flow.backend torch computes: auto takes a GPU if there is one.",
    )

    @property
    def demo_enabled(self) -> bool:
        """Whether the demo corpora take part in this run."""
        if self.demo.enabled != "auto":
            return bool(self.demo.enabled)
        return all(dataset.root is None for _, dataset in self.datasets)


def load(path: str | Path = "config.yaml") -> Config:
    """Read and check a configuration file.

    Raises
    ------
    ConfigError
        Unreadable file, unknown key, wrong type or value, or a root that does not exist.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(
            "no such file", "a configuration file", "Copy config.yaml of the project", file=path
        )
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise ConfigError(f"{where}{problem}", "valid YAML", "Mend that line", file=path) from None
    return parse(values, file=path)


def parse(values: Any, *, file: str | Path | None = None) -> Config:
    """Check a mapping as `load` does; `file` is named in errors."""
    config = validate(Config, values if values is not None else {}, file=file)
    for name, dataset in config.datasets:
        for key in ("root", "coding"):
            place = getattr(dataset, key)
            if place is not None and not place.expanduser().exists():
                raise ConfigError(
                    f"datasets.{name}.{key} is '{place}', which does not exist",
                    f"an existing {'folder' if key == 'root' else 'file'}",
                    f"'{_existing_parent(place)}' exists: correct the rest, or leave the key empty",
                    file=file,
                )
    for key, chosen, weights in (
        ("faces.detector_weights", config.faces.detector, config.faces.detector_weights),
        ("faces.landmark_weights", config.faces.landmarks, config.faces.landmark_weights),
    ):
        if chosen != "dlib" and not (weights and weights.expanduser().is_file()):
            raise ConfigError(
                f"{chosen} is chosen and {key} is {f'no file ({weights})' if weights else 'empty'}",
                "the file of weights that its authors publish",
                "Give it, or take dlib",
                file=file,
            )
    for key, weights in (
        ("magnify.magnet_weights", config.magnify.magnet_weights),
        ("interpolate.rife_weights", config.interpolate.rife_weights),
        ("recognition.slstt_weights", config.recognition.slstt_weights),
        *((f"recognition.backbones.{name}", path) for name, path in config.recognition.backbones.items()),
    ):
        if weights is not None and not weights.expanduser().exists():
            raise ConfigError(
                f"{key} is '{weights}', which does not exist",
                "an existing file",
                "Correct it, or leave the key empty: a small substitute takes its place",
                file=file,
            )
    return config


def _existing_parent(place: Path) -> Path:
    place = place.expanduser().absolute()
    return next((parent for parent in place.parents if parent.exists()), Path("/"))
