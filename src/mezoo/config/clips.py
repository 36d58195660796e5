"""Expressions with larger motion, and of one length: what is made on request."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mezoo.config.section import Section

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
