"""Commands in README and docs/: they exist, their targets can be made, and the cheap ones are run.

`mezoo score` runs on the files that its page shows and prints what the page shows.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT
from docs_pages import PAGES, anchors, commands, links
from end_to_end.clone import Clone
from odd_videos import film, talking
from PIL import Image
from typer.main import get_command
from typer.testing import CliRunner

from mezoo.cli import app
from mezoo.cli.many_values import spread

DOCS = ROOT / "docs"
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


def targets_of(words: list[str]) -> list[str]:
    """Targets among the words of a Snakemake command; an option that the pages do not use is a failure."""
    targets, words = [], words[1:]
    while words:
        word = words.pop(0)
        if word in ("--cores", "--workflow-profile"):
            words.pop(0)
        elif word != "-n":
            assert not word.startswith("-"), word
            targets.append(word)
    return targets


@pytest.mark.parametrize("shown", commands("mezoo"), ids=str)
def test_every_command_exists_with_its_options(shown):
    """Parsed, not run. In a sentence `mezoo bench flow` is a name, in a block what is needed must be there."""
    command, words = get_command(app), spread(shown.words[1:])
    while words and hasattr(command, "commands"):
        assert words[0] in command.commands, f"there is no command '{words[0]}'"
        command = command.commands[words.pop(0)]
    if shown.in_block or any(word.startswith("-") for word in words):
        command.make_context("mezoo", words)


FILLED_IN = {
    "<dataset>": "casme2",
    "<protocol>": "megc2019_cde",
    "<spotter>": "auwgcn",
    "<recogniser>": "ststnet",
}


def filled_in(target: str) -> str:
    for name, value in FILLED_IN.items():
        target = target.replace(name, value)
    return target.replace("<recipe>", "ststnet" if "megc2019" in target else "auwgcn")


@pytest.fixture(scope="module")
def with_corpora(tmp_path_factory) -> Clone:
    """Folders named as in the corpora of the pages, beside the demo; few recipes in the tables, to plan quickly."""
    root = tmp_path_factory.mktemp("corpora")
    trees = {
        "casme_sq": ("rawpic/s{}/{}_0101disgustingteeth/img1.jpg", ("15", "16")),
        "samm_lv": ("SAMM_longvideos/{}_1/{}_1_0001.jpg", ("006", "007")),
        "casme2": ("CASME2_RAW_selected/sub{}/EP02_01f/img46.jpg", ("01", "02")),
        "samm": ("SAMM/{}/{}_1_2/{}_05562.jpg", ("006", "007")),
        "smic": ("SMIC_all_cropped/HS/s{}/micro/negative/s{}_ne_01/reg_image559740.bmp", ("1", "2")),
    }
    for name, (form, subjects) in trees.items():
        for subject in subjects:
            path = root / name / form.replace("{}", subject)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return Clone(
        tmp_path_factory.mktemp("clone"),
        datasets={name: {"root": str(root / name)} for name in trees},
        demo={"enabled": True, "size": "tiny", "subjects": 3},
        recipes=["mdmo_peaks"],
        spotting={"recipes": ["mdmo_peaks"]},
        recognition={"recipes": ["ststnet"], "protocols": ["megc2019_cde"]},
    )


def test_every_target_can_be_made(with_corpora):
    """One dry run for all pages; Snakemake names a target that no rule makes."""
    shown = [one for one in commands("snakemake") if len(one.words) > 1]
    pages = {"README.md", "howto.md", "artifacts.md", "recognition.md", "tutorial_corpus.md"}
    assert pages <= {one.page for one in shown}
    targets = dict.fromkeys(filled_in(target) for one in shown for target in targets_of(one.words))
    jobs = with_corpora.planned(*targets)
    assert jobs["report"] and jobs["strs"] and jobs["cross_corpus"] and jobs["fit_recogniser_everybody"]


def test_every_snakemake_command_says_how_many_cores():
    """Snakemake refuses to run without; the profile of a cluster says it."""
    for shown in commands("snakemake"):
        if len(shown.words) > 1:
            assert {"--cores", "--workflow-profile"} & {*shown.words}, str(shown)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A short film of a face and two of its frames, under the names of the pages."""
    folder = tmp_path_factory.mktemp("own")
    frames, times = talking(seconds=0.8, fps=30)
    film(folder / "film.mp4", frames, times)
    for name, frame in (("a", frames[0]), ("b", frames[len(frames) // 2])):
        Image.fromarray(frame).save(folder / f"{name}.png")
    return folder


#: Commands that cost little -> what they write, or a word that they print.
RUN = {
    "mezoo models": "ststnet",
    "mezoo catalog --explain list": "megc2019_cde",
    "mezoo catalog --explain casme2_5class": "246",
    "mezoo status": "0 failed item(s)",
    "mezoo flow a.png b.png -o flow.png": "flow.png",
    "mezoo spot film.mp4 -o out": "out/index.html",
    "mezoo magnify film.mp4 --factor 8 --side-by-side -o larger.mp4": "larger.mp4",
    "mezoo interpolate film.mp4 --factor 2 -o smooth.mp4": "smooth.mp4",
}


@pytest.mark.parametrize("line", RUN)
def test_what_costs_little_is_run(line, folder, monkeypatch):
    assert any(shlex.split(line) == shown.words for shown in commands("mezoo")), "on no page any more"
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, shlex.split(line)[1:], catch_exceptions=False)
    assert done.exit_code == 0
    if "-o" in line.split():
        assert (folder / RUN[line]).stat().st_size > 1000
    else:
        assert RUN[line] in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(page):
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
