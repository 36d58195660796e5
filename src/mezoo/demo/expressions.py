"""Emotions as combinations of action units, and one expression of a synthetic video.

Combinations are those of the FACS investigators' guide and of EMFACS as the corpora use them; durations follow the
published definitions (micro at most 0.5 s); objective classes are those of Davison et al. (2018).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mezoo.demo.layout import Cell, PlannedEvent

# Emotion -> AU combinations with which the corpora label it.
COMBINATIONS = {
    "happiness": ("6+12", "12", "6+12+25", "L12", "R12"),
    "disgust": ("4+9", "4+10", "4+7+9", "9", "10"),
    "surprise": ("1+2", "1+2+5", "1+2+25", "1+2+5+26"),
    "sadness": ("1+4", "15", "1+4+15", "15+17"),
    "anger": ("4", "4+7", "4+7+17"),
    "repression": ("14", "17", "14+17"),
    "others": ("4", "12+14", "20+25", "L14", "R14", "1+2", "R2"),
    "fear": ("1+2+4", "1+2+4+5", "1+2+4+20", "20"),
    "contempt": ("L14", "R14", "R12+R14"),
    "tense": ("4", "4+14", "4+7"),
}
# Reach of each AU relative to the strongest of its expression: lids and nose travel less than mouth and brows.
STRENGTHS = {1: 1.0, 2: 0.9, 4: 0.9, 5: 0.4, 6: 0.6, 7: 0.4, 9: 0.7, 10: 0.7}
STRENGTHS |= {12: 1.0, 14: 0.6, 15: 0.8, 17: 0.8, 20: 0.8, 25: 0.7, 26: 0.9}
# Neighbours add up or cancel: factor that brings the largest displacement of their sum back to the peak.
_TOGETHER = {frozenset({1, 4}): 1.25, frozenset({4, 9}): 0.9, frozenset({12, 14}): 0.68}

_CLASSES = (
    ("6", "12", "6+12", "6+7+12", "7+12"),
    ("1+2", "5", "25", "1+2+25", "25+26", "5+24"),
    ("23", "4", "4+7", "4+5", "4+5+7", "17+24", "4+6+7", "4+38"),
    ("10", "9", "4+9", "4+40", "4+5+40", "4+7+9", "4+9+17", "4+7+10", "4+5+7+9", "7+10"),
    ("1", "15", "1+4", "6+15", "15+17"),
    ("1+2+4", "20"),
)


def express(
    rng: np.random.Generator, emotion: str, kind: str, *, onset: int, offset: int, written: str = ""
) -> PlannedEvent:
    """Plan one expression: its apex, its action units and how far they move.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    emotion : str
        One of `COMBINATIONS`.
    kind : {'micro', 'macro'}
        A micro-expression moves at most 1.3 px on a face 160 px wide.
    onset, offset : int
        1-based positions in the video, inclusive.
    written : str
        The label as the corpus writes it; `emotion` when empty.
    """
    rise = rng.uniform(0.40, 0.55) if kind == "micro" else rng.uniform(0.35, 0.50)
    return _moved(rng, emotion, kind, onset, onset + round(rise * (offset - onset)), offset, written)


def express_one_of(
    rng: np.random.Generator,
    emotions: Sequence[str],
    weights: Sequence[float],
    kind: str,
    *,
    onset: int,
    offset: int,
) -> PlannedEvent:
    """Plan one expression of an emotion drawn with these weights (other parameters as for `express`)."""
    rise = rng.uniform(0.40, 0.55) if kind == "micro" else rng.uniform(0.35, 0.50)
    share = np.array(weights, float)
    emotion = str(rng.choice(list(emotions), p=share / share.sum()))
    return _moved(rng, emotion, kind, onset, onset + round(rise * (offset - onset)), offset, "")


def _moved(
    rng: np.random.Generator, emotion: str, kind: str, onset: int, apex: int, offset: int, written: str
) -> PlannedEvent:
    names = str(rng.choice(COMBINATIONS[emotion])).split("+")
    peak = rng.uniform(0.45, 1.3) if kind == "micro" else rng.uniform(3.7, 6.6)
    aus = _amplitudes(names, peak, rng)
    return PlannedEvent(onset, apex, offset, kind, written or emotion, aus, (onset, apex, offset))


def _amplitudes(names: list[str], peak: float, rng: np.random.Generator) -> dict[str, float]:
    """Share a peak displacement out among AUs so that the sum of their fields stays near the peak."""
    units = [int(name.lstrip("LR")) for name in names]
    strength = np.array([STRENGTHS[unit] for unit in units])
    if {1, 4} <= set(units):
        # They pull the inner brow up and down: in sadness AU4 only slants it.
        strength[units.index(4)] = 0.25
    peak *= next((factor for pair, factor in _TOGETHER.items() if pair <= set(units)), 1.0)
    strength = strength * rng.uniform(0.85, 1.0, len(names))
    return {name: round(float(peak * s / strength.max()), 3) for name, s in zip(names, strength, strict=True)}


def objective_class(aus: dict[str, float]) -> int:
    """Return the objective class 1 to 7 of a set of action units; sides do not count, 7 is everything else."""
    units = "+".join(str(unit) for unit in sorted({int(name.lstrip("LR")) for name in aus}))
    return next((k for k, group in enumerate(_CLASSES, 1) if units in group), 7)


def au_cell(units: str) -> Cell:
    """Return AUs as a spreadsheet keeps them: a lone number is a number, the rest is text."""
    return int(units) if units.isdigit() else units
