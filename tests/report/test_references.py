"""The papers behind the recipes: every recipe is described, and what is cited exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mezoo.learning.recipe import load_recipe, recipe_names
from mezoo.report.references import bibtex, cited, link, method, reference_text, sheet

RECIPES = Path(__file__).resolve().parents[2] / "workflow" / "recipes"
NAMES = [name for names in recipe_names(RECIPES).values() for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_says_what_it_is_after(name):
    """A recipe that ``methods.yaml`` does not hold has the paper of its network."""
    found = method(name, load_recipe(RECIPES / f"{name}.yaml").model)
    assert found["name"] and (found["cites"] or found["paper"])
    assert set(found["cites"]) <= set(sheet()["references"])


def test_variants_are_described_by_their_recipe():
    assert method("akmnet_s12", "akmnet")["cites"] == ["peng2020"]
    assert method("akmnet_s12", "akmnet")["name"] == "AKMNet (variant akmnet_s12)"
    assert method("atnet_apex", "atnet_apex")["name"] == "ATNet's half of the apex frame", (
        "the longest name counts"
    )


def test_unknown_recipes_have_the_paper_of_their_network():
    found = method("mine", "auwgcn")
    assert found["cites"] == [] and "2303.09114" in found["paper"]
    assert method("mine", "no_network")["paper"] == ""


def test_no_reference_is_unused():
    known = sheet()
    used = {key for recipe in known["recipes"].values() for key in recipe["cites"]} | set(
        known["corpora"].values()
    )
    code = (Path(__file__).resolve().parents[2] / "src/mezoo/report/methods.py").read_text()
    used |= set(re.findall(r"@([a-z]+\d{4}[a-z]*)", code))
    assert used == set(known["references"])


def test_citations_are_found_in_order_and_once():
    assert cited("a [@b2020; @a2019] and [@a2019; @c2021], not [1] or a@b2022") == ["b2020", "a2019", "c2021"]


def test_reference_for_people():
    assert reference_text("wang2020") == (
        "Wang, Peng, Bi and Chen. Micro-attention for micro-expression recognition. Neurocomputing 410, 354–362, 2020."
    )
    assert (
        link("wang2020") == ("arXiv 1811.02360", "https://arxiv.org/abs/1811.02360")
        and link("zach2007") is None
    )


def test_bibtex_entries_are_whole():
    keys = list(sheet()["references"])
    text = bibtex(keys)
    assert re.findall(r"^@\w+\{(\w+),$", text, flags=re.M) == keys
    assert text.count("{") == text.count("}")
    assert all(text.count(f"  {field} = ") >= len(keys) for field in ("author", "title", "year"))
    assert "author = {Liong and See and Wong and {Le Ngo} and Oh and Phan}" in text
