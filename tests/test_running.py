"""Who works in a folder: dead runs leave no lock behind, living ones keep theirs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mezoo import running

STAY = "import sys, time; from mezoo import running; running.enter({!r}); print('in', flush=True); time.sleep(60)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder in which this process may enter again and again, as new runs do."""
    yield tmp_path
    leave()


def leave():
    while running._HELD:
        running._HELD.pop().close()


def lock(folder):
    (folder / ".snakemake/locks").mkdir(parents=True, exist_ok=True)
    (folder / ".snakemake/locks/0.output.lock").write_text("results/loso_auwgcn.csv\n")


def is_locked(folder):
    return (folder / ".snakemake/locks/0.output.lock").exists()


@pytest.fixture
def other(folder):
    """Another run that lives in the folder."""
    process = subprocess.Popen([sys.executable, "-c", STAY.format(str(folder))], stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b"in"
    yield process
    process.kill()
    process.wait()


def test_a_first_run_says_nothing(folder, capsys):
    running.enter(folder)
    assert capsys.readouterr().err == ""
    assert json.loads((folder / ".snakemake/mezoo.run").read_text())["pid"] == os.getpid()


def test_the_lock_of_a_killed_run_is_removed(folder, other, capsys):
    lock(folder)
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    running.enter(folder)
    assert not is_locked(folder)
    assert f"was killed (process {other.pid} on" in capsys.readouterr().err


def test_the_lock_of_a_living_run_stays(folder, other, capsys):
    lock(folder)
    for _ in range(2):  # also after somebody else was refused
        running.enter(folder)
        leave()
        assert is_locked(folder)
        assert f"another run is working in this folder (process {other.pid} on" in capsys.readouterr().err


@pytest.mark.parametrize("record", ['{"pid": 7, "host": "elsewhere", "boot": "other"}', "", '{"pid'])
def test_the_lock_of_another_machine_stays(folder, capsys, record):
    lock(folder)
    (folder / ".snakemake/mezoo.run").write_text(record)
    running.enter(folder)
    assert is_locked(folder)
    assert "snakemake --unlock" in capsys.readouterr().err
    assert (folder / ".snakemake/mezoo.run").read_text() == record, "the next run must be warned as well"


def test_a_container_of_another_name_on_this_machine_is_here(folder, capsys):
    running.enter(folder)
    leave()
    record = json.loads((folder / ".snakemake/mezoo.run").read_text())
    if not record["boot"]:
        pytest.skip("this system has no id for its boot")
    lock(folder)
    (folder / ".snakemake/mezoo.run").write_text(json.dumps(record | {"host": "container-7"}))
    running.enter(folder)
    assert not is_locked(folder)


def test_alone_waits_for_the_other(tmp_path):
    code = (
        "import sys, time; from mezoo.running import alone_in\n"
        f"with alone_in({str(tmp_path)!r}):\n print('in', flush=True); time.sleep(0.7)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"in"
        begin = time.perf_counter()
        with running.alone_in(tmp_path):
            assert time.perf_counter() - begin > 0.3
    assert not list(tmp_path.iterdir()), "no file stays behind"
