"""The choice of `inner`: whole subjects are set apart, no class is lost, and ties go to the later look."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from learning.recognition_data import CLASSES
from mezoo.learning.inner_choice import best_look, validation_mask


def clips_of(**target_of_person: list[int]) -> Any:
    persons = [person for person, targets in target_of_person.items() for _ in targets]
    return SimpleNamespace(persons=persons, target=np.concatenate(list(target_of_person.values())))


def test_best_look_prefers_uf1_then_accuracy_then_the_later():
    right, wrong = np.eye(3), np.roll(np.eye(3), 1, axis=1)
    target = np.arange(3)
    assert best_look(np.stack([wrong, right, wrong]), target, CLASSES) == (1, 1.0)
    assert best_look(np.stack([right, wrong, right]), target, CLASSES)[0] == 2


@pytest.mark.parametrize("seed", range(8))
def test_subjects_are_set_apart_whole_and_every_class_is_still_trained_on(seed):
    clips = clips_of(a=[0, 1], b=[1, 1], c=[0, 2], d=[2], e=[0, 1, 2], f=[0, 2], g=[1], h=[0])
    mask = validation_mask(clips, share=0.25, seed=seed)
    assert mask is not None
    persons = np.array(clips.persons)
    assert len(set(persons[mask])) == 2 and not set(persons[mask]) & set(persons[~mask])
    assert set(clips.target[~mask]) == {0, 1, 2}
    assert np.array_equal(mask, validation_mask(clips, share=0.25, seed=seed))


def test_another_seed_sets_other_subjects_apart():
    clips = clips_of(**{name: [0, 1, 2] for name in "abcdefgh"})
    masks = {validation_mask(clips, share=0.25, seed=seed).tobytes() for seed in range(8)}
    assert len(masks) > 3


@pytest.mark.parametrize(
    ("clips", "share"),
    [
        (clips_of(a=[0, 1], b=[0, 1]), 0.25),
        (clips_of(a=[0, 1], b=[0, 1], c=[0, 1]), 0),
        (clips_of(a=[0], b=[1], c=[2]), 0.34),
    ],
    ids=["two subjects", "no share", "each class has one subject"],
)
def test_none_is_set_apart(clips, share):
    assert validation_mask(clips, share=share, seed=0) is None
