"""Check the rows of a coding file among themselves: names, words, order of the frames, repetitions.

Everything that does not fit becomes an audit row; nothing stops. What the frames say is checked by
`mezoo.datasets.frame_checks`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from mezoo.catalog_items import Audit, EventRecord
from mezoo.datasets.coded import flagged
from mezoo.datasets.labels import EMOTIONS, objective_class

#: Ids become file names: no separator, no control character, nothing that starts like ``..`` or ``.hidden``.
_SAFE = re.compile(r"(?!\.)[^/\\\x00-\x1f\x7f]{1,200}")


def is_safe_name(name: str) -> bool:
    """Tell whether an id can be the name of a file in a folder, and of none outside it."""
    return _SAFE.fullmatch(name) is not None


def check_codes(events: Iterable[EventRecord], audit: Audit) -> list[EventRecord]:
    """Check the events among themselves: names, order of the frames, repeated ids, repeated intervals.

    Returns
    -------
    list of EventRecord
        Without events that have no interval or whose ids cannot be file names; a repeated id gets ``.2``,
        ``.3`` ... in sheet order.
    """
    kept: list[EventRecord] = []
    seen: Counter[str] = Counter()
    intervals: set[tuple] = set()
    for event in events:
        if not all(map(is_safe_name, (event.video, event.subject, event.event))):
            found = f"{event.video!r}, {event.event!r}"
            audit.add("", "", "excluded", "unsafe_name", found, "ids that are file names", "event left out")
            continue
        seen[event.event] += 1
        if seen[event.event] > 1:
            name = f"{event.event}.{seen[event.event]}"
            audit.add(
                event.video, name, "repaired", "event_id", event.event, "an id used once", f"now {name}"
            )
            event = replace(event, event=name)
        note = (event.video, event.event)
        end = event.offset if event.offset is not None else event.apex
        if event.onset is None or end is None or end < event.onset:
            found = f"{event.onset}/{event.apex}/{event.offset}"
            audit.add(*note, "excluded", "interval", found, "onset <= apex <= offset", "event left out")
            continue
        if event.apex is not None and not event.onset <= event.apex <= end:
            found = f"{event.onset}/{event.apex}/{event.offset}"
            audit.add(
                *note, "info", "apex_outside", found, "onset <= apex <= offset", "kept as coded, flagged"
            )
            event = flagged(event, "apex_outside")
        key = (event.video, event.type, event.onset, event.offset)
        if key in intervals:
            found = f"{event.onset}..{event.offset} twice"
            audit.add(*note, "info", "duplicate", found, "each expression once", "kept")
        intervals.add(key)
        kept.append(event)
    return kept


def check_words(events: Iterable[EventRecord], layout: str, audit: Audit) -> None:
    """Report emotions and objective classes that no protocol knows; blank cells are not coded.

    Parameters
    ----------
    events : iterable of EventRecord
    layout : str
        Whose vocabulary (`mezoo.datasets.labels.EMOTIONS`); a layout without one is not checked.
    audit : Audit
    """
    known = EMOTIONS.get(layout)
    for event in events:
        word, number = event.emotion.strip().casefold(), event.objective_class
        if known is not None and word and word not in known:
            found, expected = event.emotion, ", ".join(sorted(known))
            audit.add(
                event.video, event.event, "info", "unknown_emotion", found, expected, "kept, in no protocol"
            )
        if number and objective_class(number) is None:
            audit.add(event.video, event.event, "info", "unknown_class", number, "I to VII", "in no protocol")


def check_subjects(events: Iterable[EventRecord], subjects: dict[str, str], audit: Audit) -> None:
    """Report events whose subject is not that of their video: one person would be in two folds.

    Parameters
    ----------
    events : iterable of EventRecord
    subjects : dict
        Video id -> subject by the folders.
    audit : Audit
    """
    for event in events:
        home = subjects.get(event.video, event.subject)
        if home != event.subject:
            audit.add(
                event.video, event.event, "info", "subject_of_video", event.subject, home, "kept as coded"
            )
