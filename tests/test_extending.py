"""The code of docs/extending.md does what the page says."""

from __future__ import annotations

import csv
import re

import cv2
import numpy as np
import pytest
import torch
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from mezoo import datasets
from mezoo.cli import app
from mezoo.inputs import registry as inputs
from mezoo.inputs import request
from mezoo.learning.recipe import for_recognition, parse_recipe
from mezoo.learning.spotters import SPOTTERS
from mezoo.models import create, list_models
from mezoo.models import registry as models
from mezoo.models.recogniser import N_AUS, Batch
from mezoo.motion import backends, get_backend


def shown(language: str, name: str) -> str:
    """Code block of the page with this word after its language."""
    (block,) = re.findall(
        rf"^```{language} {name}\n(.*?)^```$",
        (ROOT / "docs/extending.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    return block


def run(name: str, known: dict | None = None) -> dict:
    names = {"__name__": f"extending_{name}", **(known or {})}
    exec(shown("python", name), names)
    return names


def test_a_corpus(tmp_path, monkeypatch):
    monkeypatch.setitem(datasets.LAYOUTS, "toy", run("corpus")["LAYOUT"])
    for video in ("p1/p1_1", "p2/p2_1"):
        (tmp_path / "toy" / video).mkdir(parents=True)
        for number in range(1, 6):
            cv2.imwrite(str(tmp_path / "toy" / video / f"img{number}.png"), np.zeros((8, 8), np.uint8))
    rows = "video,onset,apex,offset,emotion\np1_1,1,3,5,happy\np2_1,2,0,9,sad\n"
    (tmp_path / "toy/events.csv").write_text(rows)
    out = tmp_path / "audit"
    done = CliRunner().invoke(
        app, ["catalog", "toy", str(tmp_path / "toy"), "-o", str(out)], catch_exceptions=False
    )
    assert done.exit_code == 0
    with open(out / "events.csv", newline="") as file:
        events = {row["video"]: row for row in csv.DictReader(file)}
    assert [events["p1_1"][name] for name in ("subject", "onset", "apex", "emotion")] == [
        "p1",
        "1",
        "3",
        "happy",
    ]
    assert events["p2_1"]["apex"] == "" and events["p2_1"]["offset"] == "5"
    audit = (out / "audit.csv").read_text()
    assert "apex_missing" in audit, "what the reader says"
    assert "offset_beyond_video" in audit, "what the shared checks say"
    assert (out / "audit.html").is_file()


def test_a_flow_method(monkeypatch):
    monkeypatch.setitem(backends._FACTORIES, "still", run("flow", vars(backends))["_still"])
    image = np.zeros((20, 24), np.uint8)
    assert get_backend("still")(image, image).shape == (20, 24, 2)


def test_an_input_a_network_and_their_recipe(monkeypatch):
    list_models(), inputs.input_names()  # all files are read before the registries are copied
    monkeypatch.setattr(inputs, "_KINDS", dict(inputs._KINDS))
    monkeypatch.setattr(models, "_ENTRIES", dict(models._ENTRIES))
    made = run("input"), run("network")
    assert (request("apex_corner-8").shape, request("apex_corner-8").stages) == ((2, 8, 8), ("flow_apex",))

    class OneClip:
        artifacts = {"flow_apex": {"flow": np.arange(2 * 16 * 16 * 2.0).reshape(2, 16, 16, 2)}}
        row = staticmethod({"flow_apex": 1}.get)

    array = request("apex_corner-8").make(OneClip())
    assert array.shape == (2, 8, 8) and array[1, 0, 0] == 16 * 16 * 2 + 1, "dy of the second expression"
    network = create("corner", n_classes=3)
    assert isinstance(network, made[1]["Corner"])
    batch = Batch((torch.ones(4, 2, 8, 8),), torch.tensor([0, 1, 2, 0]), torch.zeros(4, N_AUS))
    assert torch.isfinite(network.loss(batch))
    recipe = for_recognition(parse_recipe(yaml.safe_load(shown("yaml", "recipe"))))
    assert recipe.model == "corner" and request(recipe.inputs[0]).kind.name == "apex_corner"


@pytest.mark.parametrize(
    "name", ["PEAK_METHODS", "SPOTTERS", "SpottingRecipe", "PeaksRecipe", "METHODS", "_READERS"]
)
def test_what_the_page_names_exists(name):
    assert f"`{name}" in (ROOT / "docs/extending.md").read_text()
    sources = [*(ROOT / "src/mezoo/learning").glob("*.py"), ROOT / "src/mezoo/datasets/registry.py"]
    assert any(re.search(rf"^(class )?{name}\b", path.read_text(), re.MULTILINE) for path in sources)
    assert "frame_difference" in SPOTTERS
