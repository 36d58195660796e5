"""Action units as data: a unit with its side, lip part and intensity, and a whole parsed coding cell.

Follows FACS (Ekman, Friesen and Hager, 2002); `mezoo.datasets.au` fills these from the sheets' text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One action unit as coded.

    Attributes
    ----------
    au : int
        FACS number, 1..99.
    side : str or None
        ``L`` left, ``R`` right, ``A`` both but asymmetric.
    part : str or None
        ``T`` top lip, ``B`` bottom lip.
    intensity : tuple of str
        Letters A..E as written; two or more when the coder was undecided.
    uncertain : bool
        Written with ``?``.
    persistent : bool
        Written with ``(k)``: there all the time, so no motion belongs to it (4DME).
    """

    au: int
    side: str | None = None
    part: str | None = None
    intensity: tuple[str, ...] = ()
    uncertain: bool = False
    persistent: bool = False

    def __str__(self) -> str:
        grades = self.intensity[0] if len(self.intensity) == 1 else ""
        if len(self.intensity) > 1:
            grades = f"({'/'.join(self.intensity)})"
        marks = ("(k)" if self.persistent else "") + ("?" if self.uncertain else "")
        return f"{self.side or ''}{self.part or ''}{self.au}{grades}{marks}"


Alternative = tuple[Unit, ...]
Group = tuple[Alternative, ...]


@dataclass(frozen=True)
class ActionUnits:
    """A parsed cell.

    Attributes
    ----------
    groups : tuple of Group
        One per item of the sum; a group is a tuple of alternatives, an alternative a tuple of units
        (empty when the alternative says that nothing is present).
    reference : tuple of Group
        Units of the reference face, never part of the expression.
    notes : tuple of str
        Free text as written.
    flags : tuple of str
        Sorted: ``empty``, ``unknown``, ``free_text``, ``stray_separator``, ``missing_separator``,
        ``unbalanced_parenthesis``.
    """

    groups: tuple[Group, ...] = ()
    reference: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def certain(self) -> list[int]:
        """Sorted AU numbers that every reading of the cell contains (not uncertain, not persistent)."""
        found: set[int] = set()
        for group in self.groups:
            readings = [{u.au for u in units if not (u.uncertain or u.persistent)} for units in group]
            found |= set.intersection(*readings)
        return sorted(found)

    @property
    def possible(self) -> list[int]:
        """Sorted AU numbers that some reading of the cell contains (not persistent)."""
        return sorted({u.au for g in self.groups for units in g for u in units if not u.persistent})

    def __str__(self) -> str:
        """Canonical text: parsing it again gives the same groups; notes and reference are left out."""
        return "+".join(_group_text(group) for group in self.groups)


def _group_text(group: Group) -> str:
    if len(group) == 1:
        return "+".join(map(str, group[0]))
    texts = [
        str(units[0]) if len(units) == 1 else f"({'+'.join(map(str, units))})" if units else "none"
        for units in group
    ]
    return f"({' or '.join(texts)})"
