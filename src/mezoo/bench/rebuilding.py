"""How well and how fast interpolation rebuilds frames that were left out, all methods on the same clips."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mezoo.bench.spread import Spread
from mezoo.interpolate import INTERPOLATORS
from mezoo.interpolate.quality import Render, psnr
from mezoo.interpolate.stage import learned_settings


@dataclass(frozen=True)
class RebuiltRow:
    """One method on one clip of which every `spacing`-th frame was kept.

    Attributes
    ----------
    scene : str
    width, height, spacing, frames : int
        Size in px; frames between those kept; frames rebuilt, each in the middle of a gap.
    method : str
    psnr, ssim : float
        Mean over these frames: dB; structural similarity.
    seconds : Spread
        Per new frame.
    """

    scene: str
    width: int
    height: int
    spacing: int
    frames: int
    method: str
    psnr: float
    ssim: float
    seconds: Spread


def interpolators(rife_weights: str | Path | None) -> dict[str, Render]:
    """All methods that can run: rife only with weights."""
    chosen = {name: method for name, method in INTERPOLATORS.items() if name != "rife" or rife_weights}
    settings: dict[str, dict[str, Any]] = {
        name: learned_settings(method, rife_weights if name == "rife" else None, "cpu")
        for name, method in chosen.items()
    }
    return {name: partial(method.at, **settings[name]) for name, method in chosen.items()}


def rebuilding(
    clips: Mapping[str, NDArray[np.uint8]],
    methods: Mapping[str, Render],
    *,
    spacings: Sequence[int],
    runs: int,
    done: Callable[[], object],
) -> list[RebuiltRow]:
    """Rebuild the frame in the middle of each gap.

    Parameters
    ----------
    clips : mapping of str to ndarray, uint8, shape (T, H, W)
    methods : mapping of str to callable
        See `interpolators`.
    spacings : sequence of int
        Even; a clip must be longer than each.
    runs : int
        Of every timing; the first one also loads what a method needs, so one more goes before.
    done : callable
        Called after each row.
    """
    rows = []
    for scene, clip in clips.items():
        for spacing in spacings:
            kept = clip[::spacing]
            places = np.arange(0.5, len(kept) - 1)
            truth = clip[spacing // 2 :: spacing][: len(places)]
            for name, render in methods.items():
                made, seconds = _timed(render, kept, places, runs)
                pairs = list(zip(made, truth, strict=True))
                levels, likeness = (
                    float(np.mean([measure(*pair) for pair in pairs])) for measure in (psnr, _ssim)
                )
                size = clip.shape[2], clip.shape[1], spacing, len(places)
                rows.append(RebuiltRow(scene, *size, name, levels, likeness, seconds))
                done()
    return rows


def _timed(
    render: Render, kept: NDArray[np.uint8], places: NDArray[np.float64], runs: int
) -> tuple[NDArray[np.uint8], Spread]:
    made, times = render(kept, places), []
    for _ in range(runs):
        start = time.perf_counter()
        render(kept, places)
        times.append((time.perf_counter() - start) / len(places))
    return made, Spread.of(times)


def _ssim(image: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    from skimage.metrics import structural_similarity

    return float(structural_similarity(image, truth, data_range=255))
