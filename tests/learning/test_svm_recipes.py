"""Recipes of support vector machines: what they ask for exists, and the features they read are the reference's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from mezoo.inputs import request
from mezoo.inputs.lbp_top_codes import lbp_top, lbp_top_feature
from mezoo.learning.svm import fit_svm
from mezoo.learning.svm_choice import choose_C
from mezoo.motion.features.biwoof import biwoof
from mezoo.motion.features.hoof import hoof
from mezoo.motion.features.main_direction import Regions, balanced, mean_over_frames
from mezoo.motion.features.mdmo_grid import mdmo_grid

ROOT = Path(__file__).resolve().parents[2]
RECIPES = {
    path.stem: values
    for path in sorted((ROOT / "workflow/recipes").glob("*.yaml"))
    if (values := yaml.safe_load(path.read_text(encoding="utf-8"))).get("model") == "svm"
}
VECTORS = 1e-5


@pytest.fixture(scope="module")
def flow_features(shared):
    with np.load(shared / "oracles/flow_features/flow_features.npz") as stored:
        return dict(stored)


def test_every_method_has_a_recipe():
    assert sorted(RECIPES) == [
        f"{name}_svm" for name in ("biwoof", "flow_pixels", "hoof3d", "hoof", "lbptop", "mdmo_grid", "mdmo")
    ]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_fits(name):
    recipe = RECIPES[name]
    assert all(not request(wanted).ragged for wanted in recipe["inputs"])
    options = dict(recipe["svm"])
    candidates = options.pop("candidates")
    assert options["C"] in candidates and candidates == sorted(candidates)
    rng = np.random.default_rng(0)
    y, subjects = np.arange(36) % 3, np.arange(36) // 6
    x = rng.normal(size=(36, 4)) + 6 * np.eye(4)[y]
    model = fit_svm(x, y, 3, **options)
    assert (model.predict(x) == y).all()
    del options["C"]
    assert choose_C(x, y, subjects, candidates, n_classes=3, **options) in candidates


def test_lbptop_has_the_reference_setting(shared):
    arguments = request(RECIPES["lbptop_svm"]["inputs"][0]).arguments
    assert dict(arguments) == {"length": 10, "neighbours": 4, "radius": 1, "interval": 4, "blocks": 5}
    with np.load(shared / "oracles/lbptop/lbptop.npz") as stored:
        feature = lbp_top_feature(lbp_top(stored["volume"], radii=(1, 1, 4), blocks=(1, 5, 5)))
        np.testing.assert_allclose(feature, stored["default_feature_r114_p4_5x5"], rtol=0, atol=1e-7)


def test_flow_histograms_are_those_of_the_reference(flow_features):
    flow = np.stack([flow_features["u"], flow_features["v"]], axis=-1)
    np.testing.assert_allclose(hoof(flow), flow_features["hoof_full_8_6x6_l2"], rtol=0, atol=1e-6)
    whole = hoof(flow, n_bins=8, n_blocks=1, norm="sum")  # what HOOF over time makes of each step
    np.testing.assert_allclose(whole, flow_features["hoof_full_8"].ravel(), rtol=0, atol=1e-6)
    weighted = biwoof(flow, flow_features["strain_backward"])
    np.testing.assert_allclose(weighted, flow_features["biwoof_definition_sum"], rtol=0, atol=1e-6)


def test_balance_of_mdmo_in_the_reference(shared):
    with np.load(shared / "oracles/mdmo_liu/mdmo.npz") as stored:
        shape = (36, *stored["flow_u"].shape[1:])
        masks = np.unpackbits(stored["roi_masks_packed"].reshape(36, -1), axis=1)[:, : np.prod(shape[1:])]
        flows = np.stack([stored["flow_u"], stored["flow_v"]], axis=-1).astype(np.float32)
        vectors = mean_over_frames(iter(flows), Regions.of_masks(masks.astype(bool).reshape(shape)))
        found = balanced(vectors, 0.8)
        np.testing.assert_allclose(found.feature, stored["corrected_plain_feature"], rtol=0, atol=VECTORS)
        np.testing.assert_allclose(found.rho, stored["corrected_plain_rho_norm"], rtol=0, atol=VECTORS)
        np.testing.assert_allclose(found.theta, stored["corrected_plain_theta"], rtol=0, atol=VECTORS)


@pytest.mark.parametrize("alpha", [0.8, 0.5])
def test_balance_of_mdmo(alpha):
    flow = np.zeros((6, 6, 2), np.float32)
    flow[:3], flow[3:, :3] = [0, 2], [-1, 0]  # a block each: down 2 px, left 1 px, still
    found = mdmo_grid([flow], n_blocks=2, alpha=alpha)
    np.testing.assert_allclose(found.feature[:4], np.array([1, 1, 0.5, 0]) * alpha, atol=1e-6)
    np.testing.assert_allclose(found.feature[4:], np.array([0.5, 0.5, 1, 0]) * np.pi * (1 - alpha), atol=1e-6)
