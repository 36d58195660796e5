"""The methods text says what was run, and nothing that was not."""

from __future__ import annotations

import re

from mezoo.config import Config
from mezoo.report.cards import Card
from mezoo.report.methods import as_html, as_latex, as_markdown, keys_of, methods_text, write_methods
from mezoo.report.references import method, sheet
from mezoo.workflow import stated_settings

SETTINGS = stated_settings(Config(), {})


def card(recipe, task, **values):
    trained = [{"name": "x", "corpora": ["casme2"], "subjects": 2, "n": 3, "unit": "clips", "seed": 0}]
    return Card(recipe, task, method(recipe, recipe), ["mdmo"], 10, {"model": recipe, **values}, trained, [])


def text_of(cards, **options):
    defaults = {"datasets": ["casme_sq", "demo_samm_lv"], "experiments": ["megc2019_cde"]}
    return dict(methods_text(cards, SETTINGS, **(defaults | options)))


AUWGCN = card("auwgcn", "spotting", epochs=7, batch_size=5, learning_rate=0.25)
STSTNET = card(
    "ststnet", "recognition", epochs=9, batch_size=3, optimiser={"name": "sgd", "learning_rate": 0.5},
    pretrained="resnet10",
)  # fmt: skip


def test_both_tasks():
    text = text_of([AUWGCN, STSTNET])
    assert list(text) == [
        "Data", "Preprocessing", "Spotting", "Recognition", "Protocol", "Selection", "Uncertainty", "Software"
    ]  # fmt: skip
    assert text["Data"].startswith("The corpus is casme_sq [@qu2018]. demo_samm_lv is synthetic")
    assert "AUW-GCN [@yin2023]: a graph" in text["Spotting"]
    assert "It was trained for 7 epochs in batches of 5 at a learning rate of 0.25." in text["Spotting"]
    assert text["Recognition"].endswith(
        "for 9 epochs in batches of 3 with sgd at a learning rate of 0.5, starting from the backbone resnet10."
    )
    assert "MDMO [@liu2016]" in text["Preprocessing"] and "dlib [@king2009]" in text["Preprocessing"]


def test_one_task_says_nothing_of_the_other():
    whole = " ".join(text_of([STSTNET]).values())
    assert "MEGC 2020" not in whole and "MDMO" not in whole and "intervals at random" not in whole
    whole = " ".join(text_of([AUWGCN], experiments=[]).values())
    assert "UF1" not in whole and "Holm" not in whole and "training clips" not in whole


def test_folds_and_leaks_are_told():
    protocol = text_of(
        [STSTNET], experiments=["demo_megc2019_cde-8fold", "megc2019_cde-corpus", "casme2_5class"]
    )
    assert re.search(r"MEGC 2019 [^.]*: 8 folds of subjects\.", protocol["Protocol"])
    assert re.search(r"MEGC 2019 [^.]*: each corpus held out once\.", protocol["Protocol"])
    assert re.search(r"CASME II[^.]*: each subject held out once\.", protocol["Protocol"])
    assert "depart from this" not in protocol["Protocol"]
    assert "as published code does: adjacency." in text_of([AUWGCN], leaks=["adjacency"])["Protocol"]


def test_settings_change_the_text():
    config = Config.model_validate({"flow": {"backend": "dis"}, "faces": {"size": 300}, "seeds": [0, 1, 2]})
    text = dict(methods_text([AUWGCN], stated_settings(config, {}), datasets=["samm_lv"]))
    assert "samm_lv were sampled" not in text["Data"]
    sampled = {"datasets": {"samm_lv": {"target_fps": 25.0}, "casme2": {"target_fps": 9.0}}}
    told = dict(methods_text([AUWGCN], sampled, datasets=["samm_lv"]))["Data"]
    assert told.endswith("The videos of samm_lv were sampled at 25 frames per second.")
    assert "dense inverse search" in text["Preprocessing"] and "scales" not in text["Preprocessing"]
    assert "scaled to a width of 300 px" in text["Preprocessing"] and "with 3 seeds" in text["Uncertainty"]


def test_forms_cite_the_same(tmp_path):
    paragraphs = methods_text(
        [AUWGCN, STSTNET], SETTINGS, datasets=["casme_sq"], experiments=["megc2019_cde"]
    )
    keys = keys_of(paragraphs)
    assert set(keys) <= set(sheet()["references"]) and len(keys) > 8
    latex = as_latex(paragraphs)
    commands = re.findall(r"\\cite\{([^}]+)\}", latex)
    assert list(dict.fromkeys(key for group in commands for key in group.split(","))) == keys
    assert "[@" not in latex and r"casme\_sq" in latex and r"20 \%" in latex
    html = as_html("<b> [@yin2023; @liu2016]", ["liu2016", "yin2023"])
    assert html == '&lt;b&gt; [<a href="#ref-yin2023">2</a>, <a href="#ref-liu2016">1</a>]'
    assert "**Data.** The corpus is casme_sq [@qu2018]." in as_markdown(paragraphs)
    write_methods(paragraphs, tmp_path)
    written = re.findall(r"^@\w+\{(\w+),$", (tmp_path / "references.bib").read_text(), flags=re.M)
    assert written == keys
