"""Time courses of a synthetic video: expression envelopes, blinks, head drift and flicker of the light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]


def envelope(onset: int, apex: int, offset: int, n_frames: int) -> Curve:
    """Return the course of one expression, shape (n_frames,), 0 at rest and 1 at the apex.

    Frame numbers are 1-based.  Rise and decay are powered sines: smooth at the ends, yet visible a few frames after
    the onset, as a coder would mark it.
    """
    frame = np.arange(1, n_frames + 1, dtype=np.float64)
    rise = np.clip((frame - onset) / max(apex - onset, 1), 0, 1)
    decay = np.clip((offset - frame) / max(offset - apex, 1), 0, 1)
    return np.sin(np.pi / 2 * np.minimum(rise, decay)) ** 1.5


def blinks(n_frames: int, fps: int, rng: np.random.Generator) -> Curve:
    """Return eyelid closure, shape (n_frames,), 0 open and 1 closed: about one blink in 4 s, closing faster."""
    closure = np.zeros(n_frames)
    second = np.arange(n_frames) / fps
    start = rng.uniform(0.5, 3.5)
    while start < n_frames / fps:
        closing, opening = rng.uniform(0.07, 0.12), rng.uniform(0.13, 0.22)
        phase = np.where(second < start, (second - start) / closing, (second - start) / opening)
        closure = np.maximum(closure, np.where(np.abs(phase) < 1, np.cos(np.pi / 2 * phase) ** 2, 0))
        start += rng.uniform(2.4, 5.6)
    return closure


def head_pose(n_frames: int, fps: int, rng: np.random.Generator, *, unit: float) -> Curve:
    """Return slow head movement, shape (n_frames, 4): relative size, angle in rad, x and y in px.

    Each is a sum of three sines with periods of 4 to 16 s; extremes are about 0.6 %, 1.2 degrees and 3 px on a face
    160 px wide (`unit` is the size of the face relative to that).
    """
    second = np.arange(n_frames) / fps
    reach = np.array([0.006, np.radians(1.2), 3.0 * unit, 2.2 * unit])
    pose = np.zeros((n_frames, 4))
    for share in (0.5, 0.3, 0.2):
        period, phase = rng.uniform(4 + 12 * share, 8 + 16 * share, 4), rng.uniform(0, 2 * np.pi, 4)
        pose += share * reach * np.sin(2 * np.pi * second[:, None] / period + phase)
    return pose


def light_gain(n_frames: int, fps: int, rng: np.random.Generator) -> Curve:
    """Return the brightness factor of each frame, shape (n_frames,): slow 1.5 % swell and 0.3 % flicker."""
    second = np.arange(n_frames) / fps
    swell = 0.015 * np.sin(2 * np.pi * second / rng.uniform(5, 11) + rng.uniform(0, 2 * np.pi))
    return 1 + swell + rng.normal(0, 0.003, n_frames)
