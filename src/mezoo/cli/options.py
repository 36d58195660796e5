"""Options that several commands share, and what the commands make of them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mezoo.errors import ConfigError

Out = Annotated[Path, typer.Option("-o", "--out", help="File or folder to write.")]
Threads = Annotated[int, typer.Option(help="Threads of OpenCV, numba and torch.", min=1)]
Settings = Annotated[str, typer.Option(help="Settings of the stage as JSON; defaults as in config.yaml.")]
Faces = Annotated[Path, typer.Argument(help="Artifact of the stage faces.")]
Labels = Annotated[Path, typer.Argument(help="Event table of the video: labels/<video>.csv of its catalog.")]
Files = Annotated[list[Path], typer.Argument(help="Files.")]
MagnifyMethod = Annotated[
    str, typer.Option("--method", help="lagrangian, eulerian, phase or magnet, which needs weights.")
]
Factor = Annotated[float, typer.Option(help="Total factor: a motion of 1 px becomes one of FACTOR px.")]
MissingApex = Annotated[
    Literal["middle", "skip", "spotted"],
    typer.Option(help="An apex that is not coded: middle, skip or spotted, as flow.missing_apex."),
]
MagnetWeights = Annotated[
    Path | None, typer.Option("--weights", help="Weights of MagNet, published or of train-magnet.")
]
InterpolateMethod = Annotated[
    str, typer.Option("--method", help="linear, tim, flow_warp, or rife, which needs weights.")
]
RifeWeights = Annotated[
    Path | None, typer.Option("--weights", help="Weights of RIFE, official ones or of train-rife.")
]


def settings_of(text: str, name: str = "--settings") -> dict[str, Any]:
    """Read an option that holds a JSON object; `name` is told in errors."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{name} is no JSON ({error})", "a JSON object", "Quote it as a whole") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{name} is {text}", "a JSON object", "Write {...}")
    return values


def weights_of(texts: Sequence[str]) -> dict[str, Path]:
    """Read options ``NAME=FILE``."""
    pairs = [text.partition("=") for text in texts]
    if wrong := [text for text, (_, sign, _) in zip(texts, pairs, strict=True) if not sign]:
        raise ConfigError(f"--weights {wrong[0]}", "NAME=FILE, e.g. magnet=weights.pth", "Correct it")
    return {name: Path(path) for name, _, path in pairs}


def limit(threads: int) -> None:
    """Limit the threads of OpenCV and numba."""
    from mezoo.motion import set_threads

    set_threads(threads)


def limit_torch(threads: int) -> None:
    """Limit the threads of torch; before it is imported."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read once, when torch is imported
