"""The options and layouts in docs/datasets.md are those of the readers."""

from __future__ import annotations

import re
from pathlib import Path

from mezoo.datasets import LAYOUTS

PAGE = Path(__file__).parents[2] / "docs/datasets.md"


def rows():
    """(layouts, option, text) of the table of options."""
    table = PAGE.read_text(encoding="utf-8").partition("## Options")[2].partition("\n## ")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        names = re.findall(r"`(\w+)`", cells[0]) if len(cells) == 3 else []
        for name in names:
            yield name, cells[1].strip("`"), cells[2]


def test_every_option_is_documented_and_exists():
    written = {(layout, option) for layout, option, _ in rows()}
    real = {(name, option) for name, one in LAYOUTS.items() for option in (*one.options, *one.numbers)}
    assert written == real


def test_the_values_are_those_of_the_option():
    for layout, option, text in rows():
        for value in LAYOUTS[layout].options.get(option, ()):
            assert f"`{value}`" in text or re.search(rf"\b{value}\b", text), (layout, option, value)


def test_every_layout_is_listed():
    text = PAGE.read_text(encoding="utf-8").partition("## What is written")[0]
    assert set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE)) == set(LAYOUTS)
