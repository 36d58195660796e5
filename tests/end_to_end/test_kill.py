"""kill -9 at any moment, then the same command: it goes on, and the results are the same bytes."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from .clone import Clone
from .conftest import CHEAP, LOSO, copy_corpus

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings(films, tmp_path_factory) -> dict:
    """Four subjects, so that the inner validation takes part, with one video each."""
    root = copy_corpus(films, tmp_path_factory.mktemp("kill") / "casme_sq")
    for subject in root.glob("rawpic/*"):
        for folder in sorted(subject.iterdir())[1:]:
            shutil.rmtree(folder)
    return {**CHEAP, "datasets": {"casme_sq": {"root": str(root)}}}


@pytest.fixture(scope="module")
def undisturbed(settings, new_clone) -> Clone:
    clone = new_clone(**settings)
    clone.finish(LOSO)
    return clone


def products(clone: Clone) -> dict[str, bytes]:
    """Content of everything that a run computes."""
    root = clone.path("results")
    kept = (p for p in root.rglob("*") if p.suffix in (".h5", ".csv") and "benchmarks" not in p.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in kept}


def seen(pattern: str, folder: Path) -> set[tuple[Path, int]]:
    """Files of a pattern and when they were made: a killed run leaves some behind under the same names."""
    found = set()
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            found.add((path, path.stat().st_mtime_ns))
    return found


def wait_for(run: subprocess.Popen, pattern: str, folder: Path, before: Collection = ()) -> None:
    """Wait until a file appears that was not there before, or the run ends."""
    while run.poll() is None and not seen(pattern, folder).difference(before):
        time.sleep(0.02)


def kill_group(run: subprocess.Popen) -> None:
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def left_behind(clone: Clone) -> list[Path]:
    """Files of unfinished work."""
    results = clone.path("results")
    return [*results.rglob("*.part"), *results.rglob("*.unfinished")]


def test_the_same_command_goes_on_to_the_same_bytes(settings, undisturbed, new_clone):
    clone = new_clone(**settings)
    moments = random.Random(3)
    kills = [
        ("results/artifacts/casme_sq/faces/.*.part", moments.uniform(0, 1.5)),
        ("results/models/auwgcn/casme_sq/*/seed0/.model.unfinished/*/resume.ckpt", moments.uniform(0, 0.3)),
        (".snakemake/locks/*", moments.uniform(0.5, 4)),
    ]
    for pattern, delay in kills:
        before = seen(pattern, clone.folder)
        run = clone.start(LOSO)
        wait_for(run, pattern, clone.folder, before)
        time.sleep(delay)
        assert run.poll() is None, clone.path("run.txt").read_text()
        kill_group(run)
        assert any(clone.path(".snakemake/locks").iterdir()), "the lock of Snakemake stays behind"
        artifacts = sorted(clone.path("results").rglob("[!.]*.h5"))
        checked = clone.mezoo("verify", *artifacts) if artifacts else None
        assert checked is None or checked.returncode == 0, checked.stdout
    assert "was killed" in clone.finish(LOSO)
    assert products(clone) == products(undisturbed)
    assert not left_behind(clone)
    assert "Nothing to be done" in clone.finish(LOSO)


def test_only_snakemake_is_killed_and_its_jobs_live_on(settings, undisturbed, new_clone):
    """As the kernel does when memory runs out: the new run waits for an orphaned training."""
    clone = new_clone(**settings)
    for name in ("results", ".snakemake"):
        shutil.rmtree(clone.path(name), ignore_errors=True)
        shutil.copytree(undisturbed.path(name), clone.path(name))
    for name in ("models", "predictions", "scores", "logs"):
        shutil.rmtree(clone.path(f"results/{name}"))
    clone.path(LOSO).unlink()
    run = clone.start(LOSO)
    wait_for(run, "results/models/auwgcn/casme_sq/*/seed0/.model.unfinished/*/resume.ckpt", clone.folder)
    assert run.poll() is None, clone.path("run.txt").read_text()
    os.killpg(run.pid, signal.SIGSTOP)  # the orphans must outlast the start of the next run
    run.kill()
    run.wait()
    orphans = run.pid
    again = clone.start(LOSO)
    try:
        logs = clone.path("results/logs/fit/auwgcn/casme_sq")
        while again.poll() is None and not any("waiting" in p.read_text() for p in logs.glob("*.log")):
            time.sleep(0.05)
        assert again.poll() is None, "it waits for the orphans"
    finally:
        os.killpg(orphans, signal.SIGCONT)
    assert again.wait() == 0, clone.path("run.txt").read_text()
    assert products(clone) == products(undisturbed)


def test_a_second_run_in_the_same_folder_is_refused(settings, new_clone):
    clone = new_clone(**settings)
    target = "results/loso_mdmo_peaks.csv"
    first = clone.start(target)
    wait_for(first, ".snakemake/locks/*", clone.folder)
    second = clone.snakemake(target)
    assert second.returncode != 0 and "another run is working in this folder" in second.stdout
    assert f"process {first.pid} on" in second.stdout and "Traceback" not in second.stdout
    assert first.poll() is None, "the first run goes on"
    kill_group(first)
