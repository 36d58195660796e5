"""Model cards hold the facts of the artifact, the scores of the tables, and what a model is not for."""

from __future__ import annotations

import pytest

from mezoo.learning.pooling import read_scores
from mezoo.report.cards import NOT_FOR, SYNTHETIC, citations, recognition_cards, spotting_cards, write_cards
from mezoo.report.recognition_tables import recognition_table
from mezoo.report.spotting_tables import spotting_table


@pytest.fixture(scope="module")
def cards(world, recognised):
    table = spotting_table(read_scores(world.scores()))
    models = [world.everybody(recipe) for recipe in ("auwgcn", "mdmo_peaks")]
    clips = recognition_table(read_scores(recognised.scores))
    return {
        c.recipe: c for c in [*spotting_cards(models, table), *recognition_cards(recognised.models, clips)]
    }


def test_facts_are_those_of_the_artifact(cards):
    assert list(cards) == ["auwgcn", "mdmo_peaks", "ststnet", "biwoof_svm"]
    assert cards["auwgcn"].stored == 39812 and cards["auwgcn"].epochs == "2"
    assert cards["mdmo_peaks"].stored is None and cards["biwoof_svm"].epochs == "–"
    assert cards["ststnet"].inputs == ["apex_flow-28"] and cards["ststnet"].stored == 1717
    (row,) = cards["ststnet"].trained
    assert row["name"] == "demo_megc2019_cde-8fold, without fold 1of8" and (row["n"], row["subjects"]) == (
        35,
        5,
    )


def test_all_selections_have_their_interval(cards, world):
    pooled = read_scores(world.scores()).query("recipe == 'auwgcn' and subject == 'ALL' and type == 'all'")
    own = pooled[pooled["dataset"] == "demo_samm_lv"].set_index("selection")
    found = {row["selection"]: row for row in cards["auwgcn"].scores if row["where"] == "demo_samm_lv"}
    assert set(found) == {"last", "inner", "oracle", "chance"}
    for selection, row in found.items():
        assert row["value"] == "{f1:.3f} [{lower:.3f}, {upper:.3f}]".format(**own.loc[selection])
        assert row["test_selected"] == (selection in ("oracle", "chance"))


def test_written_cards_say_it_in_words(cards, tmp_path):
    write_cards(list(cards.values()), tmp_path)
    assert {path.stem for path in tmp_path.glob("*.md")} == set(cards)
    for name, card in cards.items():
        text = (tmp_path / f"{name}.md").read_text()
        assert text.startswith(f"# {name}: ") and SYNTHETIC in text and NOT_FOR in text
        assert "| oracle (test-selected) |" in text and "&lt;" not in text and card.method["name"] in text
        assert text.count("| last |") == len([row for row in card.scores if row["selection"] == "last"])


def test_real_corpora_are_not_called_synthetic(cards):
    real = cards["ststnet"].__class__(**{**vars(cards["ststnet"]), "trained": [{"corpora": ["casme2"]}]})
    assert not real.demo and SYNTHETIC not in real.limits


def test_papers_are_listed_once(cards):
    papers = ["yin2023", "liu2016", "liong2021", "liong2019", "liong2018"]
    assert citations([*cards.values(), *cards.values()]) == papers
