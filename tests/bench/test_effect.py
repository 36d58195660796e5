"""Effect of magnification on spotting: the factor is chosen in training, and scaled flow changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from learning.conftest import made_video, write_features, write_labels
from motion.conftest import face_points, write_faces

from mezoo.artifact import Artifact
from mezoo.bench.effect import EffectPlan, choose_factor, effect
from mezoo.config import Config, DatasetConfig
from mezoo.errors import ConfigError, DataError
from mezoo.models.auwgcn_clips import channel_statistics, normalise
from mezoo.models.mdmo_peaks import spot_peaks
from mezoo.plan import Corpus

__all__ = ["face_points", "write_faces"]
SUBJECTS = ("01", "02", "03", "04")


def plan_of(folder: Path, subjects=SUBJECTS, factors=(1.0, 2.0)) -> EffectPlan:
    videos = {subject: [f"v{subject}"] for subject in subjects}
    corpus = Corpus("made", "casme_sq", folder, DatasetConfig(), "long", True, videos, {})
    recipe = ROOT / "workflow/recipes/mdmo_peaks.yaml"
    return EffectPlan(Config(), {"made": corpus}, [recipe], folder, folder / "out", "phase", factors)


@pytest.fixture
def plan(tmp_path) -> EffectPlan:
    """Features that are there already: with factor 1 nothing but noise, with factor 2 the motion."""
    plan = plan_of(tmp_path)
    rng, corpus = np.random.default_rng(5), plan.corpora["made"]
    for subject in SUBJECTS:
        features, rows = made_video(rng)
        noise = 0.5 * rng.standard_normal(features.shape)
        for factor, values in ((1.0, noise), (2.0, features)):
            (path,) = plan.features(corpus, factor, [f"v{subject}"])
            write_features(path, values, subject=subject)
        (path,) = plan.labels(corpus, [f"v{subject}"])
        write_labels(path, rows, subject=subject)
    return plan


def test_every_fold_takes_the_factor_that_its_training_subjects_like(plan):
    steps = []
    (table,) = effect(plan, done=lambda: steps.append(1))
    assert len(steps) == plan.n_steps == 2 * (4 + 4)
    folds = pd.read_csv(plan.out / "chosen_mdmo_peaks.csv", dtype={"subject": str})
    assert folds["subject"].tolist() == [*SUBJECTS] and (folds["factor"] == 2).all()
    assert (folds["f1_2x"] > folds["f1_1x"]).all()
    scores = pd.read_csv(table, dtype={"subject": str})
    assert set(scores["recipe"]) == {"mdmo_peaks 1x", "mdmo_peaks 2x", "mdmo_peaks chosen"}
    whole = scores[(scores["subject"] == "ALL") & (scores["type"] == "all")]
    f1 = dict(zip(zip(whole["recipe"], whole["selection"], strict=True), whole["f1"], strict=True))
    for selection in ("last", "inner"):
        plain, larger, chosen = (f1[f"mdmo_peaks {name}", selection] for name in ("1x", "2x", "chosen"))
        assert chosen == larger > plain


def test_training_and_choice_never_see_the_held_out_subject(plan):
    effect(plan, done=list)
    for subject in SUBJECTS:
        for factor in plan.factors:
            folder = plan.fold(plan.recipes[0], plan.corpora["made"], factor, subject, 0)
            with Artifact(folder / "model.h5") as model:
                assert model.inputs and not [path for path in model.inputs if f"v{subject}" in path]


def test_what_is_there_is_not_made_again(plan):
    effect(plan, done=list)
    before = {path: path.stat().st_mtime_ns for path in plan.out.rglob("*.h5")}
    effect(plan, done=list)
    assert before == {path: path.stat().st_mtime_ns for path in plan.out.rglob("*.h5")}


def test_of_equal_factors_the_smallest_is_chosen():
    assert choose_factor({1.0: 0.5, 2.0: 0.5, 4.0: 0.4}) == 1
    assert choose_factor({4.0: 0.5, 2.0: 0.5, 1.0: 0.4}) == 2


def test_features_are_made_of_magnified_faces(tmp_path, write_faces):
    plan = plan_of(tmp_path, subjects=("01",), factors=(1.0, 3.0))
    corpus = plan.corpora["made"]
    with pytest.raises(DataError, match="snakemake results/catalog/made/faces.csv"):
        effect(plan, done=list)
    faces = tmp_path / "artifacts/made/faces/v01.h5"
    faces.parent.mkdir(parents=True)
    write_faces(faces, n_frames=12)
    write_labels(plan.labels(corpus, ["v01"])[0], [], subject="01")
    with pytest.raises(ConfigError, match="0 of 0 videos"):  # one subject: nobody is left to train on
        effect(plan, done=list)
    lengths, params = [], []
    for factor in plan.factors:
        with Artifact(*plan.features(corpus, factor, ["v01"])) as features:
            lengths.append(np.linalg.norm(features["mdmo"][:], axis=-1).mean())
            params.append(features.lineage.get("faces_magnified", {}).get("factor"))
    assert params == [None, 3.0] and lengths[1] > 1.5 * lengths[0]


@pytest.mark.parametrize("factor", [2.0, 4.0, 3.0])
def test_larger_flow_is_the_same_to_every_recipe(factor):
    """Lagrangian magnification multiplies flow, and so MDMO: after normalisation nothing has changed."""
    features, _ = made_video(np.random.default_rng(1))
    features = features.astype(np.float32)
    larger = np.float32(factor) * features
    found, again = (spot_peaks(values, k=6, p=0.55) for values in (features, larger))
    assert len(found) > 3
    np.testing.assert_array_equal(found.intervals, again.intervals)
    seen = []
    for values in (features, larger):
        mean, std = channel_statistics([values])
        seen.append(normalise(values[None], mean=mean, std=std))
    np.testing.assert_allclose(seen[0], seen[1], atol=1e-5)
