"""Words of the coding sheets that mean the same: micro- and macro-expression."""

from __future__ import annotations


def expression_type(word: str) -> str | None:
    """Map a sheet's type to the catalog's.

    Parameters
    ----------
    word : str
        ``micro-expression``, ``Micro - 1/2``, ``Macro`` ...; capitals do not matter.

    Returns
    -------
    str or None
        ``micro``, ``macro``, or None for any other word.
    """
    start = word.strip().casefold()[:5]
    return start if start in ("micro", "macro") else None
