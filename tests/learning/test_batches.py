"""Batches: balanced, normalised with constants of the training clips, in an order of their own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from learning.recognition_data import CLASSES, make_corpus
from mezoo.learning.batches import PreparedClips, Scaler, TrainingBatches, class_weights, epoch_order
from mezoo.learning.clips import read_inputs, training_clips
from mezoo.learning.randomness import generator


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    made = make_corpus(tmp_path_factory.mktemp("made"), clips_each=5)
    return training_clips(
        read_inputs(*_named(made.but("01")[0])), made.but("01")[1], CLASSES, max_failed_share=0
    )


def _named(packs):
    return packs, ["apex_flow-28"]


@pytest.mark.parametrize("how", ["train_std", "train_mean_std"])
def test_normalised_training_clips_have_unit_deviation(clips, how):
    scaler = Scaler.fit(clips, [how], [False])
    values = np.stack([scaler(clips.inputs.arrays(clip))[0] for clip in clips.clips])
    assert values.std((0, 2, 3)) == pytest.approx(np.ones(3), rel=1e-5)
    raw = np.stack([clips.inputs.arrays(clip)[0] for clip in clips.clips])
    expected = np.zeros(3) if how == "train_mean_std" else raw.mean((0, 2, 3)) / raw.std((0, 2, 3))
    assert values.mean((0, 2, 3)) == pytest.approx(expected, abs=1e-5)


def test_plain_ways(clips):
    raw = clips.inputs.arrays(clips.clips[0])
    assert np.array_equal(Scaler.fit(clips, ["none"], [False])(raw)[0], raw[0])
    assert Scaler.fit(clips, ["unit"], [False])(raw)[0] == pytest.approx(raw[0] / 255)


def test_every_clip_once_and_with_its_label(clips):
    prepared = PreparedClips(clips.inputs, clips.clips, Scaler.fit(clips, ["none"], [False]), [False])
    batches = TrainingBatches(clips, prepared, batch_size=7, balance="none", augment=None, seed=3)
    seen = [(batch.inputs[0][i], int(batch.target[i])) for batch in batches for i in range(len(batch.target))]
    assert len(seen) == len(clips) and len(batches) == len(list(batches))
    for array, target in seen:
        owner = next(
            k for k, clip in enumerate(clips.clips) if np.array_equal(clips.inputs.arrays(clip)[0], array)
        )
        assert clips.target[owner] == target


def test_the_order_depends_on_seed_and_epoch_only(clips):
    prepared = PreparedClips(clips.inputs, clips.clips, Scaler.fit(clips, ["none"], [False]), [False])

    def order(seed, epoch):
        batches = TrainingBatches(
            clips, prepared, batch_size=4, balance="oversample", augment=None, seed=seed
        )
        batches.set_epoch(epoch)
        return torch.cat([batch.inputs[0] for batch in batches])

    assert torch.equal(order(0, 2), order(0, 2))
    assert not torch.equal(order(0, 2), order(0, 3)) and not torch.equal(order(0, 2), order(1, 2))


def test_a_last_batch_of_one_joins_the_one_before(clips):
    prepared = PreparedClips(clips.inputs, clips.clips, Scaler.fit(clips, ["none"], [False]), [False])
    sizes = [
        len(batch.target)
        for batch in TrainingBatches(clips, prepared, batch_size=7, balance="none", augment=None, seed=0)
    ]
    assert sizes == [7, 8] and len(clips) == 15


def test_oversampling_equalises_classes_and_loses_nobody():
    target = np.array([0] * 9 + [1] * 4 + [2])
    order = epoch_order(target, "oversample", generator(0, 0))
    assert np.bincount(target[order]).tolist() == [9, 9, 9] and set(order) == set(range(14))
    other = epoch_order(target, "oversample", generator(0, 1))
    assert sorted(order.tolist()) != sorted(other.tolist())  # other clips are drawn again


def test_class_weights_are_one_in_the_mean(clips):
    weights = class_weights(clips)
    assert weights[clips.target].mean() == pytest.approx(1)
    counts = np.bincount(clips.target)
    assert (weights * counts) == pytest.approx(np.full(3, weights[0] * counts[0]))


def test_augmentation_sees_the_pack_and_its_own_chance(clips):
    scaler = Scaler.fit(clips, ["train_std"], [False])
    prepared = PreparedClips(clips.inputs, clips.clips, scaler, [False])

    def doubled(arrays, rng):
        assert np.array_equal(arrays[0], clips.inputs.arrays(clips.clips[2])[0])
        return [2 * arrays[0]]

    (found,) = prepared.batch(np.array([2]), doubled, np.random.default_rng(0))
    assert found[0].numpy() == pytest.approx(2 * scaler(clips.inputs.arrays(clips.clips[2]))[0])
