"""The command line: exit status, one-line errors, and what a command loads."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest
from typer.main import get_command

from mezoo import cli
from mezoo.cli import app
from mezoo.cli.many_values import spread


def mezoo(*arguments, code=None):
    command = [sys.executable, "-m", "mezoo", *arguments] if code is None else [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True)


#: In the order of ``mezoo --help``; other programs and the rules call them by these names.
COMMANDS = """
demo catalog
faces flow-pair flow-onset flow-apex mdmo spot-images features
magnified faces-magnified shape train-magnet interpolated train-rife usable
fit predict score-folds gather-scores
pack protocol fit-recogniser predict-recogniser score-recogniser recognise-spotted score-strs
recognition-tables recognition-figures slstt-tokens macro-stills pretrain leakcheck
table figures motion-curve strips spotting-tables report score
spot recognise flow magnify interpolate
models info verify status
bench
"""
BENCHES = ["flow", "pipeline", "interpolate", "magnify", "effect", "loso"]


def test_every_command_is_listed_and_has_help():
    commands = get_command(app).commands
    assert list(commands) == COMMANDS.split()
    assert list(commands["bench"].commands) == BENCHES
    for name, command in {**commands, **commands["bench"].commands}.items():
        assert command.help, name


def test_every_file_of_commands_is_part_of_the_command_line():
    """A command whose file nobody adds would be missing without an error."""
    defined = {
        (command.name or command.callback.__name__).replace("_", "-")
        for module in pkgutil.iter_modules(cli.__path__)
        for command in getattr(
            getattr(importlib.import_module(f"mezoo.cli.{module.name}"), "app", None),
            "registered_commands",
            [],
        )
    }
    assert defined == {*COMMANDS.split(), *BENCHES} - {"bench"}


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


def test_prediction_loads_neither_lightning_nor_what_only_others_need():
    homes = ", ".join(
        f"mezoo.learning.{one}" for one in ("network_spotter", "frame_spotter", "network_recogniser")
    )
    slow = ("pytorch_lightning", "scipy.signal", "matplotlib")
    done = mezoo(code=f"import sys, {homes}; print([m for m in {slow} if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_a_network_loads_no_other():
    code = (
        "import sys, mezoo.models; mezoo.models.create('ststnet'); print('mezoo.models.slstt' in sys.modules)"
    )
    done = mezoo(code=code)
    assert done.stdout.strip() == "False", done.stderr


def test_options_with_many_values_are_spread():
    arguments = ["fit", "r.yaml", "--features", "a", "b", "--labels", "c", "-o", "m.h5", "--demo"]
    assert spread(arguments) == [
        *["fit", "r.yaml", "--features", "a", "--features", "b"],
        *["--labels", "c", "-o", "m.h5", "--demo"],
    ]
