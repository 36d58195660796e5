"""The commands (`*_command.py`) from the command line, in their quick form, and their JSON."""

from __future__ import annotations

import json
import os
from unittest import mock

import cv2
import pytest
from typer.testing import CliRunner

from mezoo import __version__
from mezoo.bench.tables import SCHEMA
from mezoo.cli import app
from mezoo.errors import ConfigError


@pytest.fixture(autouse=True)
def threads_as_before():
    """The commands cap the threads of their process; other tests run in this one too."""
    before = cv2.getNumThreads()
    with mock.patch.dict(os.environ):
        yield
    cv2.setNumThreads(before)


def run(*arguments):
    return CliRunner().invoke(app, ["bench", *arguments], catch_exceptions=False)


def read(path):
    found = json.loads(path.read_text())
    assert found["schema"] == SCHEMA and found["mezoo"] == __version__
    assert found["date"].endswith("+00:00") and found["machine"]["cpu"] and found["machine"]["libraries"]
    return found


def test_flow(tmp_path):
    done = run(
        "flow", "--quick", "--runs", "2", "--methods", "native,dis", "--json", str(tmp_path / "flow.json")
    )
    assert done.exit_code == 0
    found = read(tmp_path / "flow.json")
    assert set(found) >= {"speed", "rates", "roofline", "analytic", "truth", "settings"}
    assert {row["method"] for row in found["speed"]} == {"native", "opencv", "dis"}
    for row in found["speed"]:
        assert len(row["seconds"]["runs"]) == 2 and row["seconds"]["low"] > 0
        assert row["ratio"]["low"] <= row["ratio"]["median"] <= row["ratio"]["high"]
    assert {"native, float16", "no motion"} <= {row["method"] for row in found["analytic"]}
    for said in ("machine:", "numpy", "| portrait 64 |", "faster than opencv", "of the best possible"):
        assert said in done.output
    assert "[" in done.output.split("| portrait 64")[1]  # the spread is not taken for markup


def test_pipeline(tmp_path):
    done = run("pipeline", "--quick", "--runs", "1", "--json", str(tmp_path / "pipeline.json"))
    assert done.exit_code == 0
    found = read(tmp_path / "pipeline.json")
    assert {row["step"] for row in found["steps"]} == {"faces", "flow", "mdmo"}
    assert all(row["memory"]["median"] > 2e7 and row["disk"] > 10 for row in found["steps"])
    assert found["paths"][0]["rate"]["median"] > 0 < found["paths"][0]["speedup"]["median"]
    assert [row["workers"] for row in found["scaling"]] == [1]
    assert "frames/s per core" in done.output and "peak MB" in done.output


def test_magnify(tmp_path):
    done = run("magnify", "--quick", "--runs", "1", "--json", str(tmp_path / "magnify.json"))
    assert done.exit_code == 0
    found = read(tmp_path / "magnify.json")
    assert {row["method"] for row in found["quality"]} == {"lagrangian", "eulerian", "phase"}
    assert all(0.3 < row["gain"] < 1.5 and 0.5 < row["ssim"] <= 1 for row in found["quality"])
    assert all(row["milliseconds"] > 0 and row["false_motion"] >= 0 for row in found["costs"])
    assert "false motion" in done.output and "| 0.5 | 4" in done.output


def test_learned_magnification_needs_weights():
    with pytest.raises(ConfigError, match="no weights for magnet"):
        run("magnify", "--quick", "--methods", "magnet")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["flow", "--sizes", "128,big"], "whole numbers"),
        (["flow", "--sizes", "8"], "at least 32"),
        (["flow", "--methods", "nativ"], "Did you mean"),
        (["pipeline", "--frames", "5", "--reference", "9"], "no more than all"),
    ],
)
def test_wrong_usage(arguments, said):
    with pytest.raises(ConfigError, match=said):
        run(*arguments)


def test_interpolate(tmp_path):
    out = tmp_path / "interpolate.json"
    assert run("interpolate", "--quick", "--runs", "2", "--json", str(out)).exit_code == 0
    rows = {row["method"]: row for row in read(out)["rebuilt"]}
    assert set(rows) == {"linear", "tim", "flow_warp"}, "rife needs weights"
    for row in rows.values():
        assert row["frames"] == 4 and len(row["seconds"]["runs"]) == 2 and row["seconds"]["low"] > 0
        assert 25 < row["psnr"] < 60 and 0.5 < row["ssim"] <= 1
