"""One fold from features to scores: it learns, keeps every epoch, resumes, and does not leak."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT

from mezoo.artifact import Artifact, write_failed
from mezoo.errors import ConfigError
from mezoo.learning.fit import fit
from mezoo.learning.pooling import ALL, read_scores
from mezoo.learning.predict import predict
from mezoo.learning.score import COLUMNS, gather_scores, score_folds

from .conftest import made_video, paths, write_features, write_labels

SUBJECTS = ("01", "02", "03", "04", "05")


@pytest.fixture(scope="session")
def recipe(tmp_path_factory) -> Path:
    """The published recipe with few epochs and small batches."""
    folder = tmp_path_factory.mktemp("recipes")
    values = yaml.safe_load((ROOT / "workflow/recipes/auwgcn.yaml").read_text())
    values |= {"epochs": 24, "batch_size": 4, "thresholds": [0.4, 0.5]}
    (folder / "auwgcn.yaml").write_text(yaml.safe_dump(values))
    (folder / "shuffled.yaml").write_text("extends: auwgcn\nlabel_control: shuffle_videos\n")
    (folder / "mdmo_peaks.yaml").write_text((ROOT / "workflow/recipes/mdmo_peaks.yaml").read_text())
    return folder / "auwgcn.yaml"


def run_fold(corpus, recipe, folder, held, *, seed=0):
    training = [subject for subject in SUBJECTS if subject != held]
    features, labels = paths(corpus, *training)
    model = folder / held / "model.h5"
    fit(recipe, features, labels, model, layout="casme_sq", seed=seed, accelerator="cpu")
    out = folder / held / "proposals.h5"
    predict(model, paths(corpus, held)[0], out, dataset="made", subject=held)
    return out


@pytest.fixture(scope="session")
def scored(corpus, recipe, tmp_path_factory) -> Path:
    """All folds of AUW-GCN on the made corpus."""
    folder = tmp_path_factory.mktemp("scored")
    proposals = [run_fold(corpus, recipe, folder, held) for held in SUBJECTS]
    score_folds(
        proposals,
        paths(corpus, *SUBJECTS)[1],
        recipe="auwgcn",
        dataset="made",
        predictions=folder / "predictions",
        out=folder / "scores.csv",
    )
    return folder


def f1(table, selection, kind="all"):
    row = table[(table.selection == selection) & (table.subject == ALL) & (table.type == kind)]
    assert len(row) == 1
    return row.iloc[0]


def test_it_learns_and_beats_chance(scored):
    table = read_scores([scored / "scores.csv"])
    assert list(table.columns) == COLUMNS
    last, chance = f1(table, "last"), f1(table, "chance")
    assert last.f1 > 0.8 and last.lower > chance.f1
    assert f1(table, "oracle").f1 >= last.f1, "the oracle chooses among looks that hold the last one"
    assert set(table.selection) == {"last", "inner", "oracle", "chance"}
    assert (last.n_used, last.n_expected) == (5, 5)


def test_pooled_rows_are_sums_of_subject_rows(scored):
    table = read_scores([scored / "scores.csv"])
    for (selection, kind), part in table.groupby(["selection", "type"]):
        pooled = part[part.subject == ALL].iloc[0]
        single = part[part.subject != ALL]
        for column in ("n_gt", "n_pred", "tp"):
            assert pooled[column] == single[column].sum(), (selection, kind, column)


def test_predictions_give_the_scores_back(scored, corpus):
    """The intervals in the CSV files are those behind the table."""
    from mezoo.evaluation.score_files import score_spotting

    table = read_scores([scored / "scores.csv"])
    files = sorted((scored / "predictions").glob("*.csv"))
    assert [path.stem for path in files] == list(SUBJECTS)
    everything = pd.concat(pd.read_csv(path, dtype={"subject": str}) for path in files)
    truth = pd.concat(pd.read_csv(path, dtype={"subject": str}) for path in paths(corpus, *SUBJECTS)[1])
    truth.to_csv(scored / "truth.csv", index=False)
    for selection in ("last", "oracle", "chance"):
        everything[everything.selection == selection].to_csv(scored / "one.csv", index=False)
        again = score_spotting(scored / "truth.csv", scored / "one.csv").set_index("type")
        for kind in ("micro", "macro", "all"):
            row = f1(table, selection, kind)
            assert again.loc[kind, ["n_gt", "n_pred", "tp"]].tolist() == [row.n_gt, row.n_pred, row.tp]


def test_shuffled_labels_fall_to_chance(corpus, recipe, tmp_path):
    proposals = [run_fold(corpus, recipe.with_name("shuffled.yaml"), tmp_path, held) for held in SUBJECTS]
    score_folds(
        proposals,
        paths(corpus, *SUBJECTS)[1],
        recipe="shuffled",
        dataset="made",
        predictions=tmp_path / "predictions",
        out=tmp_path / "scores.csv",
    )
    table = read_scores([tmp_path / "scores.csv"])
    assert f1(table, "last").lower <= f1(table, "chance").f1


def test_every_epoch_is_kept_and_training_facts_come_from_the_training_set(scored):
    with Artifact(scored / "01" / "model.h5") as model:
        assert model["weights"].shape[0] == model["losses"].shape[0] == 24
        assert np.all(np.diff(model["losses"][:, 0])[-5:] < 0.05)
        assert json.loads(model.attrs["subjects"]) == [f"made/{s}" for s in SUBJECTS[1:]]
        inner = json.loads(model.attrs["inner"])
        assert "made/01" not in inner["subjects"] and len(inner["subjects"]) == 1
        assert {Path(name).stem for name in model.inputs} == {f"v{s}" for s in SUBJECTS[1:]}


def test_a_planted_leak_changes_nothing(corpus, recipe, scored, tmp_path):
    """Spoiling the held-out subject's files leaves the trained model untouched, byte for byte."""
    import shutil

    spoiled = tmp_path / "corpus"
    shutil.copytree(corpus, spoiled)
    write_features(spoiled / "features" / "v01.h5", np.full((500, 12, 2), 99.0), subject="01")
    write_labels(spoiled / "labels" / "v01.csv", [(1, 250, 500, "macro", "1+2+12")], subject="01")
    features, labels = paths(spoiled, *SUBJECTS[1:])
    fit(recipe, features, labels, tmp_path / "model.h5", layout="casme_sq", seed=0, accelerator="cpu")
    with Artifact(tmp_path / "model.h5") as again, Artifact(scored / "01" / "model.h5") as first:
        for name in first.names():
            assert np.array_equal(first[name][:], again[name][:]), name


