"""Draw the frames of a synthetic video from its ground truth.

A frame is one bilinear look-up in the resting face through the inverse of blink, expression and pose.  The inverse of
an expression is tabulated at steps of half a pixel and interpolated in between, which keeps a frame near a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.demo.truth import Truth
from mezoo.demo.warp import invert, invert_columns, look_up, pose_basis, pose_map

NOISE = 1.2  # standard deviation of the sensor noise, grey levels
_STEP = 0.5  # px between two tabulated inverses


class _Table:
    """Inverses of ``amount * field`` for amounts 0..1, interpolated linearly between levels."""

    def __init__(self, levels: NDArray[np.float32]) -> None:
        self.levels = levels

    def at(self, amount: float) -> NDArray[np.float32]:
        place = min(max(amount, 0.0), 1.0) * (len(self.levels) - 1)
        low = min(int(place), len(self.levels) - 2)
        share = place - low
        return cv2.addWeighted(self.levels[low], 1 - share, self.levels[low + 1], share, 0)


def frames(truth: Truth, seed: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of a video in order.

    Parameters
    ----------
    truth : Truth
        Scene to draw.
    seed : tuple of int
        Seed of the sensor noise.

    Yields
    ------
    ndarray, uint8, shape (H, W) or (H, W, 3)
        Grey or BGR like ``truth.rest_image``.
    """
    shape = truth.pose_weight.shape
    basis = pose_basis(truth.pose_weight.astype(np.float32), truth.centre)
    # A clip is shorter than the time between two blinks: most have none.
    lids = _lid_table(truth) if truth.blink.any() else None
    noise = _NoiseBank(truth.rest_image.shape, seed)
    active: int | None = None
    table: _Table | None = None
    for t in range(len(truth.pose)):
        maps = pose_map(basis, truth.pose[t], shape)
        event, amount = _expression_at(truth, t)
        if event != active:
            active, table = event, None if event is None else _expression_table(truth, event)
        if table is not None:
            _add(maps, table.at(amount), truth.origin)
        if lids is not None and truth.blink[t] > 0:
            drop, origin = lids
            _add(maps, drop.at(float(truth.blink[t])), origin)
        frame = cv2.remap(
            truth.rest_image, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        yield noise.add(np.asarray(frame, np.uint8), float(truth.gain[t]))


def _expression_at(truth: Truth, t: int) -> tuple[int | None, float]:
    """Return the index of the event running at position t, if any, and its course in [0, 1]."""
    for k, event in enumerate(truth.events):
        if event.onset <= t + 1 <= event.offset:
            peaks = _peaks(truth, k)
            strongest = int(np.argmax(peaks))
            return k, float(truth.activation[t, strongest] / peaks[strongest])
    return None, 0.0


def _peaks(truth: Truth, event: int) -> NDArray[np.float64]:
    """Activation of every AU at the apex of an event, px, shape (K,)."""
    unit = np.linalg.norm(truth.landmarks[16] - truth.landmarks[0]) / 160
    return unit * np.array([truth.events[event].aus.get(name, 0.0) for name in truth.au_names])


def _expression_table(truth: Truth, event: int) -> _Table:
    field = np.tensordot(_peaks(truth, event).astype(np.float32), truth.basis.astype(np.float32), axes=1)
    return _Table(invert(field, max(1, int(np.ceil(np.abs(field).max() / _STEP)))))


def _lid_table(truth: Truth) -> tuple[_Table, tuple[int, int]]:
    """Tabulate the inverse blink on the rows of the eyes only; return it with its origin."""
    drop = truth.blink_field.astype(np.float32)
    rows = np.flatnonzero(drop.any(axis=1))
    low, high = max(int(rows[0]) - 2, 0), int(rows[-1]) + 3
    levels = [invert_columns(closure * drop[low:high]) for closure in np.linspace(0, 1, 17, dtype=np.float32)]
    both = np.stack([np.zeros_like(levels), levels], axis=-1)
    return _Table(both), (truth.origin[0], truth.origin[1] + low)


def _add(maps: NDArray[np.float32], field: NDArray[np.float32], origin: tuple[int, int]) -> None:
    """Compose maps (2, H, W) with a backward displacement given around `origin`, in place.

    The head has moved the face by a few pixels, so a margin around the field is touched too.
    """
    height, width = field.shape[:2]
    margin = 8
    top, left = max(origin[1] - margin, 0), max(origin[0] - margin, 0)
    part = maps[:, top : origin[1] + height + margin, left : origin[0] + width + margin]
    moved = look_up(field, part[0] - origin[0], part[1] - origin[1])
    part[0] += moved[..., 0]
    part[1] += moved[..., 1]


class _NoiseBank:
    """Gaussian sensor noise cut at random places from one large sheet."""

    def __init__(self, shape: tuple[int, ...], seed: tuple[int, ...]) -> None:
        self.rng = np.random.default_rng([*seed, 7])
        sheet = self.rng.normal(0, NOISE, (shape[0] + 96, shape[1] + 96, *shape[2:]))
        # Stored with an offset so that 8-bit arithmetic, which saturates, can add negative noise.
        self.sheet = np.clip(np.round(sheet + 16), 0, 32).astype(np.uint8)
        self.shape = shape

    def add(self, frame: NDArray[np.uint8], gain: float) -> NDArray[np.uint8]:
        top, left = self.rng.integers(0, 96, 2)
        cut = self.sheet[top : top + self.shape[0], left : left + self.shape[1]]
        return np.asarray(cv2.addWeighted(frame, gain, cut, 1.0, -16.0), np.uint8)
