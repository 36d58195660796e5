"""Experiments: protocols on the corpora of a run, and whom their folds hold out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mezoo.config import DatasetConfig
from mezoo.errors import ConfigError
from mezoo.experiments import experiment, missing_corpora
from mezoo.plan import Corpus


def corpus(layout: str, subjects: list[str], prefix: str = "") -> Corpus:
    videos = {subject: [f"{subject}_1"] for subject in subjects}
    return Corpus(prefix + layout, layout, Path(), DatasetConfig(), "clip", bool(prefix), videos, {})


FOUND = {
    c.name: c
    for c in (
        corpus("casme2", ["sub01", "sub02", "sub03"]),
        corpus("samm", ["006", "007"]),
        corpus("smic", ["s1", "s2"]),
        corpus("casme2", ["sub01"], "demo_"),
    )
}


def test_one_subject_at_a_time():
    found = experiment("megc2019_cde", FOUND)
    assert list(found.folds) == [
        *(f"casme2.sub0{k}" for k in (1, 2, 3)), "samm.006", "samm.007", "smic.s1", "smic.s2"
    ]  # fmt: skip
    for fold, held_out in found.folds.items():
        assert fold == ".".join(held_out[0])
        assert sorted([*found.training(fold), *held_out]) == sorted(found.persons)
        assert not set(found.training(fold)) & set(held_out)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_parts_of_the_subjects(k):
    found = experiment(f"megc2019_cde-{k}fold", FOUND)
    held_out = [person for fold in found.folds.values() for person in fold]
    assert len(found.folds) == k and sorted(held_out) == sorted(found.persons)
    sizes = [len(fold) for fold in found.folds.values()]
    assert max(sizes) - min(sizes) <= 1
    assert found == experiment(f"megc2019_cde-{k}fold", FOUND)


def test_one_corpus_at_a_time():
    found = experiment("megc2019_cde-corpus", FOUND)
    assert {fold: len(persons) for fold, persons in found.folds.items()} == {
        "casme2": 3,
        "samm": 2,
        "smic": 2,
    }
    assert {corpus for corpus, _ in found.training("samm")} == {"casme2", "smic"}
    assert list(experiment("megc2018_hde", FOUND).folds) == ["casme2", "samm"]


def test_demo_corpora_are_another_experiment():
    found = experiment("demo_casme2_5class", FOUND)
    assert found.persons == [("demo_casme2", "sub01")] and found.is_demo
    assert missing_corpora("demo_megc2019_cde", FOUND) == ["samm", "smic"]
    assert missing_corpora("megc2019_cde", FOUND) == []


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("nothing", "unknown protocol"),
        ("megc2019_cde-fold", "a name like"),
        ("megc2019_cde-99fold", "99 folds of 7 subjects"),
        ("megc2019_cde-1fold", "1 folds"),
        ("casme2_5class-corpus", "one corpus"),
        ("mmew_7class", "no corpus mmew"),
        ("megc2020_casme_sq", "a protocol of spotting"),
    ],
)
def test_a_wrong_name(name, match):
    with pytest.raises(ConfigError, match=match):
        experiment(name, FOUND)
