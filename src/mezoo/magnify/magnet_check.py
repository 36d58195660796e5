"""Check of trained MagNet weights on pairs of frames of which the magnified truth is known.

Section 5.2 of Oh et al., ECCV 2018, reduced to what a usable network must show: a textured surface that is
pushed by 0.25-1 px must come out pushed by 2 to 6 times as much, more like the truth than the frame as it came.
The textures are waves (`acceptance`), unlike those of the training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mezoo.magnify.acceptance import Likeness, Scene, displacement
from mezoo.magnify.magnet import LearnedMagnifier
from mezoo.magnify.magnet_weights import LoadedMagNet
from mezoo.magnify.temporal import TemporalBand

#: Displacements in px and total factors, and what the gain ratio may be.
SHIFTS, FACTORS, GAIN_RANGE = (0.25, 0.5, 1.0), (2, 4, 6), (0.8, 1.2)
#: Shifts of the whole surface, and bumps in its middle.
SCENES = tuple(
    Scene(spread=spread, direction=0.5 + 2 * seed, seed=seed)
    for spread in (np.inf, 20.0)
    for seed in range(3)
)


@dataclass(frozen=True)
class CheckRow:
    """One displacement and factor, mean over `SCENES`.

    Attributes
    ----------
    shift, factor : float
        In px; total.
    gain, ssim, ssim_untouched : float
        See `acceptance.Likeness`.
    """

    shift: float
    factor: float
    gain: float
    ssim: float
    ssim_untouched: float


def check_table(loaded: LoadedMagNet) -> list[CheckRow]:
    """Measure every displacement and factor of the check; about 10 s."""
    rows = []
    for shift in SHIFTS:
        for factor in FACTORS:
            found = [pair_likeness(loaded, scene, shift, factor) for scene in SCENES]
            mean = np.mean([(one.gain, one.ssim, one.ssim_untouched) for one in found], axis=0)
            rows.append(CheckRow(shift, factor, *mean.tolist()))
    return rows


def pair_likeness(loaded: LoadedMagNet, scene: Scene, shift: float, factor: float) -> Likeness:
    """Magnify the second of two frames of a scene and compare it with the truth; see `acceptance.likeness`."""
    from skimage.metrics import structural_similarity

    still, moved, truth = (scene.truth(shift, part) for part in (0, 1, factor))
    magnifier = LearnedMagnifier(loaded, factor, TemporalBand("static", fps=1.0))
    out = magnifier.start()(np.stack([still, moved]))[1]
    wanted, found = displacement(still, truth), displacement(still, out)
    return Likeness(
        float(found @ wanted / (wanted @ wanted)),
        float(structural_similarity(out, truth)),
        float(structural_similarity(moved, truth)),
    )


def why_unusable(rows: list[CheckRow]) -> str:
    """Reason why weights with this table must not be used; empty when they may be."""
    for row in rows:
        at = f"at {row.shift:g} px and factor {row.factor:g}"
        if not GAIN_RANGE[0] <= row.gain <= GAIN_RANGE[1]:
            return f"gain ratio {row.gain:.2f} {at}"
        if not row.ssim > row.ssim_untouched:
            return f"SSIM {row.ssim:.4f}, that of the untouched frame {row.ssim_untouched:.4f}, {at}"
    return ""
