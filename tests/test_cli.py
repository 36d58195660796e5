"""The command line: exit status, one-line errors, and what a command loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mezoo.cli import _spread


def mezoo(*arguments, code=None):
    command = [sys.executable, "-m", "mezoo", *arguments] if code is None else [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True)


def test_every_command_has_help():
    from typer.main import get_command

    from mezoo.cli import app

    commands = get_command(app).commands
    assert {
        "demo",
        "catalog",
        "status",
        "models",
        "info",
        "verify",
        "flow",
        "score",
        "spot",
        "magnify",
    } <= set(commands)
    for name, command in commands.items():
        assert command.help, name


def test_wrong_configuration_is_status_2_and_one_line(tmp_path):
    done = mezoo("catalog", "casme_squ", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("mezoo: ") and done.stderr.count("\n") == 1 and "casme_sq" in done.stderr


def test_a_faulty_file_is_status_1_and_debug_shows_the_traceback(tmp_path):
    (tmp_path / "x.h5").write_bytes(b"no HDF5")
    done = mezoo("info", str(tmp_path / "x.h5"))
    assert done.returncode == 1 and "x.h5" in done.stderr and "Traceback" not in done.stderr
    assert "Traceback" in mezoo("--debug", "info", str(tmp_path / "x.h5")).stderr


def test_unknown_options_are_status_2():
    assert mezoo("flow", "--bogus").returncode == 2


@pytest.mark.parametrize(
    "module",
    ["mezoo.faces", "mezoo.motion", "mezoo.motion.flow_stage", "mezoo.magnify.shape_stage", "mezoo.workflow"],
)
def test_preprocessing_loads_no_torch(module):
    code = f"import sys, {module}; print([m for m in ('torch', 'matplotlib', 'pandas') if m in sys.modules])"
    done = mezoo(code=code)
    assert done.stdout.strip() == "[]", done.stderr


def test_prediction_loads_no_lightning():
    done = mezoo(code="import sys, mezoo.learning.auwgcn_spotter; print('pytorch_lightning' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


def test_options_with_many_values_are_spread():
    arguments = ["fit", "r.yaml", "--features", "a", "b", "--labels", "c", "-o", "m.h5", "--demo"]
    assert _spread(arguments) == [
        *["fit", "r.yaml", "--features", "a", "--features", "b"],
        *["--labels", "c", "-o", "m.h5", "--demo"],
    ]