def test_predict_never_needs_labels(scored, corpus):
    with Artifact(scored / "01" / "proposals.h5") as artifact:
        assert all("labels" not in name for name in artifact.inputs)


def test_a_killed_training_resumes_to_the_same_bytes(corpus, recipe, scored, tmp_path):
    """kill -9 in the middle; the second call goes on and writes what an undisturbed one writes."""
    features, labels = paths(corpus, *SUBJECTS[1:])
    out = tmp_path / "model.h5"
    command = [sys.executable, "-m", "mezoo", "fit", str(recipe), "--layout", "casme_sq"]
    command += ["--features", *map(str, features), "--labels", *map(str, labels), "-o", str(out)]
    command += ["--accelerator", "cpu"]
    killed = 0
    for _ in range(2):
        job = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        state = tmp_path / ".model.unfinished" / ("main" if killed == 0 else "inner") / "resume.ckpt"
        while not state.exists() and job.poll() is None:
            time.sleep(0.02)
        if job.poll() is None:
            job.send_signal(signal.SIGKILL)
            killed += 1
        job.wait()
        assert not out.exists() or killed < 2
    assert killed >= 1
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0 and "resuming" in again.stderr, again.stderr
    with Artifact(out) as resumed, Artifact(scored / "01" / "model.h5") as whole:
        assert resumed.names() == whole.names()
        for name in whole.names():
            assert np.array_equal(resumed[name][:], whole[name][:]), name
        assert resumed.attrs == whole.attrs
    assert os.listdir(tmp_path) == ["model.h5"], "nothing unfinished stays behind"


def test_failed_videos_are_left_out_and_counted(corpus, recipe, tmp_path):
    peaks = recipe.with_name("mdmo_peaks.yaml")
    bad = tmp_path / "v06.h5"
    write_failed(bad, stage="mdmo", params={}, inputs={}, reason="no face in frame 1")
    features, labels = paths(corpus, *SUBJECTS)
    write_labels(tmp_path / "v06.csv", [(10, 15, 20, "micro", "4")], subject="06")
    with pytest.raises(ConfigError, match=r"1 of 6 videos failed \(v06\).*mezoo status"):
        fit(peaks, [*features, bad], [*labels, tmp_path / "v06.csv"], tmp_path / "m.h5", layout="x", seed=0)
    fit(
        peaks,
        [*features, bad],
        [*labels, tmp_path / "v06.csv"],
        tmp_path / "m.h5",
        layout="x",
        seed=0,
        max_failed_share=0.2,
    )
    predict(tmp_path / "m.h5", [features[0], bad], tmp_path / "p.h5", dataset="made", subject="01")
    score_folds(
        [tmp_path / "p.h5"],
        [labels[0], tmp_path / "v06.csv"],
        recipe="mdmo_peaks",
        dataset="made",
        predictions=tmp_path / "predictions",
        out=tmp_path / "s.csv",
    )
    row = f1(read_scores([tmp_path / "s.csv"]), "last")
    assert (row.n_used, row.n_expected) == (1, 2)
    assert row.n_gt == len(pd.read_csv(labels[0]))


