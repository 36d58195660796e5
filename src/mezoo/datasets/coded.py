"""One row of a coding sheet as an event: frame numbers, nulls and action units, the same for all corpora."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from mezoo.catalog_items import Audit, EventRecord
from mezoo.datasets.au import parse_aus
from mezoo.datasets.workbook import Cell, frame, text

_FRAMES = ("onset", "apex", "offset")


def with_frames(
    event: EventRecord,
    cells: Mapping[str, Cell],
    audit: Audit,
    *,
    not_coded: Mapping[str, Collection[int]],
) -> EventRecord:
    """Fill onset, apex and offset: fractions rounded half up, codes for "not coded" made null.

    Parameters
    ----------
    event : EventRecord
        With its ids.
    cells : mapping
        Cells named ``onset``, ``apex``, ``offset``; a blank or text is not coded either. A name that the
        sheet does not have at all is flagged like a blank, without an audit row per event.
    audit : Audit
        Gets a row for each rounding (repaired) and each null (info); the event gets flags of these names.
    not_coded : mapping
        For each of the three names, the numbers that mean "not coded" in this corpus.
    """
    frames: dict[str, int | None] = {}
    fractions = {}
    for name in _FRAMES:
        if name not in cells:
            frames[name], event = None, flagged(event, f"{name}_missing")
            continue
        value, was_rounded = frame(cells[name])
        if was_rounded:
            fractions[f"{name} {text(cells[name])}"] = str(value)
        if value is None or value in not_coded[name]:
            found = f"{name} {text(cells[name]) or 'blank'}"
            event = flagged(event, f"{name}_missing")
            audit.add(
                event.video,
                event.event,
                "info",
                f"{name}_missing",
                found,
                "a frame number",
                "now null",
            )
            value = None
        frames[name] = value
    if fractions:
        event = flagged(event, "fraction")
        audit.add(
            event.video,
            event.event,
            "repaired",
            "fraction",
            ", ".join(fractions),
            "whole frame numbers",
            f"rounded half up to {', '.join(fractions.values())}",
        )
    return replace(event, onset=frames["onset"], apex=frames["apex"], offset=frames["offset"])


def with_units(event: EventRecord, cell: Cell, audit: Audit) -> EventRecord:
    """Fill the action units: canonical text and the cell as written; odd cells are flagged and audited."""
    parsed = parse_aus(cell)
    raw = text(cell)
    if parsed.flags:
        audit.add(
            event.video,
            event.event,
            "info",
            "au_string",
            f"{raw or 'blank'} ({', '.join(parsed.flags)})",
            "units joined by +",
            f"read as {str(parsed) or 'no unit'}",
        )
    return flagged(replace(event, aus=str(parsed), aus_raw=raw), *(f"au_{flag}" for flag in parsed.flags))


def flagged(event: EventRecord, *flags: str) -> EventRecord:
    """Add flags to an event; its flags stay sorted and unique."""
    return replace(event, flags=tuple(sorted({*event.flags, *flags})))
