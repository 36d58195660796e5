"""Protocols in words: ``mezoo catalog --explain NAME``. No row of an annotation is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from mezoo.datasets.protocols.protocol import Expected, Part, Protocol

_WIDTH = 100


def overview(protocols: Mapping[str, Protocol]) -> str:
    """List protocols: name, title, size."""
    width = max(map(len, protocols))
    return "\n".join(f"{name:<{width}}  {_size(protocol)}" for name, protocol in protocols.items())


def _size(protocol: Protocol) -> str:
    if not protocol.expected:
        return f"{protocol.title}; labels not public"
    whole = protocol.expected[0]
    return f"{protocol.title}; {whole.n} samples, {len(whole.counts)} classes, {whole.subjects} subjects"


def explain(protocol: Protocol) -> str:
    """Tell the rule, the counts to expect, and why other numbers are in print."""
    lines = [protocol.title, "", *_wrapped("Rule: ", protocol.rule), *_wrapped("Source: ", protocol.source)]
    if protocol.parts:
        held = "subject of each corpus" if protocol.held_out == "subject" else "corpus"
        lines += [f"Held out: one {held} at a time", "", "Labels:"]
        lines += [line for part in protocol.parts for line in _part(part)]
        lines += ["", "Expected counts:"]
        lines += [line for expected in protocol.expected for line in _expected(expected)]
    if protocol.official:
        classes = ", ".join(f"{number} = {label}" for number, label in protocol.official.items())
        lines += ["", f"Official list: joined by subject and clip; classes {classes}"]
    if protocol.disagreements:
        lines += ["", "Numbers that disagree:"]
        for item in protocol.disagreements:
            lines += _wrapped("- ", f"{item.claim}. The tables: {item.found}. {item.why}")
    return "\n".join(lines)


def _part(part: Part) -> list[str]:
    words: dict[str, list[str]] = {}
    for word, label in part.labels.items():
        words.setdefault(label, []).append(word)
    rules = "; ".join(f"{label} = {', '.join(written)}" for label, written in words.items())
    lines = _wrapped(f"  {part.corpus} ({part.column}): ", rules)
    if part.without:
        clips = ", ".join(f"{subject}/{clip}" for subject, clip in part.without)
        lines += _wrapped("    without ", clips)
    return lines


def _expected(expected: Expected) -> list[str]:
    counts = ", ".join(f"{label} {count}" for label, count in expected.counts.items())
    head = f"  {expected.corpus + ' part, ' if expected.corpus else ''}{expected.source}: "
    return _wrapped(head, f"{counts}; {expected.n} samples, {expected.subjects} subjects")


def _wrapped(head: str, text: str) -> list[str]:
    indent = " " * min(len(head), 4)
    return textwrap.wrap(f"{head}{text}", _WIDTH, subsequent_indent=indent, break_on_hyphens=False)
