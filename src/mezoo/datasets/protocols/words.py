"""Words of the sheets as labels of a protocol, and the counts to expect."""

from __future__ import annotations

from mezoo.datasets.protocols.protocol import Expected

#: Table of SAMM, which holds the emotions of SAMM Long Videos too.
SAMM_TABLE = "SAMM_Micro_FACS_Codes_v2.xlsx"
#: Classes I to V of Davison et al., 2018 (actions alone); VI and VII are contempt and the rest.
OBJECTIVE = {numeral: numeral for numeral in ("I", "II", "III", "IV", "V")}


def same(*words: str) -> dict[str, str]:
    """Labels that are the words of the sheet."""
    return {word: word for word in words}


def merged(**labels: str) -> dict[str, str]:
    """Labels that join words of the sheet: ``merged(negative="disgust repression")``."""
    return {word: label for label, words in labels.items() for word in words.split()}


def expect(source: str, subjects: int, corpus: str = "", /, **counts: int) -> Expected:
    """Say how many subjects and clips of each label a released table must give."""
    return Expected(source, counts, subjects, corpus)
