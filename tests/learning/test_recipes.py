"""Every recipe for recognition: it builds, on the inputs it names, plain and for the demo."""

from __future__ import annotations

import pytest
import torch
import yaml
from conftest import ROOT

from mezoo.inputs import input_names, request
from mezoo.learning.augmentations import augmentation, augmentations
from mezoo.learning.recipe import for_recognition, load_recipe, recipe_names
from mezoo.learning.recognition_recipe import NetworkRecipe
from mezoo.models import create
from mezoo.models.registry import list_models

FOLDER = ROOT / "workflow/recipes"
NAMES = recipe_names(FOLDER)["recognition"]
LENGTH = 6


@pytest.fixture(params=[False, True], ids=["plain", "demo"])
def demo(request) -> bool:
    return request.param


def read(name: str, demo: bool):
    return for_recognition(load_recipe(FOLDER / f"{name}.yaml", demo=demo))


@pytest.mark.parametrize("name", NAMES)
def test_a_network_takes_the_inputs_of_its_recipe(name, demo):
    recipe = read(name, demo)
    if not isinstance(recipe, NetworkRecipe):
        assert all("T" not in request(kind).shape for kind in recipe.inputs)
        return
    augmentation(recipe.augment)
    with torch.device("meta"):  # shapes alone, so that the largest network costs nothing
        network = create(recipe.model, n_classes=5, **recipe.options)
    assert any(parameter.requires_grad for parameter in network.parameters())
    if not demo:
        return
    network = create(recipe.model, n_classes=5, **recipe.options).eval()
    inputs = []
    for kind in map(request, recipe.inputs):
        shape = [LENGTH if side == "T" else int(side) for side in kind.shape]
        inputs.append([torch.rand(shape) for _ in range(2)] if kind.ragged else torch.rand(2, *shape))
    assert network(*inputs).shape == (2, 5)


def test_every_network_has_a_recipe():
    models = {read(name, False).model for name in NAMES}
    without = {entry.name for entry in list_models("recognition")} - models
    assert without <= {"slstt_images"}, "a network that no recipe trains"


def test_every_augmentation_is_found_and_an_unknown_one_lists_them():
    for name in augmentations():
        assert (augmentation(name) is None) == (name == "none")
    assert {read(name, False).augment for name in NAMES if read(name, False).model != "svm"} <= set(
        augmentations()
    )


def test_the_documentation_has_every_input():
    text = (ROOT / "docs/recognition.md").read_text()
    for name in input_names():
        assert f"`{name}`" in text, name


def test_published_rows_name_recipes_that_exist():
    text = (ROOT / "src/mezoo/report/published_recognition.yaml").read_text()

    def recipes(node):
        if isinstance(node, dict):
            if isinstance(node.get("recipe"), str):
                yield node["recipe"]
            node = list(node.values())
        for part in node if isinstance(node, list) else []:
            yield from recipes(part)

    named = set(recipes(yaml.safe_load(text)))
    assert named and not named - set(NAMES)
