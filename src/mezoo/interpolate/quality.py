"""How well a method rebuilds frames that were left out: peak signal-to-noise ratio on held-out frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError

#: (frames, positions) -> frames, as `Interpolator.at`.
Render = Callable[[NDArray[np.uint8], NDArray[np.float64]], NDArray[np.uint8]]
#: PSNR of a frame without any error, dB; infinity would swallow the mean.
PERFECT = 100.0


def psnr(image: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of an 8-bit image in dB, over all its channels; at most `PERFECT`."""
    error = np.mean((image.astype(np.float64) - truth) ** 2)
    return PERFECT if error == 0 else min(PERFECT, float(10 * np.log10(255**2 / error)))


def rebuilt_psnr(
    clips: Sequence[NDArray[np.uint8]], methods: Mapping[str, Render], *, spacing: int
) -> dict[str, float]:
    """Keep every `spacing`-th frame of each clip, rebuild those in the middle and compare.

    Parameters
    ----------
    clips : sequence of ndarray, uint8, shape (T, H, W[, 3])
    methods : mapping of str to callable
        (frames, positions) -> frames.
    spacing : int
        Even, so that the frame in the middle was recorded.

    Returns
    -------
    dict
        Name -> mean PSNR over all rebuilt frames, dB; ``frames`` is their number.

    Raises
    ------
    ConfigError
        The spacing is not even, or every clip is too short.
    """
    if spacing < 2 or spacing % 2:
        raise ConfigError(f"a spacing of {spacing} frames", "an even number", "Change it")
    values: dict[str, list[float]] = {name: [] for name in methods}
    for clip in clips:
        kept = clip[::spacing]
        places = np.arange(0.5, len(kept) - 1)
        truth = clip[spacing // 2 :: spacing][: len(places)]
        for name, render in methods.items() if len(places) else ():
            values[name] += [psnr(*pair) for pair in zip(render(kept, places), truth, strict=True)]
    n = len(next(iter(values.values()), []))
    if not n:
        raise ConfigError(
            f"no clip of more than {spacing} frames", "at least one", "Take longer clips or a smaller spacing"
        )
    return {name: float(np.mean(found)) for name, found in values.items()} | {"frames": n}
