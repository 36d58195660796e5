"""What every interpolation method shares: the check of a clip, even time steps, rounding to grey levels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError

#: Numbers (frames x pixels) that are held as float64 at once.
_BLOCK = 4_000_000


def check_clip(frames: np.ndarray) -> None:
    """Raise `ConfigError` unless `frames` is uint8, (T, H, W) or (T, H, W, 3), with at least one frame."""
    good = isinstance(frames, np.ndarray) and frames.dtype == np.uint8 and 0 not in frames.shape
    if not good or not (frames.ndim == 3 or (frames.ndim == 4 and frames.shape[-1] == 3)):
        raise ConfigError(
            f"a clip of {getattr(frames, 'dtype', type(frames).__name__)}, shape {np.shape(frames)}",
            "uint8 frames (T, H, W) or (T, H, W, 3)",
            "Convert the frames to grey levels or RGB 0-255",
        )


def check_positions(positions: np.ndarray, n_frames: int) -> NDArray[np.float64]:
    """Return `positions` as float64 (L,); raise `ConfigError` when one lies outside of [0, n_frames - 1]."""
    places = np.asarray(positions, np.float64)
    if places.ndim != 1 or not np.all((places >= 0) & (places <= n_frames - 1)):
        raise ConfigError(
            f"positions {np.array2string(places, threshold=8)} in a clip of {n_frames} frames",
            f"a list of numbers from 0 to {n_frames - 1}",
            "Give positions inside the clip",
        )
    return places


def even_positions(n_frames: int, n: int) -> NDArray[np.float64]:
    """Divide a clip evenly, from its first to its last frame, both included.

    Parameters
    ----------
    n_frames : int
        Frames T of the clip.
    n : int
        Frames wanted, at least 2.

    Returns
    -------
    ndarray, float64, shape (n,)
        Positions 0 ... T - 1, in frames; a position that is an integer is exactly one.

    Raises
    ------
    ConfigError
        Fewer than 2 frames are wanted.
    """
    if n < 2:
        raise ConfigError(f"a clip of {n} frames wanted", "at least 2", "Ask for more frames")
    # One rounding only: k (T - 1) / (n - 1) is exact where it is an integer.
    return np.arange(n) * float(n_frames - 1) / (n - 1)


def to_grey_levels(values: np.ndarray) -> NDArray[np.uint8]:
    """Round to the nearest grey level; published scripts cut off, which darkens by half a level."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def blend(weights: NDArray[np.float64], frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each new frame is a weighted sum of the frames of the clip, pixel by pixel.

    Parameters
    ----------
    weights : ndarray, float64, shape (L, T)
    frames : ndarray, uint8, shape (T, ...)

    Returns
    -------
    ndarray, uint8, shape (L, ...)
    """
    flat = frames.reshape(len(frames), -1)
    out = np.empty((len(weights), flat.shape[1]), np.uint8)
    for part in _parts(flat.shape[1], sum(weights.shape)):
        out[:, part] = to_grey_levels(weights @ flat[:, part].astype(np.float64))
    return out.reshape(len(weights), *frames.shape[1:])


def _parts(n: int, rows: int) -> Iterator[slice]:
    step = max(1, _BLOCK // rows)
    for start in range(0, n, step):
        yield slice(start, start + step)
