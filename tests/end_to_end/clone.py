"""A copy of the project as a newcomer has it after cloning, in which Snakemake is called as he calls it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml
from conftest import ROOT

Settings = dict[str, object]


class Clone:
    """Snakefile, workflow and profiles in a folder of its own, with its own settings and results."""

    def __init__(self, folder: Path, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "Snakefile", folder)
        for name in ("workflow", "profiles"):
            shutil.copytree(ROOT / name, folder / name, symlinks=True)
        self.folder = folder
        self.settings: Settings = yaml.safe_load((ROOT / "config.yaml").read_text())
        self.configure(**settings)
        self.env = os.environ | {"PYTHONPATH": str(ROOT / "src")}

    def configure(self, **settings: object) -> None:
        """Replace settings; a mapping changes only the keys it names. Nothing given writes them again."""
        _merge(self.settings, settings)
        (self.folder / "config.yaml").write_text(yaml.safe_dump(self.settings))

    def recipe(self, name: str, **values: object) -> None:
        """Replace values of a recipe, those for synthetic videos included."""
        path = self.folder / f"workflow/recipes/{name}.yaml"
        recipe = yaml.safe_load(path.read_text())
        for part in (recipe, recipe.get("demo", {})):
            part.update(values)
        path.write_text(yaml.safe_dump(recipe))

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)]

    def start(self, *arguments: object) -> subprocess.Popen:
        """Start Snakemake with all its jobs in a process group of its own; output goes to ``run.txt``."""
        with open(self.folder / "run.txt", "w") as output:
            return subprocess.Popen(
                self.command(*arguments),
                cwd=self.folder,
                env=self.env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def snakemake(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run Snakemake to its end; its output and errors are ``stdout``."""
        run = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return run

    def finish(self, *arguments: object) -> str:
        """Run Snakemake, which must succeed; return its output."""
        run = self.snakemake(*arguments)
        assert run.returncode == 0, run.stdout[-6000:]
        return run.stdout

    def planned(self, *arguments: object) -> Counter[str]:
        """Jobs per rule that Snakemake would run, or has to run again."""
        text = self.finish("-n", *arguments)
        table = re.search(r"^job +count\n-+ +-+\n(.*?)\ntotal ", text, re.MULTILINE | re.DOTALL)
        if table is None:
            assert "Nothing to be done" in text, text
            return Counter()
        pairs = (line.split() for line in table[1].splitlines())
        return Counter({rule: int(count) for rule, count in pairs})

    def mezoo(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run the command line of the package."""
        return subprocess.run(
            [sys.executable, "-m", "mezoo", *map(str, arguments)],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
        )

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line that the product printed, with the commands of this environment."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.env | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def path(self, name: str) -> Path:
        return self.folder / name


def _merge(old: Settings, new: Settings) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict) and key != "options":
            _merge(old[key], value)
        else:
            old[key] = value
