"""Magnify a clip that does not fit into memory: block by block, with the same result as all at once.

Recursive temporal filters keep their state from block to block, and what refers to the first frame keeps that one.
Filters over the whole clip (``ideal``, ``fir``) cannot be fed in blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from mezoo.magnify.eulerian import Eulerian
from mezoo.magnify.frames import add_yiq, check_clip, to_yiq
from mezoo.magnify.phase import PhaseBased
from mezoo.magnify.registry import get_magnifier
from mezoo.magnify.temporal import TemporalBand

Blocks = Callable[[np.ndarray], np.ndarray]


def in_blocks(method: str, first: np.ndarray, fps: float, factor: float, **params: Any) -> Blocks | None:
    """Begin a clip that is magnified block by block.

    Parameters
    ----------
    method : str
        Name of a method, see `get_magnifier`.
    first : ndarray, uint8, shape (H, W) or (H, W, 3)
        The first frame of the clip.
    fps, factor, **params
        As in `Magnifier.magnify`.

    Returns
    -------
    callable or None
        Takes consecutive blocks uint8 (b, H, W[, 3]), the first one with `first`, and returns them magnified,
        as `Magnifier.magnify` would have in one go. None where the method needs the whole clip.

    Raises
    ------
    ConfigError
        Wrong usage.
    """
    magnifier = get_magnifier(method)
    check_clip(first[None], fps, factor)
    magnifier.describe(**params)  # an unknown parameter is an error before the first block
    return _STARTS[method](first, fps, factor, {**magnifier.defaults, **params})


def _from_the_first(first: np.ndarray, fps: float, factor: float, params: Mapping[str, Any]) -> Blocks:
    """Each frame depends on itself and the first one."""
    magnify, began = get_magnifier("lagrangian").magnify, False

    def step(block: np.ndarray) -> np.ndarray:
        nonlocal began
        if not began:
            began = True
            return magnify(block, fps, factor, **params)
        return magnify(np.concatenate([first[None], block]), fps, factor, **params)[1:]

    return step


def _eulerian(first: np.ndarray, fps: float, factor: float, params: Mapping[str, Any]) -> Blocks | None:
    band = _band(fps, params)
    settings = Eulerian(band, factor, **_among(params, Eulerian))
    coloured = first.ndim == 3 and settings.chroma > 0
    amplifier = settings.start((first.shape[0], first.shape[1], 3 if coloured else 1))
    return _if(band.streams, lambda block: add_yiq(block, amplifier(to_yiq(block, chroma=coloured))))


def _phase(first: np.ndarray, fps: float, factor: float, params: Mapping[str, Any]) -> Blocks | None:
    band = _band(fps, params)
    shifter = PhaseBased(band, factor, **_among(params, PhaseBased)).start((first.shape[0], first.shape[1]))

    def step(block: np.ndarray) -> np.ndarray:
        return add_yiq(block, shifter(to_yiq(block, chroma=False)[..., 0])[..., None])

    return _if(band.streams, step)


def _magnet(first: np.ndarray, fps: float, factor: float, params: Mapping[str, Any]) -> Blocks | None:
    from mezoo.magnify.magnet import LearnedMagnifier, load

    band = None if params["temporal"] == "dynamic" else _band(fps, params)
    settings = LearnedMagnifier(load(params["weights"]), factor, band)
    return _if(settings.streams, settings.start())


def _band(fps: float, params: Mapping[str, Any]) -> TemporalBand:
    return TemporalBand(params["temporal"], fps, **_among(params, TemporalBand))


def _among(params: Mapping[str, Any], settings: type) -> dict[str, Any]:
    """Those parameters that are fields of a dataclass."""
    return {entry.name: params[entry.name] for entry in fields(settings) if entry.name in params}


def _if(streams: bool, step: Blocks) -> Blocks | None:
    return step if streams else None


_STARTS: dict[str, Callable[[np.ndarray, float, float, Mapping[str, Any]], Blocks | None]] = {
    "lagrangian": _from_the_first,
    "eulerian": _eulerian,
    "phase": _phase,
    "magnet": _magnet,
}
