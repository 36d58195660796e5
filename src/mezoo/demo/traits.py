"""Traits that tell one synthetic subject from another: shape ratios, tones and texture, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Number of skin-and-hair pairs and of walls; coprime, so that a look returns on another wall and sex.
LOOKS, WALLS = 9, 5


@dataclass(frozen=True)
class Traits:
    """What makes one subject; ratios are relative to the portrait, offsets are in portrait pixels (face 92 px wide)."""

    mirror: bool
    face_width: float
    jaw_width: float
    face_length: float
    eye_distance: float
    eye_size: float
    brow_height: float
    brow_tilt: float
    nose_width: float
    nose_length: float
    mouth_width: float
    lip_fullness: float
    hair_volume: float
    look: int
    wall: int
    clothes: tuple[float, float, float]
    beard: float
    brow_weight: float
    freckles: int
    light: tuple[float, float]
    contrast: float


def describe(index: int, seed: int) -> Traits:
    """Draw the traits of subject number `index`; the same pair gives the same person."""
    rng = np.random.default_rng([seed, index, 68])
    masculine = index % 2 == 1

    def ratio(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    return Traits(
        mirror=bool(index // 2 % 2),
        face_width=ratio(0.95, 1.06),
        jaw_width=ratio(1.0, 1.12) if masculine else ratio(0.90, 1.02),
        face_length=ratio(0.97, 1.07) if masculine else ratio(0.93, 1.03),
        eye_distance=ratio(0.95, 1.05),
        eye_size=ratio(0.88, 1.15),
        brow_height=ratio(-0.5, 1.6) if masculine else ratio(-2.2, 0.5),
        brow_tilt=ratio(-1.5, 1.5),
        nose_width=ratio(1.0, 1.25) if masculine else ratio(0.85, 1.05),
        nose_length=ratio(0.93, 1.08),
        mouth_width=ratio(0.88, 1.10),
        lip_fullness=ratio(0.75, 1.0) if masculine else ratio(0.95, 1.35),
        hair_volume=ratio(0.80, 0.90) if masculine else ratio(0.92, 1.08),
        look=(index + 2 * seed) % LOOKS,
        wall=(index + 2 * seed) % WALLS,
        clothes=(ratio(30, 200), ratio(30, 200), ratio(30, 200)),
        beard=ratio(0.15, 0.55) if masculine else 0.0,
        brow_weight=ratio(0.5, 0.9) if masculine else ratio(0.15, 0.5),
        freckles=int(rng.integers(0, 70)) if rng.random() < 0.6 else 0,
        light=(ratio(-0.14, 0.14), ratio(-0.08, 0.08)),
        contrast=ratio(0.92, 1.12),
    )
