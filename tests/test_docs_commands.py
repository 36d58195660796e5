"""Commands that the documents show are run on the files that they show, and print what they show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mezoo.cli import app

DOCS = Path(__file__).resolve().parents[1] / "docs"
FILE = re.compile(r"^`(\S+\.csv)`:\n\n```csv\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A block of commands and, where there is one, the block of what the last of them prints.
COMMANDS = re.compile(r"^```bash\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


def shown() -> list[tuple[str, str, str | None]]:
    """Page, command and output of every `mezoo score` in a block of its own."""
    found = []
    for page in sorted(DOCS.glob("*.md")):
        for block, output in COMMANDS.findall(page.read_text()):
            commands = [line for line in block.splitlines() if line.startswith("mezoo score ")]
            for line in commands:
                found.append((page.name, line, output if output and line == commands[-1] else None))
    return found


def test_all_tasks_are_shown():
    assert {command.split()[2] for _, command, _ in shown()} == {"spotting", "recognition", "strs"}
    for page in DOCS.glob("*.md"):  # a command in a sentence would escape the test below
        assert not re.search(r"`mezoo score [a-z]+ --", page.read_text()), page.name


@pytest.mark.parametrize(("page", "command", "output"), shown())
def test_shown_command(page, command, output, tmp_path, monkeypatch):
    for name, content in FILE.findall((DOCS / page).read_text()):
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)[1:]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    if output is not None:
        assert done.stdout == output
    if "-o" in words:
        assert (tmp_path / words[words.index("-o") + 1]).read_text().count("\n") > 1
