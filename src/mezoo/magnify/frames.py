"""Frames in and out of the Eulerian methods: checks, the colour space YIQ, blocks, rounding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mezoo.errors import ConfigError

#: Pixel row vector [R, G, B] times this is [Y, I, Q]: the NTSC matrix with three digits.
RGB_TO_YIQ = np.array([[0.299, 0.596, 0.211], [0.587, -0.274, -0.523], [0.114, -0.322, 0.312]])
#: Smallest side of a frame.
MIN_SIDE = 16
#: Frames that are in memory as floating point when a filter streams.
BLOCK = 32


def check_clip(frames: np.ndarray, fps: float, factor: float) -> None:
    """Raise `ConfigError` unless the frames are uint8 (T, H, W[, 3]) and rate and factor can be used."""
    good = isinstance(frames, np.ndarray) and frames.dtype == np.uint8 and frames.ndim in (3, 4)
    if (
        not good
        or len(frames) == 0
        or min(frames.shape[1:3]) < MIN_SIDE
        or frames.shape[3:] not in ((), (3,))
    ):
        raise ConfigError(
            f"frames of {getattr(frames, 'dtype', type(frames).__name__)}, shape {np.shape(frames)}",
            f"uint8 (T, H, W) or RGB (T, H, W, 3), each side at least {MIN_SIDE} px",
            "Convert the frames to grey levels or RGB 0-255",
        )
    if not (0 < fps < np.inf):
        raise ConfigError(f"{fps!r} frames per second", "a positive rate", "Give the true frame rate")
    if not (0 <= factor < np.inf):
        raise ConfigError(
            f"magnification factor {factor!r}",
            "the total factor, 1 for no change",
            "Give a number of at least 0",
        )


def blocks(n_frames: int, streams: bool) -> Iterator[slice]:
    """Consecutive frames that are treated together: all of them where the filter does not stream."""
    size = BLOCK if streams else n_frames
    for start in range(0, n_frames, size):
        yield slice(start, min(start + size, n_frames))


def to_yiq(frames: np.ndarray, *, chroma: bool) -> np.ndarray:
    """Frames uint8 (b, H, W[, 3]) as YIQ in [0, 1]: float32 (b, H, W, 3), or (b, H, W, 1) without colours."""
    if frames.ndim == 3:
        return frames[..., None] * np.float32(1 / 255)
    matrix = (RGB_TO_YIQ if chroma else RGB_TO_YIQ[:, :1]) / 255
    return frames.astype(np.float32) @ matrix.astype(np.float32)


def add_yiq(frames: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Add a change in YIQ or Y alone, float (b, H, W, 3 or 1), to frames uint8; rounded and clipped."""
    if frames.ndim == 3:
        change = change[..., 0]
    elif change.shape[-1] == 3:
        change = change @ np.linalg.inv(RGB_TO_YIQ).astype(change.dtype)
    # Y alone adds the same to R, G and B. The input is added as it is, so that no change is the identity.
    return np.clip(np.floor(frames + 255 * change + 0.5), 0, 255).astype(np.uint8)
