"""Published settings of the Eulerian and phase-based methods, and ours for micro-expressions.

Factors are total: the papers' alpha plus 1. Frequencies are in Hz, at whatever rate the clip has; the rate at which
the setting was published stands beside it, since a band needs more than twice its upper end.

- Wu et al., SIGGRAPH 2012: ``<clip>`` are the values of the official script, ``<clip>_paper`` those of table 1 where
  they differ.
- Wadhwa et al., SIGGRAPH 2013: values of the official script.

The official scripts halve the cut-offs of every Butterworth filter by a slip; here the stated values count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mezoo.magnify.temporal import iir_cutoff


@dataclass(frozen=True)
class Preset:
    """A factor and parameters.

    Attributes
    ----------
    factor : float
        Total factor m.
    params : mapping
        Parameters of the method that differ from its defaults, JSON-able.
    fps : float, optional
        Frame rate of the published clip.
    """

    factor: float
    params: Mapping[str, Any] = field(default_factory=dict)
    fps: float | None = None


#: One rise and fall of 0.04-0.5 s: the defaults of every method, at the true frame rate.
MICRO_EXPRESSION = {
    "micro_expression": Preset(4.0),
    # a clip that begins at the onset: all motion since then
    "micro_expression_from_onset": Preset(4.0, {"temporal": "static"}),
}


def _motion(alpha: float, wavelength: float, low: float, high: float, fps: float, **more: Any) -> Preset:
    params = {"cutoff_wavelength": wavelength, "finest": False, "low": low, "high": high, **more}
    return Preset(alpha + 1, params, fps)


def _colour(alpha: float, level: int, low: float, high: float) -> Preset:
    params = {"pyramid": "gaussian", "level": level, "temporal": "ideal", "low": low, "high": high}
    return Preset(alpha + 1, {**params, "chroma": 1.0}, 30)


_PULSE = (50 / 60, 1.0)
_BABY_IIR = (iir_cutoff(0.05, 30), iir_cutoff(0.4, 30))

EULERIAN: dict[str, Preset] = {
    **MICRO_EXPRESSION,
    "baby": _motion(10, 16, *_BABY_IIR, 30, temporal="iir", chroma=0.1),
    "baby_paper": _motion(10, 16, 0.4, 3, 30, chroma=0.1),
    "baby2": _colour(150, 6, 140 / 60, 160 / 60),
    "camera": _motion(150, 20, 45, 100, 300),
    "camera_paper": _motion(120, 20, 45, 100, 300),
    "face": _colour(50, 4, *_PULSE),
    "face_paper": _colour(100, 4, *_PULSE),
    "face2_motion": _motion(20, 80, 0.5, 10, 30),
    "face2_motion_paper": _motion(20, 80, *_PULSE, 30),
    "face2_pulse": _colour(50, 6, *_PULSE),
    "face2_pulse_paper": _colour(120, 6, *_PULSE),
    "guitar_e": _motion(50, 10, 72, 92, 600, temporal="ideal"),
    "guitar_e_paper": _motion(50, 40, 72, 92, 600, temporal="ideal"),
    "guitar_a": _motion(100, 10, 100, 120, 600, temporal="ideal"),
    "guitar_a_paper": _motion(100, 40, 100, 120, 600, temporal="ideal"),
    "shadow": _motion(5, 48, 0.5, 10, 30),
    "subway": _motion(60, 90, 3.6, 6.2, 30, chroma=0.3),
    "wrist": _motion(10, 16, *_BABY_IIR, 30, temporal="iir", chroma=0.1),
    "wrist_paper": _motion(10, 80, 0.4, 3, 30, chroma=0.1),
}


def _phase(alpha: float, low: float, high: float, fps: float, sigma: float, bank: str, **more: Any) -> Preset:
    params = {"temporal": "fir", "low": low, "high": high, "sigma": float(sigma), "bank": bank, **more}
    return Preset(alpha + 1, params, fps)


PHASE: dict[str, Preset] = {
    **MICRO_EXPRESSION,
    "baby": _phase(
        20, iir_cutoff(0.04, 30), iir_cutoff(0.4, 30), 30, 5, "smooth_quarter_octave", temporal="iir"
    ),
    "camera": _phase(120, 36, 62, 300, 5, "half_octave", temporal="butterworth"),
    "car_engine": _phase(15, 15, 25, 400, 3, "octave"),
    "crane": _phase(100, 0.2, 0.25, 24, 5, "half_octave"),
    "eye": _phase(75, 30, 50, 500, 4, "octave"),
    "guitar": _phase(25, 72, 92, 600, 2, "half_octave"),
    "throat": _phase(100, 90, 110, 1900, 3, "octave"),
    "trees_slow": _phase(25, 0.5, 1, 60, 2, "half_octave", attenuate=True),
    "trees_fast": _phase(25, 1.5, 2, 60, 2, "half_octave", attenuate=True),
    "woman_slow": _phase(15, 0.35, 0.71, 60, 3, "half_octave", attenuate=True),
    "woman_fast": _phase(15, 1, 1.9, 60, 3, "half_octave", attenuate=True),
}

LAGRANGIAN: dict[str, Preset] = {"micro_expression": MICRO_EXPRESSION["micro_expression"]}

#: ``baby``: Oh et al., ECCV 2018. ``fgrmer``, ``samer``: onset to apex, Lei et al., CVPRW 2021 (factor of the
#: reproduction's test), and Ruan et al., ACM MM 2022.
MAGNET: dict[str, Preset] = {
    "micro_expression": MICRO_EXPRESSION["micro_expression"],
    "baby": Preset(20, {"temporal": "iir", "low": iir_cutoff(0.04, 30), "high": iir_cutoff(0.4, 30)}, 30),
    "fgrmer": Preset(2.0),
    "samer": Preset(6.0),
}
