"""How well and how fast the magnification methods work, on made clips of which the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mezoo.errors import ConfigError
from mezoo.magnify import MAGNIFIERS, get_magnifier
from mezoo.magnify.acceptance import Magnify, Scene, false_motion, likeness, seconds_per_frame

_COLOUR_FACTOR = 4.0


@dataclass(frozen=True)
class MagnifyExtent:
    """How much is measured.

    Attributes
    ----------
    displacements, factors : tuple of float
        px at the apex; total. Every pair without noise.
    noises : tuple of float
        Grey levels, at the middle displacement and factor.
    side, speed_side : int
        Of the frames whose likeness and whose time is measured, px.
    """

    displacements: tuple[float, ...] = (0.25, 0.5, 1.0)
    factors: tuple[float, ...] = (2.0, 4.0, 6.0)
    noises: tuple[float, ...] = (1.0, 3.0)
    side: int = 128
    speed_side: int = 224

    @property
    def n_clips(self) -> int:
        """Number of clips."""
        return len(self.displacements) * len(self.factors) + len(self.noises)

    def clips(self) -> list[tuple[float, float, float]]:
        """Displacement, factor and noise of each clip."""
        clips = [(moved, factor, 0.0) for moved in self.displacements for factor in self.factors]
        moved, factor = self.displacements[len(self.displacements) // 2], self.factors[len(self.factors) // 2]
        return [*clips, *((moved, factor, noise) for noise in self.noises)]


QUICK = MagnifyExtent((0.5,), (4.0,), (), 64, 64)


@dataclass(frozen=True)
class MagnifyRow:
    """One method on one clip.

    Attributes
    ----------
    method : str
    displacement, factor, noise : float
        Of the clip at its apex, px; total factor; standard deviation in grey levels.
    gain, ssim, ssim_untouched : float
        See `acceptance.Likeness`.
    """

    method: str
    displacement: float
    factor: float
    noise: float
    gain: float
    ssim: float
    ssim_untouched: float


@dataclass(frozen=True)
class MagnifyCost:
    """What a method costs, and the motion in px that it finds where only brightness and contrast change."""

    method: str
    milliseconds: float
    false_motion: float


def choose_magnifiers(names: Sequence[str], weights: Path | None) -> dict[str, Magnify]:
    """Methods by name, all that can run when none is named; raise `ConfigError` for weights that are missing."""
    learned = {name for name, method in MAGNIFIERS.items() if "weights" in method.defaults}
    chosen = list(names) or [name for name in MAGNIFIERS if weights or name not in learned]
    for name in chosen:
        get_magnifier(name)
        if name in learned and weights is None:
            raise ConfigError(f"no weights for {name}", "a file of weights", "Give --weights FILE")
    return {
        name: partial(MAGNIFIERS[name].magnify, weights=str(weights))
        if name in learned
        else MAGNIFIERS[name].magnify
        for name in chosen
    }


def quality(
    methods: dict[str, Magnify], extent: MagnifyExtent, *, done: Callable[[], Any]
) -> list[MagnifyRow]:
    """Measure every method on every clip; `done` is called after each clip."""
    scene = Scene(side=extent.side, spread=extent.side / 6.4)
    rows = []
    for moved, factor, noise in extent.clips():
        for name, magnify in methods.items():
            found = likeness(magnify, scene, moved, factor, noise=noise)
            row = MagnifyRow(name, moved, factor, noise, found.gain, found.ssim, found.ssim_untouched)
            rows.append(row)
        done()
    return rows


def costs(methods: dict[str, Magnify], *, side: int, runs: int) -> list[MagnifyCost]:
    """Measure time per grey frame of `side` px (shortest of the runs) and false motion."""
    scene = Scene(side=128)
    return [
        MagnifyCost(
            name,
            1e3 * seconds_per_frame(magnify, side=side, repeats=runs),
            false_motion(magnify, scene, _COLOUR_FACTOR),
        )
        for name, magnify in methods.items()
    ]
