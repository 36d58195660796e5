"""Planted leaks, each of which the check must find; and clean recipes, which it must pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning.recognition_data import CLASSES, make_corpus
from learning.test_recogniser_folds import NETWORK, SVM, recipe
from mezoo.inputs.pack import Pack
from mezoo.learning import batches, clips, inner_choice, svm_recogniser
from mezoo.learning.leakcheck import FoldFiles, Leakcheck, recall_of_repeats

SHORT = {**NETWORK, "epochs": 4, "looks": 2, "batch_size": 8}


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return make_corpus(Path("results"), subjects=[f"{k:02}" for k in range(1, 6)])


def check(made, values) -> Leakcheck:
    folds = [
        FoldFiles(subject, *made.but(subject), [made.packs[subject]], [made.labels[subject]])
        for subject in made.packs
    ]
    return Leakcheck(recipe(Path(), values), folds, CLASSES)


def everybodys(made) -> list[np.ndarray]:
    """What a careless program would read: all packs that lie there."""
    return [
        pack[clip]
        for path in sorted(Path("results").glob("pack-*/*.h5"))
        for pack in [Pack(path)]
        for clip in pack.marks
    ]


@pytest.mark.parametrize("values", [SHORT, SVM], ids=["network", "svm"])
def test_a_clean_recipe_passes(made, values):
    findings = list(check(made, values).run())
    assert [finding.check for finding in findings] == ["copies", "sandbox", "random labels"]
    assert all(finding.ok for finding in findings), findings


def plant_normalisation(monkeypatch, made):
    honest = batches.Scaler.fit

    def leaky(clips, how, ragged):
        scaler = honest(clips, how, ragged)
        scaler.factor = [np.float32(1 / np.std(everybodys(made))) + 0 * factor for factor in scaler.factor]
        return scaler

    monkeypatch.setattr(batches.Scaler, "fit", leaky)


def plant_class_weights(monkeypatch, made):
    monkeypatch.setattr(
        batches, "class_weights", lambda clips: np.full(3, len(everybodys(made)) / 100, np.float32)
    )


def plant_early_stopping(monkeypatch, made):
    honest = inner_choice.best_look

    def leaky(probabilities, target, classes):
        return (
            (len(everybodys(made)) % 4 // 2, 1.0)
            if probabilities is not None
            else honest(probabilities, target, classes)
        )

    from mezoo.learning import network_recogniser

    monkeypatch.setattr(network_recogniser, "best_look", leaky)


def plant_augmentation(monkeypatch, made):
    from mezoo.learning import recogniser_training

    def shift(arrays, rng):
        return [array - np.mean(everybodys(made)) for array in arrays]

    monkeypatch.setattr(recogniser_training, "augmentation", lambda name: shift)


def plant_au_graph(monkeypatch, made):
    from mezoo.models.ststnet import STSTNet

    def leaky(cls, *, aus, **options):
        network = cls(**options)
        next(network.parameters()).data *= len(sorted(Path("results").glob("protocol/*.csv")))
        return network

    monkeypatch.setattr(STSTNet, "from_fold", classmethod(leaky))


@pytest.mark.parametrize(
    "plant",
    [plant_normalisation, plant_class_weights, plant_early_stopping, plant_augmentation, plant_au_graph],
    ids=lambda plant: plant.__name__.removeprefix("plant_"),
)
def test_a_fold_that_looks_at_everybody_is_found(plant, made, monkeypatch, tmp_path):
    plant(monkeypatch, made)
    one = check(made, {**SHORT, "balance": "class_weights"})
    finding = one.sandbox(one.folds[0], tmp_path / "work")
    assert not finding.ok and "01" in finding.detail


def test_a_held_out_subject_in_the_training_is_found(made, tmp_path):
    one = check(made, SVM)
    fold = one.folds[0]
    leaky = FoldFiles(
        "01", [*fold.packs, made.packs["01"]], [*fold.labels, made.labels["01"]], fold.held_out_packs, []
    )
    finding = one.sandbox(leaky, tmp_path / "work")
    assert not finding.ok and "trained on made/01" in finding.detail


def test_a_copy_under_another_subject_is_found(made):
    from mezoo.inputs.pack import pack_file

    Path("results/flow_apex/04_2.h5").write_bytes(Path("results/flow_apex/01_3.h5").read_bytes())
    table = Path("results/labels/04_2.csv")
    table.write_text(table.read_text().replace("04_2_e", "01_3_e"))
    tables = sorted(Path("results/labels").glob("04_*.csv"))
    pack_file("apex_flow-28", "results", tables, made.packs["04"], dataset="made", subject="04")
    finding = check(made, SVM).copies()
    assert not finding.ok and "made/04 is also a clip of made/01" in finding.detail


def test_true_labels_in_place_of_random_ones_are_found(made, tmp_path, monkeypatch):
    """A control that is not random at all stands for any way in which labels of the held-out subject leak."""
    monkeypatch.setattr(clips.ClipSet, "random_labels", lambda self, seed: self)
    finding = check(made, SVM).random_labels(tmp_path)
    assert not finding.ok and "recall 1.000" in finding.detail


def test_the_svm_has_no_other_way_in(made, tmp_path, monkeypatch):
    honest = svm_recogniser.vectors

    def leaky(inputs, clips, chosen):
        return honest(inputs, clips, chosen) + np.float32(np.mean(everybodys(made)))

    monkeypatch.setattr(svm_recogniser, "vectors", leaky)
    one = check(made, {**SVM, "svm": {**SVM["svm"], "standardise": "none", "kernel": "rbf"}})
    assert not one.sandbox(one.folds[0], tmp_path / "work").ok


def test_chance_lies_in_its_interval_as_often_as_said():
    """Guesses of three classes, of unequal frequency in unequal folds."""
    rng = np.random.default_rng(0)
    sizes = [(3, 1, 0), (9, 2, 2), (1, 4, 1), (5, 5, 5)]
    below = 0
    for _ in range(400):
        tables = np.array(
            [[[rng.multinomial(n, [1 / 3] * 3) for n in size] for _ in range(3)] for size in sizes]
        )
        interval = recall_of_repeats(tables)
        hits = np.diagonal(tables, axis1=2, axis2=3).sum((0, 1))
        assert interval.value == pytest.approx(np.mean(hits / (3 * np.sum(sizes, axis=0))))
        below += interval.low > 1 / 3
    assert 0 <= below <= 12  # 4 are expected, more than 12 in one of 5000 runs


def test_the_interval_of_a_guesser_without_spread_is_a_point():
    tables = np.zeros((2, 3, 3, 3), int)
    tables[..., 0] = 2
    assert recall_of_repeats(tables) == pytest.approx((1 / 3,) * 3)


def test_what_looks_like_a_leak_by_chance_is_drawn_again(made, tmp_path, monkeypatch):
    honest, seeds = clips.ClipSet.random_labels, []

    def unlucky(self, seed):
        seeds.append(seed)
        return self if len(seeds) <= 3 * len(made.packs) else honest(self, seed)

    monkeypatch.setattr(clips.ClipSet, "random_labels", unlucky)
    finding = check(made, SVM).random_labels(tmp_path)
    assert finding.ok and "9 times" in finding.detail
    assert len(set(seeds)) == len(seeds) == 12 * len(made.packs)
