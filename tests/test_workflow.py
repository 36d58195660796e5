"""What the Snakefile is told before the plan is made, and the user when jobs fail."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mezoo.config import Config
from mezoo.controls import leakcheck_of
from mezoo.errors import ConfigError
from mezoo.plan import macro_corpora
from mezoo.workflow import (
    backbone_of,
    failures,
    prepare,
    recipe_memory,
    recipes_of,
    reported,
    stated_settings,
)


def write_log(path, text, age=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - age,) * 2)


def test_only_failed_jobs_of_this_run_are_told(tmp_path):
    began = time.time() - 10
    write_log(tmp_path / "fit/a.log", "12:00:00 fit\nmezoo: 2 of 3 videos failed\n")
    write_log(tmp_path / "fit/b.log", "mezoo: 2 of 3 videos failed\n")
    write_log(tmp_path / "faces/c.log", 'Traceback (most recent call last):\n  File "x"\nKeyError: 1\n\n')
    write_log(tmp_path / "faces/good.log", "mezoo: waiting for another process\n12:00:01 done\n")
    write_log(tmp_path / "faces/empty.log", "")
    write_log(tmp_path / "faces/old.log", "mezoo: long ago\n", age=60)
    assert list(failures(began, tmp_path)) == [
        f"mezoo: KeyError: 1\n    log: {tmp_path}/faces/c.log",
        f"mezoo: 2 of 3 videos failed\n    log: {tmp_path}/fit/a.log and 1 more jobs",
    ]


def test_no_logs_no_words(tmp_path):
    assert list(failures(0, tmp_path / "absent")) == []


@pytest.fixture
def values(tmp_path):
    for subject in ("15", "16"):
        (tmp_path / f"rawpic/s{subject}/{subject}_0101disgustingteeth").mkdir(parents=True)
    clip = tmp_path / "mmew/Micro_Expression/fear/S01-05-001"
    clip.mkdir(parents=True)
    return {"datasets": {"casme_sq": {"root": str(tmp_path)}, "mmew": {"root": str(tmp_path / "mmew")}}}


def test_clips_that_take_no_part_are_named_once(values, capsys):
    _, corpora = prepare(values)
    assert list(corpora) == ["casme_sq", "mmew"]
    assert "mezoo: mmew: clips of single expressions take no part in spotting" in capsys.readouterr().err
    prepare(values, announce=False)
    assert capsys.readouterr().err == ""


def test_a_mistake_is_one_line(values):
    values["datasets"]["mmew"]["options"] = {"offset": "guess"}
    with pytest.raises(
        SystemExit, match="mezoo: mmew: option offset is 'guess'. Expected one of coded, folder"
    ):
        prepare(values)


def test_the_report_tells_of_the_recipes_of_the_configuration_and_of_those_asked_for(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[1])
    config = Config(recipes=["ststnet", "mdmo_peaks"])
    assert reported(config, []) == {"spotting": ["mdmo_peaks"], "recognition": ["ststnet"]}
    asked = [
        "snakemake",
        "results/loso_abpn.csv",
        "results/loso_biwoof_svm.csv",
        "results/loso_mdmo_peaks.csv",
        "-n",
    ]
    assert reported(config, [*asked, "results/loso_unknown.csv", "x/results/loso_mdmd.csv"]) == {
        "spotting": ["mdmo_peaks", "abpn"],
        "recognition": ["ststnet", "biwoof_svm"],
    }


def test_stated_settings_hold_no_place_of_a_file(values, tmp_path):
    values["datasets"]["casme_sq"]["target_fps"] = 15
    config, corpora = prepare(values, announce=False)
    found = stated_settings(config, corpora)
    assert found["datasets"] == {"casme_sq": {"target_fps": 15.0}} and "demo" not in found
    assert str(tmp_path) not in str(found)
    assert stated_settings(Config(), {})["demo"]["subjects"] == 8


def test_the_demo_fits_small_machines_and_large_networks_ask_for_more():
    recognisers = recipes_of("recognition")
    assert {recipe_memory(name, demo=True) for name in recognisers} == {2000}
    assert recipe_memory("akmnet", demo=False) > recipe_memory("ststnet", demo=False) == 2000


def test_a_backbone_is_the_users_file_or_trained_where_there_is_a_corpus(monkeypatch, tmp_path):
    monkeypatch.chdir(Path(__file__).parents[1])
    mine = Config(recognition={"backbones": {"resnet10": str(tmp_path / "mine.pt")}})
    trained = Path("results/models/pretrained/resnet10.h5")
    assert backbone_of("ststnet", mine, {}, demo=False) is None
    assert backbone_of("macro2micro", mine, {}, demo=False) == tmp_path / "mine.pt"
    assert backbone_of("macro2micro", mine, macro_corpora(mine), demo=True) == trained
    assert (
        backbone_of("macro2micro", Config(), macro_corpora(Config()), demo=False) is None
    )  # no corpus of macro-expressions is named


def test_the_check_for_leaks_trains_from_the_same_weights(monkeypatch, tmp_path):
    root = Path(__file__).parents[1]
    for name in ("workflow", "config.yaml"):
        (tmp_path / name).symlink_to(root / name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="pretrained weights of all folds"):
        leakcheck_of("macro2micro", "")
    monkeypatch.setattr(Path, "is_file", lambda self: True)
    assert leakcheck_of("ststnet", "").pretrained is None
    assert leakcheck_of("macro2micro", "").pretrained == Path("results/models/pretrained/resnet10.h5")
