"""The configuration: pydantic models that are the one source of defaults, JSON schema and docs.

`config.yaml` is the user's file. `load` reads it and turns every mistake into one readable line.
``python -m mezoo.config`` writes the generated files again (schema and documentation page); a test
fails when they drift from the models.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mezoo.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values cannot change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatasetConfig(Section):
    """Where one corpus lies and how its native form is read."""

    root: Path | None = Field(
        None, description="Folder of the corpus as its owners ship it; empty = not used."
    )
    coding: Path | None = Field(
        None, description="Coding workbook (or a CSV copy); empty = searched for below root."
    )
    target_fps: float | None = Field(
        None, gt=0, description="Frames per second kept (every n-th frame is taken); empty = all frames."
    )
    exclude: list[str] = Field([], description="Ids of videos to leave out, e.g. [s15_0101].")
    options: dict[str, str | bool | int | float] = Field(
        {}, description="Policies of the reader of this layout (docs/datasets.md), e.g. {misplaced: drop}."
    )


class SammLvConfig(DatasetConfig):
    """SAMM Long Videos is recorded at 200 fps and analysed at 25 fps in the literature."""

    target_fps: float | None = Field(
        25, gt=0, description="Frames per second kept (every n-th frame is taken); empty = all frames."
    )


class DatasetsConfig(Section):
    """The corpora, one section each."""

    casme_sq: DatasetConfig = Field(DatasetConfig(), description="CAS(ME)^2, long videos at 30 fps.")
    samm_lv: SammLvConfig = Field(SammLvConfig(), description="SAMM Long Videos, 200 fps.")
    casme: DatasetConfig = Field(DatasetConfig(), description="CASME, clips at 60 fps.")
    casme2: DatasetConfig = Field(DatasetConfig(), description="CASME II, clips at 200 fps.")
    samm: DatasetConfig = Field(DatasetConfig(), description="SAMM, clips at 200 fps.")
    smic: DatasetConfig = Field(
        DatasetConfig(), description="SMIC, clips at 100 fps (HS) or 25 fps (VIS, NIR)."
    )
    smic_e: DatasetConfig = Field(
        DatasetConfig(), description="SMIC-E, long clips at 100 fps (HS) or 25 fps (VIS, NIR)."
    )
    casme3: DatasetConfig = Field(
        DatasetConfig(), description="CAS(ME)^3, long videos (or clips) of part A, and part C, 30 fps."
    )
    mmew: DatasetConfig = Field(DatasetConfig(), description="MMEW, clips at 90 fps.")
    fourdme: DatasetConfig = Field(DatasetConfig(), description="4DME, grey clips at 60 fps.")
    ckplus: DatasetConfig = Field(DatasetConfig(), description="CK+, posed macro-expressions, 30 fps.")
    folder: DatasetConfig = Field(
        DatasetConfig(), description="A folder per class with still images (AffectNet), for pretraining."
    )
    generic: DatasetConfig = Field(
        DatasetConfig(), description="Your own videos, or folders of frames, with a table of events."
    )


class DemoConfig(Section):
    """The synthetic corpora that stand in while no corpus is configured."""

    enabled: Literal["auto"] | bool = Field(
        "auto",
        description="auto = only while no dataset has a root; true = beside the real corpora; false = never.",
    )
    subjects: int = Field(8, ge=3, le=22, description="Subjects in each demo corpus.")
    seed: int = Field(0, ge=0, description="Same seed, same bytes.")
    size: Literal["tiny", "small", "medium", "large"] = Field(
        "small", description="Length and number of the videos; tiny is for tests."
    )


class FacesConfig(Section):
    """Face box and landmarks."""

    margin: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Enlargement of the first frame's face box, share of its size on each side.",
    )
    size: int | None = Field(
        None,
        ge=64,
        le=1024,
        description="Width in px to which the face box is scaled; empty = native resolution.",
    )
    max_gap: int = Field(
        10,
        ge=0,
        description="Longest run of frames without landmarks that is interpolated; longer ones are invalid.",
    )
    smooth: int = Field(
        5, ge=1, description="Frames over which landmarks are smoothed, odd; 1 leaves them as they are."
    )
    missing_frames: Literal["fail", "hold"] = Field(
        "fail",
        description="A number missing among the frames: fail = record it; hold = repeat the frame before.",
    )
    min_valid_share: float = Field(
        0.5, ge=0, le=1, description="A video with a smaller share of usable frames is recorded as failed."
    )
    models: Path | None = Field(
        None,
        description="Folder with dlib's model files; empty = those of the package face_recognition_models.",
    )


class FlowConfig(Section):
    """Optical flow between frames."""

    backend: Literal["native", "torch", "opencv", "farneback", "dis"] = Field(
        "native",
        description="native = our TV-L1; torch = the same in batches, for GPUs; opencv = OpenCV's TV-L1, the"
        " slow reference; farneback; dis.",
    )
    scales: int = Field(
        5, ge=1, le=20, description="Pyramid scales of TV-L1 (step 0.8); 10 reaches larger motion."
    )
    profile: Literal["exact", "stream"] = Field(
        "exact",
        description="exact = each pair alone; stream = start from the pair before (native only): faster.",
    )
    stride: int = Field(
        1, ge=1, le=1000, description="Frames from the first to the second frame of a pair (flow_pair)."
    )
    keep: Literal["auto", "windows", "full"] = Field(
        "auto",
        description="windows = flow around the ROIs only (small files); full = every pixel;"
        " auto = windows for long videos, full for clips.",
    )
    head_motion: Literal["keep", "remove"] = Field(
        "keep",
        description="remove = take out the affine motion of jaw and nose tip (flow_onset, flow_apex).",
    )
    strain: Literal["central", "backward"] = Field(
        "central", description="Differences of the optical strain (flow_onset, flow_apex)."
    )
    missing_apex: Literal["middle", "skip"] = Field(
        "middle",
        description="An apex that is not coded (SMIC): middle = the middle frame; skip = leave it out.",
    )


class MdmoConfig(Section):
    """ROI features from the flow (main directional mean optical flow)."""

    radius: float = Field(5, gt=0, description="Half width of an ROI window, in the unit below.")
    radius_unit: Literal["px", "interocular"] = Field(
        "px",
        description="px = pixels for any face size (as published); interocular = share of the eye distance.",
    )


MagnifyMethod = Literal["lagrangian", "eulerian", "phase", "magnet"]


class MagnifyConfig(Section):
    """Small motions made larger."""

    method: MagnifyMethod = Field(
        "lagrangian",
        description="What results/catalog/<dataset>/magnified.csv makes; other methods and factors can be"
        " asked for by name.",
    )
    factor: float = Field(4, ge=0, le=1000, description="Total factor of the same: 4 px where 1 px moved.")
    shape_factors: list[float] = Field(
        [1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0],
        min_length=1,
        description="Total factors of MagNet's shape representation (stage shape, for FGRMER).",
    )
    magnet_weights: Path | None = Field(
        None, description="Weights of MagNet; empty = a small substitute is trained, and every file says so."
    )
    profile: Literal["demo", "standard"] = Field(
        "demo",
        description="Training of that substitute: demo = about 3 minutes; standard = about 25 minutes.",
    )


InterpolationMethod = Literal["linear", "tim", "flow_warp", "rife"]


class InterpolateConfig(Section):
    """Expressions as clips of one length."""

    method: InterpolationMethod = Field(
        "tim",
        description="What results/catalog/<dataset>/interpolated.csv makes; other methods and lengths can be"
        " asked for by name.",
    )
    length: int = Field(32, ge=2, le=1000, description="Frames of each clip of the same.")
    schedule: Literal["even", "slstt", "slstt_paper"] = Field(
        "even",
        description="even = from onset to offset in even steps; slstt = frames around the apex (odd lengths),"
        " gaps filled as in SLSTT's code; slstt_paper = as in its paper.",
    )
    rife_weights: Path | None = Field(
        None,
        description="Official weights of RIFE (file or folder); empty = a small substitute is trained on the"
        " faces of this run, and every file says so.",
    )


class ReportConfig(Section):
    """The page with all results."""

    clips: bool = Field(
        True,
        description="Strips of the annotated expressions; false = a page without faces, which may be passed on.",
    )


class Config(Section):
    """Everything a user may set."""

    datasets: DatasetsConfig = Field(DatasetsConfig(), description="The corpora.")
    demo: DemoConfig = Field(DemoConfig(), description="Synthetic corpora.")
    recipes: list[str] = Field(
        ["auwgcn", "mdmo_peaks"],
        min_length=1,
        description="Methods in the report: names of files in workflow/recipes.",
    )
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
    for key, weights in (
        ("magnify.magnet_weights", config.magnify.magnet_weights),
        ("interpolate.rife_weights", config.interpolate.rife_weights),
    ):
        if weights is not None and not weights.expanduser().exists():
            raise ConfigError(
                f"{key} is '{weights}', which does not exist",
                "an existing file",
                "Correct it, or leave the key empty to train a small substitute",
                file=file,
            )
    return config


def _existing_parent(place: Path) -> Path:
    place = place.expanduser().absolute()
    return next((parent for parent in place.parents if parent.exists()), Path("/"))


def validate(model: type[Model], values: Any, *, file: str | Path | None = None) -> Model:
    """Check `values` against a pydantic model; the first mistake becomes one readable `ConfigError`."""
    if not isinstance(values, dict):
        raise ConfigError(
            f"the top level is a {type(values).__name__}",
            "keys with values",
            "See docs/configuration.md",
            file=file,
        )
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise one_line(model, error.errors()[0], file) from None


def one_line(model: type[BaseModel], error: Any, file: str | Path | None) -> ConfigError:
    """Turn one entry of a pydantic error into what was found, what was expected and what to do."""
    location = [str(part) for part in error["loc"]]
    key = ".".join(location)
    if error["type"] == "extra_forbidden":
        known = list(_section_at(model, location[:-1]).model_fields)
        close = difflib.get_close_matches(location[-1], known, n=1)
        advice = f"Did you mean '{'.'.join([*location[:-1], close[0]])}'?" if close else "Remove it"
        return ConfigError(f"unknown key '{key}'", f"one of {', '.join(known)}", advice, file=file)
    expected = error["msg"].removeprefix("Input should be ")
    return ConfigError(
        f"{key} is {error['input']!r}",
        expected,
        f"Correct the value of '{key}' (docs/configuration.md)",
        file=file,
    )


def _section_at(model: type[BaseModel], location: list[str]) -> type[BaseModel]:
    for part in location:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return model


# ---------------------------------------------------------------------------- generated files


def schema() -> str:
    """JSON schema of `config.yaml`, for editors that complete and check YAML."""
    generated = Config.model_json_schema()
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}, indent=2) + "\n"
    )


def example() -> str:
    """Text of the shipped `config.yaml`: every key with its default and its description."""
    lines = [
        "# yaml-language-server: $schema=workflow/schemas/config.schema.json",
        "# The settings of a run. Every key is explained here and in docs/configuration.md.",
        "# Paths may be absolute or relative to this folder; an empty value means: none.",
    ]
    _example_lines(Config, Config(), lines, indent="")
    return "\n".join(lines) + "\n"


def _example_lines(model: type[BaseModel], value: BaseModel, lines: list[str], *, indent: str) -> None:
    for name, field in model.model_fields.items():
        current = getattr(value, name)
        if not indent:
            lines.append("")
        lines.append(f"{indent}# {field.description}")
        if isinstance(current, BaseModel):
            lines.append(f"{indent}{name}:")
            _example_lines(type(current), current, lines, indent=indent + "  ")
        else:
            lines.append(f"{indent}{name}: {_scalar(current)}".rstrip())


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def documentation() -> str:
    """Markdown page with every key, its type, default, bounds and meaning."""
    lines = [
        "# Configuration",
        "",
        "<!-- generated by `python -m mezoo.config`; do not edit -->",
        "",
        "All keys of `config.yaml`. An unknown key, a wrong value or a folder that does not exist stops the",
        "run with one line that says what to do.",
        "",
        "| key | default | values | meaning |",
        "| --- | --- | --- | --- |",
    ]
    _documentation_rows(Config, Config(), "", lines)
    return "\n".join(lines) + "\n"


def _documentation_rows(model: type[BaseModel], value: BaseModel, prefix: str, lines: list[str]) -> None:
    properties = model.model_json_schema()["properties"]
    for name, field in model.model_fields.items():
        current = getattr(value, name)
        if isinstance(current, BaseModel):
            _documentation_rows(type(current), current, f"{prefix}{name}.", lines)
            continue
        default = f"`{_scalar(current)}`" if _scalar(current) else "empty"
        lines.append(f"| `{prefix}{name}` | {default} | {_values(properties[name])} | {field.description} |")


def _values(entry: dict[str, Any]) -> str:
    kinds = [option for option in entry.get("anyOf", [entry]) if option.get("type") != "null"]
    words = []
    for kind in kinds:
        bounds = [
            f"{sign} {kind[key]:g}"
            for key, sign in (
                ("minimum", ">="),
                ("exclusiveMinimum", ">"),
                ("maximum", "<="),
                ("exclusiveMaximum", "<"),
            )
            if key in kind
        ]
        plain = kind.get("format") or kind.get("type", "any")
        words.append(", ".join(kind["enum"]) if "enum" in kind else " ".join([plain, *bounds]))
    return " or ".join(words)


GENERATED = {
    Path("workflow/schemas/config.schema.json"): schema,
    Path("docs/configuration.md"): documentation,
}


def main() -> None:
    """Write the generated files again (run in the project's root)."""
    for path, text in GENERATED.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
