"""Registry of the magnification methods; all are called as ``magnify(frames, fps, factor) -> frames``.

`factor` is the total factor m everywhere: a displacement d becomes m d, 1 is the identity. Methods convert it to what
their paper uses (the extra gain alpha is m - 1).

To add a method write a function (frames, fps, factor, **params), enter it in `_METHODS`, and the tests over the
registry cover it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np

from mezoo.errors import unknown
from mezoo.magnify.eulerian import Eulerian, eulerian
from mezoo.magnify.lagrangian import lagrangian
from mezoo.magnify.magnet import describe as describe_magnet
from mezoo.magnify.magnet import magnet
from mezoo.magnify.phase import PhaseBased, phase_based
from mezoo.magnify.presets import EULERIAN, LAGRANGIAN, MAGNET, PHASE, Preset

Measured = tuple[np.ndarray, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Magnifier:
    """One method.

    Attributes
    ----------
    name : str
        Its name in `MAGNIFIERS`.
    paper : str
        Where it was published.
    defaults : mapping
        Its parameters, JSON-able.
    presets : mapping
        Settings by name, see `Preset`.
    """

    name: str
    paper: str
    _measured: Callable[..., Measured]
    defaults: Mapping[str, Any]
    presets: Mapping[str, Preset] = field(default_factory=dict)
    _describe: Callable[[dict[str, Any]], dict[str, Any]] = dict

    def magnify(self, frames: np.ndarray, fps: float, factor: float, **params: Any) -> np.ndarray:
        """Magnify the motion of a clip.

        Parameters
        ----------
        frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
            Grey levels or RGB, each side at least 16 px. The first frame is the reference.
        fps : float
            Frames per second, the true ones.
        factor : float
            Total factor m >= 0; 1 gives the frames back.
        **params
            As in `defaults`.

        Returns
        -------
        ndarray, uint8, shape of `frames`

        Raises
        ------
        ConfigError
            Another kind of array, an unknown parameter, or a value out of range.
        """
        return self.measured(frames, fps, factor, **params)[0]

    def measured(self, frames: np.ndarray, fps: float, factor: float, **params: Any) -> Measured:
        """As `magnify`, and what the method tells of each frame by name, float32 (T,): ``hole_ratio``."""
        return self._measured(frames, fps, factor, **self._merge(params))

    def preset(self, name: str) -> Preset:
        """Find a preset by name; raise `ConfigError` when there is none."""
        if name not in self.presets:
            raise unknown(f"preset '{name}' of the magnification {self.name}", name, self.presets)
        return self.presets[name]

    def describe(self, **params: Any) -> dict[str, Any]:
        """Everything the numbers depend on besides clip and factor, JSON-able: name and parameters."""
        return {"method": self.name, **self._describe(self._merge(params))}

    def _merge(self, given: dict[str, Any]) -> dict[str, Any]:
        for key in given:
            if key not in self.defaults:
                raise unknown(f"parameter '{key}' of the magnification {self.name}", key, self.defaults)
        return {**self.defaults, **given}


def _defaults(function: Callable[..., Any], *settings: type) -> dict[str, Any]:
    """Keyword arguments of a function, and fields of dataclasses, that have a default."""
    found = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not parameter.empty
    }
    for kind in settings:
        found |= {entry.name: entry.default for entry in fields(kind) if entry.default is not MISSING}
    return found


def _lagrangian(frames: np.ndarray, fps: float, factor: float, **params: Any) -> Measured:
    magnified, holes = lagrangian(frames, fps, factor, **params)
    return magnified, {"hole_ratio": holes}


def _plain(function: Callable[..., np.ndarray]) -> Callable[..., Measured]:
    """Wrap a method that tells nothing besides its frames."""

    def measured(*clip: Any, **params: Any) -> Measured:
        return function(*clip, **params), {}

    return measured


_METHODS = (
    Magnifier(
        "lagrangian",
        "Liu et al., SIGGRAPH 2005; Flotho et al., arXiv 2204.07636",
        _lagrangian,
        _defaults(lagrangian),
        LAGRANGIAN,
    ),
    Magnifier(
        "eulerian", "Wu et al., SIGGRAPH 2012", _plain(eulerian), _defaults(eulerian, Eulerian), EULERIAN
    ),
    Magnifier(
        "phase",
        "Wadhwa et al., SIGGRAPH 2013",
        _plain(phase_based),
        _defaults(phase_based, PhaseBased),
        PHASE,
    ),
    Magnifier("magnet", "Oh et al., ECCV 2018", _plain(magnet), _defaults(magnet), MAGNET, describe_magnet),
)
#: All magnification methods by name.
MAGNIFIERS: dict[str, Magnifier] = {method.name: method for method in _METHODS}


def get_magnifier(name: str) -> Magnifier:
    """Find a method by name; raise `ConfigError` when there is none."""
    if name not in MAGNIFIERS:
        raise unknown(f"magnification '{name}'", name, MAGNIFIERS)
    return MAGNIFIERS[name]
