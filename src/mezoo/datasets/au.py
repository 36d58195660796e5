"""Action-unit (AU) cells of the coding sheets, parsed into alternatives, sides and intensities.

FACS notation (Ekman, Friesen and Hager, 2002) as the coders of CASME, SAMM, MMEW and 4DME write it: ``+``
or ``,`` between units, ``or`` and ``/`` between alternatives, L/R/A before a number for a unilateral or
asymmetric unit, T/B for the top or bottom lip, A..E after it for the intensity, ``ref(..)`` for what the
neutral reference face already shows. Published code often keeps only the digits of each item, which reads
``L12 or L14`` as AU 1214; here every alternative is parsed by itself and free text becomes a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

from mezoo.datasets.au_units import ActionUnits, Alternative, Group, Unit
from mezoo.datasets.brackets import brackets, chunks, depth, enclosed, masked, split

_ASCII = str.maketrans("，＋（）／？", ",+()/?")
_UNIT = re.compile(
    r"(?:A[UD]\s*)?(?P<side>[LRA])?\s*(?P<part>[TB])?\s*0?(?P<au>[1-9][0-9]?)"
    r"(?P<intensity>[A-E])?(?P<after>[LR])?\s*(?P<uncertain>\?)?",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?:A[UD])?(?P<side>[LRA])?(?P<part>[TB])?", re.IGNORECASE)
_SUFFIX = re.compile(r"(?P<intensity>[A-E])?(?P<after>[LR])?\s*(?P<uncertain>\?)?", re.IGNORECASE)
_PLUS, _SLASH, _BLANK = re.compile(r"[+,]"), re.compile("/"), re.compile(r"\s")
_SIDES = re.compile(r"[LRA](?:\s*(?:/|or)\s*[LRA])*", re.IGNORECASE)
# "or" needs no blanks around it (12or14, 4Bor L7), but is not looked for inside a word.
_OR = re.compile(
    r"(?:(?<![A-Za-z])|(?<=[0-9][A-ELR]))or(?=(?:A[UD])?[LRATB]{0,2}[0-9]|[^A-Za-z]|$)", re.IGNORECASE
)
_REF = re.compile(r"(?<![A-Za-z])ref\s*(?=\()", re.IGNORECASE)
_NOTHING = re.compile(r"\b(?:loses?|lost|no|not|none|nothing|without)\b", re.IGNORECASE)
_LINKS = {"and", "then", "or", "to"}
_MAX_DEPTH = 12  # brackets deeper than any coder's: the cell is kept as one note
_MAX_ALTERNATIVES = 64


def parse_aus(cell: object) -> ActionUnits:
    """Parse one AU cell; never raises.

    Parameters
    ----------
    cell : str, int, float or None
        As read from the sheet (``5``, ``6.0``, ``"4(B/C)+7B"``, ``None``).

    Returns
    -------
    ActionUnits
        What could not be read as a unit is in ``notes``; nothing of the cell is dropped silently.
    """
    text = _cell_text(cell)
    if not text:
        return ActionUnits(flags=("empty",))
    parser = _Parser()
    text = parser.balance(text)
    if depth(text) > _MAX_DEPTH:
        return ActionUnits(notes=(text,), flags=tuple(sorted({"free_text", *parser.flags})))
    groups = parser.items(text)
    flags = parser.flags | ({"free_text"} if parser.notes else set())
    return ActionUnits(tuple(groups), tuple(parser.reference), tuple(parser.notes), tuple(sorted(flags)))


def _cell_text(cell: object) -> str:
    if cell is None or cell != cell:  # NaN is the blank of pandas
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).translate(_ASCII).split())


@dataclass
class _Parser:
    """Recursive descent over one balanced cell; collects notes, flags and the reference aside."""

    notes: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    reference: list[Group] = field(default_factory=list)

    def balance(self, text: str) -> str:
        """Remove brackets without a partner."""
        opened: list[int] = []
        bad: set[int] = set()
        for position, char in enumerate(text):
            if char == "(":
                opened.append(position)
            elif char == ")":
                if opened:
                    opened.pop()
                else:
                    bad.add(position)
        bad.update(opened)
        if bad:
            self.flags.add("unbalanced_parenthesis")
        return "".join(char for position, char in enumerate(text) if position not in bad).strip()

    def items(self, text: str) -> list[Group]:
        """Read a sum of items; an item without content is a stray separator."""
        groups: list[Group] = []
        for part in split(text, _PLUS):
            if part:
                groups += self.item(part)
            else:
                self.flags.add("stray_separator")
        return groups

    def item(self, text: str) -> list[Group]:
        """Read what stands between two separators."""
        if not text:
            return []
        inner = enclosed(text)
        if inner is not None:
            is_sum = len(split(inner, _PLUS)) > 1 and len(split(inner, _OR)) == 1
            return self.items(inner) if is_sum or not inner else self.item(inner)
        match = _REF.search(masked(text))
        if match is not None:
            end = next(end for start, end in brackets(text) if start == match.end())
            self.reference += self.items(text[match.end() + 1 : end - 1].strip())
            before, after = text[: match.start()].strip(), text[end:].strip()
            if before or after:
                self.flags.add("missing_separator")
            return self.item(before) + self.item(after)
        if not text.strip("? "):
            self.flags.add("unknown")
            return []
        alternatives = self.strict(text)
        if alternatives is None:
            return self.mixed(text)
        return _as_groups(alternatives)

    def strict(self, text: str) -> list[Alternative] | None:
        """Read alternatives, each one a sum of terms; None when the text is not purely units."""
        mark = len(self.notes)
        pieces = [piece for piece in split(text, _OR) if piece]
        read = [self.piece(piece) for piece in pieces]
        if all(alternatives is None for alternatives in read):
            del self.notes[mark:]
            return None
        found: list[Alternative] = []
        for piece, alternatives in zip(pieces, read, strict=True):
            found += self.worded(piece) if alternatives is None else alternatives
        return found

    def worded(self, text: str) -> list[Alternative]:
        """Read an alternative with free text: its units, or an empty one that denies a unit."""
        inner = enclosed(text)
        text = text if inner is None else inner
        if _NOTHING.search(text):
            self.notes.append(text)
            return [()]
        return _combine([list(group) for group in self.items(text)]) or [()]

    def piece(self, text: str) -> list[Alternative] | None:
        """Read a sum of slashed terms without ``or``."""
        mark = len(self.notes)
        terms = [self.slashed(part) for part in split(text, _PLUS)]
        combined = None if None in terms else _combine([t for t in terms if t is not None])
        if combined is None:
            del self.notes[mark:]
        return combined

    def slashed(self, text: str) -> list[Alternative] | None:
        """Read ``10A/B`` (intensities), ``A/L14`` (sides) and ``12/15`` (alternatives)."""
        found: list[Alternative] = []
        sides: list[str] = []
        for part in split(text, _SLASH):
            letter = part.upper()
            if not found and letter in ("L", "R", "A"):
                sides.append(letter)
            elif found and found[-1] and letter in ("A", "B", "C", "D", "E"):
                unit = found[-1][-1]
                found[-1] = (*found[-1][:-1], replace(unit, intensity=(*unit.intensity, letter)))
            elif found and letter in ("L", "R"):
                found.append(tuple(replace(unit, side=letter) for unit in found[-1]))
            else:
                alternatives = self.term(part)
                if alternatives is None:
                    return None
                found += [tuple(replace(u, side=s) for u in a) for s in sides for a in alternatives]
                found += alternatives
                sides = []
        return None if sides or not found else found

    def term(self, text: str) -> list[Alternative] | None:
        """Read a unit, or brackets with a factor outside: ``(A/R)14B``, ``L(14or15)C``, ``4(B/C)``."""
        sides: list[str | None] = [None]
        part: str | None = None
        core: list[Alternative] | None = None
        for chunk in chunks(text):
            inner = enclosed(chunk)
            if core is not None:
                core = self.suffix(core, chunk, inner)
                if core is None:
                    return None
            elif inner is not None and _SIDES.fullmatch(inner):
                sides = list(re.findall("[LRA]", re.sub("or", "", inner, flags=re.I).upper()))
            elif inner is not None:
                core = self.strict(inner)
                if core is None:
                    return None
            elif (match := _UNIT.fullmatch(chunk)) is not None:
                core = [(_unit(match),)]
            elif (match := _PREFIX.fullmatch(chunk)) is not None:
                sides = [_upper(match["side"])]
                part = _upper(match["part"])
            else:
                return None
        if core is None:
            return None
        return [
            tuple(replace(u, side=u.side or side, part=u.part or part) for u in units)
            for side in sides
            for units in core
        ]

    def suffix(self, core: list[Alternative], chunk: str, inner: str | None) -> list[Alternative] | None:
        """Apply what follows a unit: intensity, side, ``?``, ``(k)``; other bracketed text is a note."""
        text = chunk if inner is None else inner
        words = [word for word in re.split(r"[\s/,-]+", text) if word and word.casefold() not in _LINKS]
        match = _SUFFIX.fullmatch(text)
        if match is not None:
            grades = match["intensity"] or ""
            marks = {"side": _upper(match["after"]), "uncertain": bool(match["uncertain"])}
        elif inner is None:
            return None
        elif all(re.fullmatch("[A-E]", word, re.IGNORECASE) for word in words):
            grades, marks = "".join(words), {}
        elif inner.casefold() == "k":
            grades, marks = "", {"persistent": True}
        else:
            self.notes.append(inner)
            return core
        return [tuple(_marked(unit, grades, marks) for unit in units) for units in core]

    def mixed(self, text: str) -> list[Group]:
        """Read free text: every word that is a full unit counts, the other words are one note."""
        groups: list[Group] = []
        words: list[str] = []
        units = 0
        place = len(self.notes)
        for word in split(text, _BLANK):
            alternatives = self.strict(word)
            if alternatives is None:
                words.append(word)
            else:
                units += 1
                groups += _as_groups(alternatives)
        if words:
            self.notes.insert(place, " ".join(words))
        if units > 1:
            self.flags.add("missing_separator")
        return groups


def _as_groups(alternatives: list[Alternative]) -> list[Group]:
    """One reading with several units is a plain sum: one group per unit."""
    if len(alternatives) == 1:
        return [((unit,),) for unit in alternatives[0]]
    return [tuple(alternatives)]


def _marked(unit: Unit, grades: str, marks: dict[str, Any]) -> Unit:
    return replace(
        unit,
        side=unit.side or marks.get("side"),
        intensity=(*unit.intensity, *grades.upper()),
        uncertain=unit.uncertain or marks.get("uncertain", False),
        persistent=unit.persistent or marks.get("persistent", False),
    )


def _unit(match: re.Match[str]) -> Unit:
    return Unit(
        int(match["au"]),
        side=_upper(match["side"] or match["after"]),
        part=_upper(match["part"]),
        intensity=tuple((match["intensity"] or "").upper()),
        uncertain=bool(match["uncertain"]),
    )


def _upper(letter: str | None) -> str | None:
    return letter.upper() if letter else None


def _combine(terms: list[list[Alternative]]) -> list[Alternative] | None:
    """Every reading of a sum of terms, one alternative taken from each; None when absurdly many."""
    if prod(len(term) for term in terms) > _MAX_ALTERNATIVES:
        return None
    return [tuple(unit for units in choice for unit in units) for choice in product(*terms)]
