"""Words of the coding sheets that mean the same: types, emotions, objective classes.

What a protocol makes of them is `mezoo.datasets.protocols`.
"""

from __future__ import annotations

_BASIC = ("disgust", "fear", "anger", "surprise", "others")

#: Layout -> the emotion words its released sheets (or file names) use, lower case.
EMOTIONS: dict[str, frozenset[str]] = {
    layout: frozenset(words)
    for layout, words in {
        "casme": (
            "disgust", "sadness", "surprise", "repression", "happiness", "tense", "fear", "contempt",
            "comtempt",  # the spelling of the release
        ),
        "casme2": ("others", "disgust", "happiness", "repression", "surprise", "sadness", "fear"),
        "casme_sq": ("negative", "positive", "surprise", "others"),
        "samm": ("anger", "other", "happiness", "surprise", "contempt", "disgust", "fear", "sadness"),
        "smic": ("negative", "positive", "surprise"),
        "smic_e": ("negative", "positive", "surprise"),
        "casme3": (*_BASIC, "sad", "happy", "negative", "positive"),
        "mmew": (*_BASIC, "happiness", "sadness"),
        "ckplus": (
            "neutral", "anger", "contempt", "disgust", "fear", "happy", "happiness", "sadness", "surprise",
        ),
    }.items()
}  # fmt: skip
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")


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


def objective_class(word: str) -> str | None:
    """Map an objective class (Davison et al., 2018), written ``3`` or ``III``, to its roman numeral.

    Returns
    -------
    str or None
        ``I`` to ``VII``, or None for any other word.
    """
    word = word.strip().upper()
    if word in _ROMAN:
        return word
    return _ROMAN[int(word) - 1] if word in {"1", "2", "3", "4", "5", "6", "7"} else None
