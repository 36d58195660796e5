from __future__ import annotations

import json

import pandas as pd
import pytest

from mezoo.errors import ConfigError
from mezoo.report.score_text import as_json, as_text, score_files, write_csv

TRUTH = (
    "video,clip,type,onset,offset,label\na,a1,micro,10,19,neg\nb,b1,micro,50,59,pos\nb,b2,macro,90,199,pos\n"
)
PREDICTIONS = (
    "video,clip,type,onset,offset,label,prediction,score\n"
    "a,a1,micro,10,14,neg,neg,0.9\nb,b1,micro,80,89,neg,neg,0.5\nb,b2,macro,90,199,pos,pos,0.1\n"
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "truth.csv").write_text(TRUTH)
    (tmp_path / "predictions.csv").write_text(PREDICTIONS)
    return tmp_path / "truth.csv", tmp_path / "predictions.csv"


def test_spotting_is_laid_out_by_iou(files):
    blocks = as_text(score_files("spotting", *files)).split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == ["IoU >= 0.5", "F1 by IoU", "AP by IoU"]
    assert blocks[0].splitlines()[2].split()[:6] == ["micro", "2", "2", "1", "1", "1"]
    assert blocks[1].splitlines()[1].split() == [
        *["type", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "mean"]
    ]
    assert blocks[1].splitlines()[3].split() == ["macro"] + ["1.0000"] * 10
    assert [line.split()[0] for line in blocks[2].splitlines()[2:]] == ["micro", "macro", "all"]


def test_options_arrive(files):
    one = as_text(score_files("spotting", *files, iou="0.6"))
    assert one.startswith("IoU >= 0.6\n") and "by IoU" not in one
    auwgcn = score_files("spotting", *files, counting="auwgcn", iou="0.5").table.set_index("type")
    assert auwgcn.loc["micro", "tp"] == 0  # 5 of 10 frames are not more than one half
    classes = score_files("recognition", *files, classes="neg, pos, sur").confusion
    assert list(classes.columns) == ["neg", "pos", "sur"]
    strs = score_files("strs", *files, iou="0.9", classes="neg,pos").table.set_index(["type", "metric"])
    assert strs.loc[("micro", "recall"), "value"] == 0


def test_missing_predictions(files):
    files[1].write_text("\n".join(PREDICTIONS.splitlines()[:-1]))
    with pytest.raises(ConfigError, match="b2: no prediction for 1 of 3 clips"):
        score_files("recognition", *files)
    scores = score_files("recognition", *files, missing="wrong")
    assert "(missing)" in as_text(scores)


@pytest.mark.parametrize("task", ["spotting", "recognition", "strs"])
def test_csv_and_json_hold_the_same_numbers(files, tmp_path, task):
    scores = score_files(task, *files)
    write_csv(scores, tmp_path / "scores.csv")
    read = pd.read_csv(tmp_path / "scores.csv")
    content = json.loads(as_json(scores), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert content["task"] == task and len(content["scores"]) == len(read) == len(scores.table)
    for row, (_, line) in zip(content["scores"], read.iterrows(), strict=True):
        for name, value in row.items():
            assert (
                pd.isna(line[name]) if value is None else str(line[name]) == str(value) or line[name] == value
            )
    assert ("confusion" in content) == (task != "spotting")


def test_confusion_in_json(files):
    content = json.loads(as_json(score_files("strs", *files)))
    assert content["confusion"] == {"neg": {"neg": 1, "pos": 0}, "pos": {"neg": 0, "pos": 1}}


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("spoting", {}, "unknown task 'spoting'.*Did you mean 'spotting'"),
        ("spotting", {"classes": "a,b"}, "--classes for spotting. Expected it for recognition or strs only"),
        ("strs", {"fps": 25.0}, "--fps for strs. Expected it for spotting only"),
        ("spotting", {"counting": "auwgnc"}, "unknown --counting auwgnc.*Did you mean 'auwgcn'"),
        ("spotting", {"iou": "half"}, "--iou half. Expected thresholds"),
        ("spotting", {"iou": "0"}, "--iou 0. Expected thresholds"),
        ("strs", {"iou": "0.3,0.5"}, "--iou 0.3,0.5 for strs. Expected one threshold"),
        ("strs", {"classes": "a,,b"}, "--classes a,,b. Expected names"),
        ("recognition", {"missing": "wrnog"}, "Did you mean 'wrong'"),
    ],
)
def test_wrong_usage(files, task, options, message):
    with pytest.raises(ConfigError, match=message):
        score_files(task, *files, **options)
