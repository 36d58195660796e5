"""Recognition scores of made predictions whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from recognition_folds import CLASSES, LOOKS, N_CLIPS, Run, write_fold, write_members

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DataError
from mezoo.evaluation.recognition import confusion_matrix, uar, uf1
from mezoo.learning.pooling import ALL, read_scores
from mezoo.learning.recognition_score import COLUMNS, score_recognition


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def scored(run):
    return run.score()


def whole(table, selection, dataset="pooled", seed="0", name="all"):
    own = table[(table["subject"] == ALL) & (table["class"] == name) & (table["seed"] == seed)]
    (row,) = own[(own["selection"] == selection) & (own["dataset"] == dataset)].itertuples()
    return row


def test_table_has_every_row(scored):
    table, long = scored
    assert list(table.columns) == COLUMNS
    pooled = table[table["subject"] == ALL]
    assert len(pooled) == 3 * 4 * 4  # datasets and pooled, selections, classes and all
    assert len(table) - len(pooled) == 5 * 4 * 4
    assert set(table["selection"]) == {"last", "inner", "oracle", "chance"}
    assert (pooled["lower"] <= pooled["upper"]).all()
    assert set(table["subject"]) == {ALL, "sub01", "sub02", "sub03", "006", "007"}, "leading zeros stay"
    assert len(long) == 4 * 5 * (N_CLIPS - 1)
    assert list(long.columns[:11]) == [
        "recipe", "protocol", "seed", "selection", "look", "dataset", "subject", "video", "event", "label",
        "prediction",
    ]  # fmt: skip


def test_scores_are_those_of_the_predictions(scored):
    table, long = scored
    for (selection, dataset), part in [
        *long.groupby(["selection", "dataset"]),
        *(((name, "pooled"), part) for name, part in long.groupby("selection")),
    ]:
        matrix = confusion_matrix(part["label"].tolist(), part["prediction"].tolist(), classes=CLASSES)
        row = whole(table, selection, dataset)
        assert row.n == len(part) and row.accuracy == pytest.approx(np.trace(matrix) / len(part), abs=6e-5)
        assert row.uf1 == pytest.approx(float(uf1(matrix)), abs=6e-5)
        assert row.uar == pytest.approx(float(uar(matrix)), abs=6e-5)
        for number, name in enumerate(CLASSES):
            own = whole(table, selection, dataset, name=name)
            assert own.n == matrix[number].sum()
            assert own.recall == pytest.approx(matrix[number, number] / own.n, abs=6e-5)


def test_selections_take_the_looks_that_they_should(scored):
    _, long = scored
    looks = {name: set(part["look"]) for name, part in long.groupby("selection")}
    assert looks["last"] == {19} and looks["inner"] == {9} and looks["oracle"] <= set(LOOKS)
    by_subject = long.groupby(["selection", "dataset", "subject"])["look"].nunique()
    assert (by_subject == 1).all()
    assert long.loc[long["selection"] == "chance", "p_negative"].isna().all()
    said = long[long["selection"] != "chance"]
    largest = said[[f"p_{name}" for name in CLASSES]].idxmax(axis=1).str.removeprefix("p_")
    assert (largest == said["prediction"]).all()


def test_oracle_is_at_least_last_for_every_subject_and_inner_finds_the_planted_look(scored):
    table, _ = scored
    own = table[(table["subject"] != ALL) & (table["class"] == "all")]
    by_rule = own.pivot(index=["dataset", "subject"], columns="selection", values="accuracy")
    assert (by_rule["oracle"] >= by_rule["last"]).all() and (by_rule["oracle"] >= by_rule["inner"]).all()
    assert whole(table, "inner").accuracy > whole(table, "last").accuracy > 0.4


def test_the_order_of_clips_labels_and_files_changes_nothing(run, scored, tmp_path):
    rng = np.random.default_rng(9)
    predictions = []
    for path in run.predictions:
        with Artifact(path) as artifact:
            clips = [tuple(clip.values()) for clip in json.loads(artifact.attrs["clips"])]
            order = rng.permutation(len(clips))
            probability, chance = artifact["probability"][:][:, order], artifact["chance"][:][:, order]
        predictions.append(write_fold(tmp_path / path.name, [clips[i] for i in order], probability, chance))
    rows = [run.rows[i] for i in rng.permutation(len(run.rows))]
    labels = [write_members(tmp_path / "labels.csv", rows)]
    table, long = run.score(predictions[::-1], labels)
    pd.testing.assert_frame_equal(long, scored[1])
    pd.testing.assert_frame_equal(table, scored[0])


def test_chance_is_the_rule_applied_to_guesses(tmp_path):
    """400 subjects with one clip each: at least one of four looks is right with 1 - (2/3)^4."""
    rng = np.random.default_rng(5)
    clips = [("smic", f"s{i}", f"s{i}_1", "1") for i in range(400)]
    labels = write_members(tmp_path / "labels.csv", [(*clip, CLASSES[i % 3]) for i, clip in enumerate(clips)])
    guesses = rng.integers(0, 3, (4, 400))
    path = write_fold(tmp_path / "fold.h5", clips, rng.random((4, 400, 3)), guesses)
    score_recognition([path], [labels], out=tmp_path / "s.csv", predictions_out=tmp_path / "p.csv")
    row = whole(read_scores([tmp_path / "s.csv"]), "chance", "smic")
    expected = 1 - (2 / 3) ** 4
    assert row.accuracy == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 400))
    assert row.dataset == "smic" and row.lower < row.uf1 < row.upper


def test_one_corpus_has_no_pooled_rows(run):
    only = [path for path in run.predictions if path.name.startswith("samm")]
    table, _ = run.score(only, [path for path in run.labels if path.name.startswith("samm")])
    assert set(table["dataset"]) == {"samm"}


def test_used_of_expected(tmp_path):
    clips = [("samm", "006", f"006_{i}", "1") for i in range(5)]
    labels = write_members(tmp_path / "labels.csv", [(*clip, "positive") for clip in clips[:4]])
    fold = write_fold(
        tmp_path / "f.h5", clips[:3], np.ones((4, 3, 3)), np.zeros((4, 3)), failed=clips[3:], inner=-1
    )
    score_recognition([fold], [labels], out=tmp_path / "s.csv", predictions_out=tmp_path / "p.csv")
    table = read_scores([tmp_path / "s.csv"])
    row = whole(table, "last", "samm")
    assert (row.n, row.n_used, row.n_expected) == (3, 3, 4), "the fifth clip is outside the protocol"
    assert set(table["selection"]) == {"last", "oracle", "chance"}, "no fold has an inner choice"
    assert whole(table, "last", "samm", name="surprise").n_expected == 0


def test_a_subject_without_predictions_stays_in_the_denominator(run, tmp_path):
    clips = [("samm", "008", "008_1", "1")]
    labels = write_members(tmp_path / "008.csv", [(*clips[0], "surprise")])
    empty = write_fold(tmp_path / "008.h5", [], np.zeros((4, 0, 3)), np.zeros((4, 0)), failed=clips)
    table, _ = run.score([*run.predictions, empty], [*run.labels, labels])
    row = whole(table, "last", "samm")
    assert (row.n_used, row.n_expected) == (14, 15)
    lost = table[(table["subject"] == "008") & (table["class"] == "all")]
    assert (lost["n"] == 0).all() and lost["accuracy"].isna().all()


def test_several_seeds_give_their_mean_and_spread(tmp_path):
    table, _ = Run(tmp_path, seeds=(0, 1, 2)).score()
    single = [whole(table, "last", seed=str(seed)) for seed in range(3)]
    mean = whole(table, "last", seed="mean")
    assert mean.uf1 == pytest.approx(np.mean([row.uf1 for row in single]), abs=1e-4)
    assert mean.seed_sd == pytest.approx(np.std([row.uf1 for row in single], ddof=1), abs=1e-4)
    assert mean.n_expected == single[0].n_expected == 35 and mean.lower < mean.uf1 < mean.upper


def test_leaky_options_are_stamped(tmp_path):
    clips = [("samm", "006", "006_1", "1")]
    labels = write_members(tmp_path / "labels.csv", [(*clips[0], "positive")])
    fold = write_fold(tmp_path / "f.h5", clips, np.ones((4, 1, 3)), np.zeros((4, 1)), leaks=["adjacency"])
    score_recognition([fold], [labels], out=tmp_path / "s.csv", predictions_out=tmp_path / "p.csv")
    assert set(read_scores([tmp_path / "s.csv"])["protocol"]) == {"megc2019_cde,leaky:adjacency"}


class TestExceptions:
    def test_clip_twice_in_a_fold(self, tmp_path):
        clips = [("samm", "006", "006_1", "1")] * 2
        fold = write_fold(tmp_path / "f.h5", clips, np.ones((4, 2, 3)), np.zeros((4, 2)))
        labels = write_members(tmp_path / "l.csv", [(*clips[0], "positive")])
        with pytest.raises(ConfigError, match="samm/006_1/1: predictions hold the expression twice.*f.h5"):
            score_recognition([fold], [labels], out=tmp_path / "s", predictions_out=tmp_path / "p")

    def test_fold_given_twice(self, run):
        with pytest.raises(ConfigError, match="folds of seed 0 hold the expression twice"):
            run.score([*run.predictions, run.predictions[0]])

    def test_labels_given_twice(self, run):
        with pytest.raises(ConfigError, match="casme2/sub01_0/1: labels hold the expression twice"):
            run.score(labels=[*run.labels, run.labels[0]])

    def test_missing_fold(self, run):
        with pytest.raises(ConfigError, match="casme2/sub01: labels of 7 expressions, but no fold of seed 0"):
            run.score(run.predictions[1:])

    def test_label_that_is_no_class(self, run, tmp_path):
        labels = write_members(tmp_path / "l.csv", [("samm", "006", "006_1", "1", "contempt")])
        with pytest.raises(ConfigError, match="label 'contempt'. Expected one of the classes negative"):
            run.score(labels=[labels])

    def test_another_recipe(self, run, tmp_path):
        other = write_fold(
            tmp_path / "o.h5", [("samm", "009", "9", "1")], np.ones((4, 1, 3)), np.zeros((4, 1)), name="other"
        )
        with pytest.raises(ConfigError, match="predictions of other on megc2019_cde.*Expected made on"):
            run.score([*run.predictions, other])

    def test_probabilities_that_are_no_numbers(self, tmp_path):
        clips = [("samm", "006", "006_1", "1")]
        fold = write_fold(tmp_path / "f.h5", clips, np.full((4, 1, 3), np.nan), np.zeros((4, 1)))
        with pytest.raises(DataError, match="probabilities that are no numbers.*f.h5"):
            score_recognition([fold], [], out=tmp_path / "s", predictions_out=tmp_path / "p")

    def test_nothing_predicted(self, tmp_path):
        clips = [("samm", "006", "006_1", "1")]
        fold = write_fold(tmp_path / "f.h5", [], np.zeros((4, 0, 3)), np.zeros((4, 0)), failed=clips)
        labels = write_members(tmp_path / "l.csv", [(*clips[0], "positive")])
        with pytest.raises(ConfigError, match="none of 1 labelled expressions was predicted"):
            score_recognition([fold], [labels], out=tmp_path / "s", predictions_out=tmp_path / "p")
