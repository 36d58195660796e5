"""Every spotter of the table: its recipe loads, it fits a fold, spots what was made to be found, and draws."""

from __future__ import annotations

import json
from typing import get_args

import numpy as np
import pytest
import yaml
from conftest import ROOT

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.evaluation.spotting import TYPES, count, f1
from mezoo.learning.fit import fit
from mezoo.learning.recipe import load_recipe, parse_recipe, recipe_names
from mezoo.learning.rule_spotter import MdmdRule
from mezoo.learning.spotter import frames
from mezoo.learning.spotters import SPOTTERS, load_spotter
from mezoo.learning.spotting_recipe import SpottingRecipe
from mezoo.learning.truth import truth_intervals
from mezoo.learning.videos import read_features, read_training_videos

from .conftest import paths

RECIPES = ROOT / "workflow/recipes"
TRAINING, HELD = ("02", "03", "04", "05"), "01"
TRAINING_FREE = [name for name, home in SPOTTERS.items() if home.module == "rule_spotter"]


def fitted(corpus, folder, name, **changes):
    """Model artifact of a published recipe, some values changed, for the fold that holds out one subject."""
    values = {**yaml.safe_load((RECIPES / f"{name}.yaml").read_text()), **changes}
    recipe = folder / f"{name}.yaml"
    recipe.write_text(yaml.safe_dump(values))
    features, labels = paths(corpus, *TRAINING)
    fit(recipe, features, labels, folder / "model.h5", layout="casme_sq", seed=0, accelerator="cpu")
    return folder / "model.h5"


def score(corpus, spot) -> float:
    """Pooled F1 on the held-out video."""
    features, labels = paths(corpus, HELD)
    (video,) = read_training_videos(features, labels, max_failed_share=0)
    found, truth = spot(video.data), truth_intervals(video.events)
    return float(f1(sum(count(truth[kind], frames(video.data, found[kind])) for kind in TYPES)))


def test_every_recipe_has_a_home_and_every_home_a_recipe():
    models = {load_recipe(RECIPES / f"{name}.yaml").model for name in recipe_names(RECIPES)["spotting"]}
    allowed = {
        m for kind in get_args(SpottingRecipe) for m in get_args(kind.model_fields["model"].annotation)
    }
    assert models == set(SPOTTERS) == allowed


def test_unknown_model():
    with pytest.raises(ConfigError, match="model is 'nothing'.*one of auwgcn, abpn"):
        parse_recipe({"model": "nothing", "thresholds": [0.5]})


#: F1 that the choice on the training subjects must reach on the made events; the random guesser gets about 0.1.
WANTED = {"mdmo_peaks": 0.25, "frame_difference": 0.25, "divide_and_conquer": 0.25, "mdmd": 0.1}


@pytest.mark.parametrize("name", TRAINING_FREE)
def test_a_rule_finds_made_events(corpus, tmp_path, name):
    with Artifact(fitted(corpus, tmp_path, name)) as artifact:
        spotter = load_spotter(artifact)
        assert json.loads(artifact.attrs["inner"])["f1"] > WANTED[name]
    video = read_features(paths(corpus, HELD)[0][0])
    assert score(corpus, spotter.spot_inner) > WANTED[name]
    curves = spotter.curves(video)
    assert len(curves) == 2 and all(len(curve) == len(video.index) for curve in curves.values())
    assert all(np.isfinite(curve).all() and curve.max() > 0 for curve in curves.values())
    for look in spotter.looks:
        for found in spotter.spot(video, look).values():
            assert (found.onset <= found.apex).all() and (found.apex <= found.offset).all()
            assert (found.onset >= 0).all() and (found.offset < len(video.index)).all()
    counts = [sum(map(len, spotter.spot(video, look).values())) for look in spotter.looks]
    if name != "mdmd":  # its runs have length limits, so that a lower threshold may join two into none
        assert counts == sorted(counts, reverse=True), "a higher threshold never finds more"
    assert spotter.looks[spotter.last] == spotter.last


def test_mdmd_has_the_published_lengths_in_frames():
    rule = MdmdRule(load_recipe(RECIPES / "mdmd.yaml"))
    micro, macro = (rule._span(kind, 30) for kind in TYPES)
    assert (micro.k, micro.shortest, micro.longest, macro.k, macro.shortest) == (12, 7, 16, 39, 17)
    micro, macro = (rule._span(kind, 200) for kind in TYPES)
    assert (micro.k, micro.shortest, micro.longest, macro.k, macro.shortest) == (80, 47, 105, 260, 106)


def test_abpn_learns(corpus, tmp_path):
    model = fitted(corpus, tmp_path, "abpn", epochs=16, batch_size=4, thresholds=[0.4, 0.5])
    with Artifact(model) as artifact:
        spotter = load_spotter(artifact)
        assert artifact["weights"].shape == (16, 28_416 + 12 + 3 * (2 * 64 + 1)), "with batch statistics"
        assert artifact["losses"][-1, 0] < artifact["losses"][0, 0] / 2
        roi = artifact["weights"][-1, :12]
    assert score(corpus, lambda video: spotter.spot(video, spotter.last)) > 0.6
    assert np.argsort(roi)[-2:].tolist() != [0, 1] and np.ptp(roi) > 0, "trained as any other weight"
    assert set(spotter.curves(read_features(paths(corpus, HELD)[0][0]))) == {
        f"{kind} {mark}" for kind in TYPES for mark in ("onset", "offset", "apex")
    }


def test_abpn_as_the_official_code(corpus, tmp_path):
    options = {"roi_weights": "official", "prediction_normalisation": "official", "normalisation": "official"}
    values = load_recipe(RECIPES / "abpn.yaml").model_dump()
    assert parse_recipe(values | options).leaks == ["normalisation"] and not parse_recipe(values).leaks
    model = fitted(corpus, tmp_path, "abpn", epochs=2, batch_size=4, thresholds=[0.5], **options)
    with Artifact(model) as artifact:
        spotter = load_spotter(artifact)
        roi = artifact["weights"][-1, :12]
        assert (roi < 1).all(), "each step takes a tenth of the ROI weights away"
    video = read_features(paths(corpus, HELD)[0][0])
    assert set(spotter.spot(video, spotter.last)) == set(TYPES)
