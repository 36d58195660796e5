"""The generated pages of commands and of files: those of the code, and nothing forgotten."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT
from typer.main import get_command

from mezoo.cli import app, reference


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("path", reference.GENERATED, ids=str)
def test_generated_pages_do_not_drift(path):
    assert path.read_text() == reference.GENERATED[path](), "run: python -m mezoo.cli.reference"


def test_every_command_has_all_its_options():
    """Sections of the page against the commands themselves."""
    parts = reference.commands().split("\n## mezoo ")
    sections = {part.partition("\n")[0]: part for part in parts[1:]}
    commands = get_command(app).commands
    assert [name for name in sections if " " not in name] == list(commands)
    for name, command in {
        **commands,
        **{f"bench {k}": c for k, c in commands["bench"].commands.items()},
    }.items():
        for parameter in command.params:
            for spelling in (
                parameter.opts if parameter.param_type_name == "option" else [parameter.name.upper()]
            ):
                assert re.search(rf"^\| `.*{spelling}\b", sections[name], re.MULTILINE), (name, spelling)


def test_a_default_and_a_choice_that_is_needed():
    section = reference.commands().split("\n## mezoo fit\n")[1].partition("\n## ")[0]
    assert "| `--layout LAYOUT` | `casme_sq` | Whose per-corpus values of the recipe hold. |" in section
    assert "\nmezoo fit RECIPE --features FEATURES... --labels LABELS... -o OUT\n" in section


def test_every_rule_that_writes_results_is_listed():
    text = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    rules = re.findall(r"^(?:use rule \w+ as (?=\w+ with)|rule )(\w+)", text, re.MULTILINE)
    listed = re.findall(r"^\| `(\w+)` \| `results", reference.stages(), re.MULTILINE)
    assert set(rules) - {"demo"} <= set(listed), "the demo is written for the catalogs, not asked for"
    assert "| `usable_stage` | `results/catalog/<dataset>/<stage>.csv` |" in reference.stages()
    assert "| `predict_corpus` | " in reference.stages() and "| `predict` |\n" in reference.stages()
