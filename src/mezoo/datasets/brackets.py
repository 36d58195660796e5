"""Brackets of a one-line text: find the outermost pairs and cut the text outside them.

All functions but `depth` expect balanced brackets. Used by the action-unit grammar (`mezoo.datasets.au`).
"""

from __future__ import annotations

import re


def depth(text: str) -> int:
    """Count the levels of the deepest bracket."""
    deepest = level = 0
    for char in text:
        level += (char == "(") - (char == ")")
        deepest = max(deepest, level)
    return deepest


def brackets(text: str) -> list[tuple[int, int]]:
    """Find the spans (start, end) of the outermost bracket pairs of a balanced text, brackets included."""
    spans, level, start = [], 0, 0
    for position, char in enumerate(text):
        if char == "(":
            start = position if level == 0 else start
            level += 1
        elif char == ")":
            level -= 1
            if level == 0:
                spans.append((start, position + 1))
    return spans


def masked(text: str) -> str:
    """Blot out the content of brackets, keeping positions, so that a search stays outside them."""
    for start, end in brackets(text):
        text = text[: start + 1] + "\0" * (end - start - 2) + text[end - 1 :]
    return text


def split(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split at separators outside brackets and trim the parts."""
    parts, last = [], 0
    for match in separator.finditer(masked(text)):
        parts.append(text[last : match.start()].strip())
        last = match.end()
    return [*parts, text[last:].strip()]


def enclosed(text: str) -> str | None:
    """Give the content of a text that is one bracket pair, else None."""
    return text[1:-1].strip() if brackets(text) == [(0, len(text))] else None


def chunks(text: str) -> list[str]:
    """Cut a text into its outermost brackets and what stands between them."""
    parts, last = [], 0
    for start, end in brackets(text):
        parts += [text[last:start].strip(), text[start:end]]
        last = end
    return [part for part in [*parts, text[last:].strip()] if part]
