"""What the Snakefile is told before the plan is made."""

from __future__ import annotations

import pytest

from mezoo.workflow import prepare


@pytest.fixture
def values(tmp_path):
    for subject in ("15", "16"):
        (tmp_path / f"rawpic/s{subject}/{subject}_0101disgustingteeth").mkdir(parents=True)
    clip = tmp_path / "mmew/Micro_Expression/fear/S01-05-001"
    clip.mkdir(parents=True)
    return {"datasets": {"casme_sq": {"root": str(tmp_path)}, "mmew": {"root": str(tmp_path / "mmew")}}}


def test_clips_that_take_no_part_are_named_once(values, capsys):
    _, corpora = prepare(values)
    assert list(corpora) == ["casme_sq"]
    assert "mezoo: mmew: clips of single expressions take no part" in capsys.readouterr().err
    prepare(values, announce=False)
    assert capsys.readouterr().err == ""


def test_a_mistake_is_one_line(values):
    values["datasets"]["mmew"]["options"] = {"offset": "guess"}
    with pytest.raises(
        SystemExit, match="mezoo: mmew: option offset is 'guess'. Expected one of coded, folder"
    ):
        prepare(values)
