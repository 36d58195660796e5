"""Recognition of demo clips from raw frames to the table: what a run leaves, may see, and does again."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd
import pytest

from mezoo.artifact import Artifact

from .clone import Clone

pytestmark = pytest.mark.slow

EXPERIMENT = "demo_casme2_5class"
RECIPES = ("biwoof_svm", "ststnet")
N_FOLDS = 3
#: A clip whose apex is not after its onset, as the demo plants it.
UNUSABLE = {"sub01_EP09f"}


@pytest.fixture(scope="module")
def run(new_clone) -> Clone:
    clone = new_clone(
        demo={"size": "tiny", "subjects": 3},
        faces={"size": 96},
        max_failed_share=0.4,  # one of the nine clips is planted to fail
        recognition={"recipes": list(RECIPES), "demo_protocols": ["casme2_5class"]},
    )
    clone.recipe("ststnet", epochs=3, looks=2)
    clone.finish("results/tables/recognition.md")
    return clone


def test_every_clip_is_predicted_once_under_every_rule(run):
    members = pd.concat(
        pd.read_csv(path, dtype=str)
        for path in run.path(f"results/protocols/{EXPERIMENT}/demo_casme2").glob("*.csv")
    )
    assert len(members) > 0 and members["subject"].nunique() == N_FOLDS
    for recipe in RECIPES:
        found = pd.read_csv(run.path(f"results/predictions/{recipe}/{EXPERIMENT}.csv"), dtype=str)
        usable = set(members["event"]) - UNUSABLE
        for selection, part in found.groupby("selection"):
            assert sorted(part["event"]) == sorted(usable), selection
            joined = part.merge(members, on=["dataset", "video", "event"], suffixes=("", "_truth"))
            assert (joined["label"] == joined["label_truth"]).all()
        scores = pd.read_csv(run.path(f"results/loso_{recipe}.csv"), dtype={"subject": str})
        pooled = scores[(scores["subject"] == "ALL") & (scores["class"] == "all")].set_index("selection")
        assert set(pooled.index) >= {"last", "oracle", "chance"}
        assert (pooled["n_used"] == len(usable)).all() and (pooled["n_expected"] == len(members)).all()
        assert pooled.loc["oracle", "accuracy"] >= pooled.loc["last", "accuracy"]


def test_a_fit_is_given_no_file_of_the_held_out_subject(run):
    models = sorted(run.path("results/models").glob(f"*/{EXPERIMENT}/*/seed0/model.h5"))
    assert len(models) == N_FOLDS * len(RECIPES)
    for path in models:
        held_out = path.parents[1].name.split(".")[1]
        with Artifact(path) as model:
            assert model.inputs and not [name for name in model.inputs if held_out in name]
            assert f"demo_casme2/{held_out}" not in model.attrs["subjects"]


def test_the_table_shows_all_rules_and_names_missing_corpora(run):
    text = run.path("results/tables/recognition.md").read_text()
    for word in (*RECIPES, "last", "inner", "oracle", "chance", "smic", "samm"):
        assert re.search(word, text, re.IGNORECASE), word
    for form in ("csv", "tex"):
        assert run.path(f"results/tables/recognition.{form}").stat().st_size > 1000
    for recipe in RECIPES:
        names = {path.name for path in run.path(f"results/figures/{recipe}/{EXPERIMENT}").glob("*.png")}
        trained = {"training.png"} if recipe == "ststnet" else set()
        assert names == {"confusion.png", "subjects.png"} | trained


def test_a_finished_run_has_nothing_to_do(run):
    assert run.planned("results/tables/recognition.md") == Counter()


def test_another_recipe_value_trains_again_and_packs_nothing(run):
    run.recipe("ststnet", epochs=4)
    jobs = run.planned("results/loso_ststnet.csv")
    assert jobs == Counter(
        {
            "fit_recogniser": N_FOLDS,
            "predict_recogniser": N_FOLDS,
            "score_recognition": 1,
            "loso_recognition": 1,
        }
    )


def test_no_leak_is_found(run):
    done = run.mezoo("leakcheck", "biwoof_svm")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 3
