"""Commands in processes of their own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter, write_failed
from mezoo.bench import processes
from mezoo.bench.processes import _peak_memory, run_step
from mezoo.errors import DataError


@pytest.fixture
def pretend(monkeypatch, tmp_path):
    """Let a line of Python stand in for the command `mezoo`; it finds its output under sys.argv."""

    def use(code: str):
        script = tmp_path / "stand_in.py"
        script.write_text("import sys\nout = sys.argv[sys.argv.index('-o') + 1]\n" + code)
        real = subprocess.Popen

        def start(command, **how):
            assert command[1:3] == ["-m", "mezoo"]
            return real([sys.executable, str(script), *command[3:]], **how)

        monkeypatch.setattr(processes.subprocess, "Popen", start)

    return use


def test_seconds_memory_and_size(pretend, tmp_path):
    with ArtifactWriter(tmp_path / "made.h5", stage="faces", params={}, inputs={}) as writer:
        writer.write("x", np.zeros(10), axes="(T)")
    content = (tmp_path / "made.h5").read_bytes()
    pretend(
        f"import shutil, time\nheld = bytearray(60_000_000)\ntime.sleep(0.3)\n"
        f"shutil.copy({str(tmp_path / 'made.h5')!r}, out)\n"
    )
    step = run_step(["faces", "{}"], tmp_path / "out.h5")
    assert 0.3 < step.seconds < 5
    assert 60e6 < step.memory < 120e6
    assert step.disk == len(content)


def test_memory_of_the_parent_is_not_counted():
    held = np.ones(30_000_000)  # 240 MB
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.2)"])
    assert 1e6 < _peak_memory(process.pid) < 100e6
    process.wait()
    assert held[0] == 1


def test_a_failed_command_is_told_with_its_last_words(pretend, tmp_path):
    pretend("sys.exit('mezoo: no such thing')")
    with pytest.raises(DataError, match="faces ended with status 1: mezoo: no such thing"):
        run_step(["faces", "{}"], tmp_path / "out.h5")


def test_a_failed_artifact_is_an_error(pretend, tmp_path):
    made = tmp_path / "made.h5"
    write_failed(made, stage="faces", params={}, inputs={}, reason="no face in this video")
    with Artifact(made) as artifact:
        assert not artifact.ok
    pretend(f"import shutil\nshutil.copy({str(made)!r}, out)\n")
    with pytest.raises(DataError, match="no face in this video"):
        run_step(["faces", "{}"], tmp_path / "out.h5")