def test_pooling_two_corpora_adds_their_counts(scored, tmp_path):
    table = read_scores([scored / "scores.csv"])
    other = table.assign(dataset="other")
    other.to_csv(tmp_path / "other.csv", index=False)
    gather_scores([scored / "scores.csv", tmp_path / "other.csv"], tmp_path / "loso.csv")
    loso = read_scores([tmp_path / "loso.csv"])
    pooled = f1(loso[loso.dataset == "pooled"], "chance")  # the one row that is not perfect here
    single = f1(table, "chance")
    assert pooled.tp == 2 * single.tp and pooled.f1 == pytest.approx(single.f1, abs=1e-4)
    assert pooled.upper - pooled.lower < single.upper - single.lower


def test_a_corpus_that_did_not_train_is_another_protocol(corpus, recipe, tmp_path):
    """Trained on one corpus, scored on another: subjects of the same id are no leak, and the table says what it is."""
    peaks = recipe.with_name("mdmo_peaks.yaml")
    features, labels = paths(corpus, *SUBJECTS)
    fit(peaks, features, labels, tmp_path / "m.h5", layout="x", seed=0)
    rng = np.random.default_rng(3)
    video, rows = made_video(rng)
    write_features(tmp_path / "v01.h5", video, subject="01", dataset="other")
    write_labels(tmp_path / "v01.csv", rows, subject="01")
    for dataset, held in (("other", tmp_path / "v01.h5"), ("made", features[0])):
        predict(tmp_path / "m.h5", [held], tmp_path / f"{dataset}.h5", dataset=dataset, subject="01")
        score_folds(
            [tmp_path / f"{dataset}.h5"],
            [tmp_path / "v01.csv"],
            recipe="mdmo_peaks",
            dataset=dataset,
            predictions=tmp_path / "predictions",
            out=tmp_path / f"{dataset}.csv",
        )
        protocol = {"other": "cross_corpus", "made": "loso"}[dataset]
        assert set(read_scores([tmp_path / f"{dataset}.csv"]).protocol) == {protocol}


def test_features_of_other_settings_are_refused(corpus, recipe, tmp_path):
    """A model may only see features made as its training features were."""
    from mezoo.artifact import ArtifactWriter

    peaks = recipe.with_name("mdmo_peaks.yaml")
    features, labels = paths(corpus, *SUBJECTS)
    fit(peaks, features, labels, tmp_path / "m.h5", layout="x", seed=0)
    with ArtifactWriter(tmp_path / "v09.h5", stage="mdmo", params={"radius": 9}, inputs={}) as writer:
        writer.write("mdmo", np.zeros((50, 12, 2), np.float32), axes="")
        writer.write("valid", np.ones(50, bool), axes="")
        writer.write("index", np.arange(1, 51, dtype=np.int32), axes="")
        writer.attrs.update(dataset="made", subject="09", video="v09", fps=30.0)
    with pytest.raises(ConfigError, match="made/v09: features made with.*'radius': 9"):
        predict(tmp_path / "m.h5", [tmp_path / "v09.h5"], tmp_path / "p.h5", dataset="made", subject="09")
    write_labels(tmp_path / "v09.csv", [(5, 10, 15, "micro", "12")], subject="09")
    with pytest.raises(ConfigError, match="features made with"):
        fit(
            peaks,
            [*features, tmp_path / "v09.h5"],
            [*labels, tmp_path / "v09.csv"],
            tmp_path / "n.h5",
            layout="x",
            seed=0,
        )


def test_an_empty_graph_is_refused(recipe, tmp_path):
    """With AUs that move no ROI of the graph, the network would see nothing."""
    rng = np.random.default_rng(0)
    for name in ("v01", "v02"):
        write_features(tmp_path / f"{name}.h5", rng.normal(size=(300, 12, 2)), subject=name)
        write_labels(tmp_path / f"{name}.csv", [(10, 15, 20, "micro", "4+7")], subject=name)
    with pytest.raises(ConfigError, match="empty AU graph.*adjacency: identity"):
        fit(
            recipe,
            [tmp_path / "v01.h5", tmp_path / "v02.h5"],
            [tmp_path / "v01.csv", tmp_path / "v02.csv"],
            tmp_path / "m.h5",
            layout="casme_sq",
            seed=0,
        )
