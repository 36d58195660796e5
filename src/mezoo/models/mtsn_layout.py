"""Lengths that MTSN (Liong et al., ACM MM 2022, FME) sets per corpus and type of expression."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reach:
    """Lengths of one type of expression, in seconds.

    Attributes
    ----------
    before, after : float
        From the peak to the farthest onset and offset.
    shortest, longest : float
        Of an interval (offset - onset), both excluded.
    apart : float
        Least distance of two peaks.
    """

    before: float
    after: float
    shortest: float
    longest: float
    apart: float
