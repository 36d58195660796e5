"""Pretraining file to file on made pictures: it learns, it says what it saw, it goes on after a kill."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.errors import ConfigError
from mezoo.learning import pretrain as module
from mezoo.learning.pretrain import Training, device_of, pretrain
from mezoo.learning.pretrain_recipe import load_pretrain_recipe
from mezoo.learning.pretrained import load_pretrained
from mezoo.models import create

ROOT = Path(__file__).resolve().parents[2]
RECIPE = """
model: macro2micro
options: {width: 2}
size: 32
frames: 3
steps: 60
batch_size: 8
learning_rate: 0.02
momentum: 0.9
weight_decay: 5.0e-4
augment: true
demo: {steps: 2}
"""


@pytest.fixture
def stills(tmp_path):
    """34 pictures of two classes: a bright bar below or above."""
    rng = np.random.default_rng(0)
    target = np.arange(34) % 2
    images = rng.integers(60, 120, (34, 1, 32, 32)).astype(np.uint8)
    for image, k in zip(images, target, strict=True):
        image[0, 4 + 16 * k : 12 + 16 * k] += 100
    with ArtifactWriter(tmp_path / "stills.h5", stage="stills", params={}, inputs={}) as writer:
        writer.write("images", images, axes="(N, grey, H, W)")
        writer.write("target", target.astype(np.int64), axes="(N)")
        writer.attrs |= {"classes": ["down", "up"], "datasets": ["made"], "n_subjects": 17}
    return tmp_path / "stills.h5"


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path / "recipe.yaml"


def test_it_learns_and_tells_what_it_saw(stills, recipe, tmp_path):
    pretrain(recipe, stills, tmp_path / "w.h5", seed=3, accelerator="cpu")
    with Artifact(tmp_path / "w.h5") as found:
        assert found.attrs["accuracy"] > 0.9 > 0.5 > found.attrs["loss"]
        assert json.loads(found.attrs["classes"]) == ["down", "up"] and json.loads(
            found.attrs["datasets"]
        ) == ["made"]
        assert (found.attrs["n_images"], found.attrs["n_subjects"], found.attrs["seed"]) == (34, 17, 3)
        assert found.attrs["epochs"] == 60 / 4 and found.attrs["start"] == ""
        assert found.inputs == {str(stills): digest(stills)}
        assert json.loads(found.attrs["head"]) == ["classifier.weight", "classifier.bias"]
    network = create("macro2micro", width=2)
    assert load_pretrained(network, tmp_path / "w.h5") == [
        "classifier.weight",
        "classifier.bias",
    ]
    assert not list(tmp_path.glob(".*"))


def test_a_killed_training_goes_on_to_the_same_weights(stills, recipe, tmp_path, monkeypatch):
    recipe.write_text(RECIPE.replace("steps: 60", "steps: 12"))
    pretrain(recipe, stills, tmp_path / "whole.h5", accelerator="cpu")
    real, calls = Training._step, []

    def dies(training, step):
        calls.append(step)
        if step == 7:
            raise KeyboardInterrupt
        return real(training, step)

    monkeypatch.setattr(Training, "_step", dies)
    monkeypatch.setattr(module, "_SAVE_EVERY", 0.0)
    with pytest.raises(KeyboardInterrupt):
        pretrain(recipe, stills, tmp_path / "killed.h5", accelerator="cpu")
    monkeypatch.setattr(
        Training, "_step", lambda training, step: (calls.append(step), real(training, step))[1]
    )
    pretrain(recipe, stills, tmp_path / "killed.h5", accelerator="cpu")
    assert calls == [*range(8), *range(7, 12)]
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()


def test_a_torn_state_means_beginning_anew(stills, recipe, tmp_path, monkeypatch):
    pretrain(recipe, stills, tmp_path / "whole.h5", accelerator="cpu", demo=True)
    saved, real = [], Training.__init__

    def torn(training, *given, state, **more):
        state.write_bytes(b"PK\x03\x04" + bytes(100))
        saved.append(state)
        real(training, *given, state=state, **more)

    monkeypatch.setattr(Training, "__init__", torn)
    pretrain(recipe, stills, tmp_path / "torn.h5", accelerator="cpu", demo=True)
    assert saved and (tmp_path / "torn.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()


def test_it_begins_with_given_weights(stills, recipe, tmp_path):
    torch.manual_seed(9)
    given = create("macro2micro", width=2)
    torch.save({"conv1.weight": given.backbone.conv1.weight}, tmp_path / "imagenet.pt")
    recipe.write_text(RECIPE.replace("learning_rate: 0.02", "learning_rate: 1.0e-9"))
    pretrain(recipe, stills, tmp_path / "w.h5", start=tmp_path / "imagenet.pt", accelerator="cpu", demo=True)
    with Artifact(tmp_path / "w.h5") as found:
        start = torch.from_numpy(found["backbone.conv1.weight"][:])
        assert torch.allclose(start, given.backbone.conv1.weight, atol=1e-6)
        assert found.attrs["start"] == "imagenet.pt" and "backbone.conv1.bias" in json.loads(
            found.attrs["not_started"]
        )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("macro2micro", "atnet"), "one that sees one grey image: .*macro2micro, microattention"),
        (("size: 32", "size: 64"), "34 pictures of 32 px"),
        (("batch_size: 8", "batch_size: 35"), "at least 35"),
        (("steps: 60", "steps: 60\naugmnt: true"), "unknown key 'augmnt'.*augment"),
        (("steps: 60", "steps: many"), "steps is 'many'"),
    ],
)
def test_faulty_settings(stills, recipe, tmp_path, change, found):
    recipe.write_text(RECIPE.replace(*change))
    with pytest.raises(ConfigError, match=found):
        pretrain(recipe, stills, tmp_path / "w.h5", accelerator="cpu")


def test_another_artifact_and_an_unknown_file(stills, recipe, tmp_path):
    with ArtifactWriter(tmp_path / "faces.h5", stage="faces", params={}, inputs={}):
        pass
    with pytest.raises(ConfigError, match="a 'faces' artifact"):
        pretrain(recipe, tmp_path / "faces.h5", tmp_path / "w.h5")
    with pytest.raises(ConfigError, match="no pretraining 'resnet99'.*recipe"):
        load_pretrain_recipe(tmp_path / "resnet99.yaml")
    with pytest.raises(ConfigError, match="accelerator 'tpu'"):
        device_of("tpu")


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize(
    "path", sorted((ROOT / "workflow/pretraining").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_recipes_of_the_project_are_whole(path, demo):
    recipe = load_pretrain_recipe(path, demo=demo)
    module.check_network(recipe)
    network = create(recipe.model, n_classes=7, **recipe.options).eval()
    assert network(torch.zeros(1, 1, recipe.size, recipe.size)).shape == (1, 7)
