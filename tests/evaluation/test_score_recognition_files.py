from __future__ import annotations

import json

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.evaluation.score_recognition_files import score_recognition_files

TRUTH = "clip,label\n006,joy\n007,joy\n008,fear\n010,fear\n"
PREDICTIONS = "clip,prediction\n010,fear\n008,joy\n007,joy\n006,joy\n"


@pytest.fixture
def score(tmp_path):
    def run(truth: str, predictions: str, **options):
        (tmp_path / "truth.csv").write_text(truth)
        (tmp_path / "predictions.csv").write_text(predictions)
        return score_recognition_files(tmp_path / "truth.csv", tmp_path / "predictions.csv", **options)

    return run


def values(table):
    return table.set_index("metric")["value"].to_dict()


def test_by_hand(score):
    table, confusion = score(TRUTH, PREDICTIONS)
    expected = {"accuracy": 0.75, "uf1": (4 / 5 + 2 / 3) / 2, "uar": 0.75, "recall fear": 0.5}
    assert values(table) == pytest.approx(expected | {"recall joy": 1.0})
    assert table.set_index("metric")["n"].to_dict() == {
        "accuracy": 4, "uf1": 4, "uar": 4, "recall fear": 2, "recall joy": 2
    }  # fmt: skip
    assert confusion.loc["fear", "joy"] == 1 and confusion.loc["joy", "fear"] == 0
    assert "lower" not in table and "dataset" not in table


def test_rows_are_joined_by_id_whatever_their_order(score):
    shuffled = "prediction,clip\njoy, 006 \njoy,008\nfear,010\njoy,007\n"
    assert values(score(TRUTH, shuffled)[0]) == values(score(TRUTH, PREDICTIONS)[0])


def test_leading_zeros_are_part_of_the_id(score):
    with pytest.raises(ConfigError, match="^6: 1 predictions of clips that have no label. .*truth.csv"):
        score(TRUTH, PREDICTIONS.replace("006", "6"))


def test_subjects_give_intervals_and_tell_equal_clip_names_apart(score):
    truth = "subject,clip,label\n01,EP02,joy\n02,EP02,fear\n03,EP02,fear\n"
    predictions = "subject,clip,prediction\n03,EP02,fear\n02,EP02,joy\n01,EP02,joy\n"
    table, _ = score(truth, predictions)
    accuracy = table.set_index("metric").loc["accuracy"]
    assert accuracy["value"] == pytest.approx(2 / 3)
    assert (accuracy["lower"], accuracy["upper"]) == (0, 1)
    with pytest.raises(
        ConfigError, match="EP02: a second row for this clip in line 3.*add the columns dataset"
    ):
        score(truth.replace("subject", "person"), predictions.replace("subject", "person"))


def test_datasets_are_scored_alone_and_pooled(score):
    truth = "dataset,clip,label\nsamm,1,joy\nsamm,2,fear\nsmic,1,joy\nsmic,2,fear\n"
    predictions = "dataset,clip,prediction\nsmic,1,fear\nsmic,2,fear\nsamm,1,joy\nsamm,2,fear\n"
    table, _ = score(truth, predictions)
    accuracy = table[table["metric"] == "accuracy"].set_index("dataset")["value"]
    assert accuracy.to_dict() == {"samm": 1.0, "smic": 0.5, "pooled": 0.75}


def test_declared_classes_count_though_they_do_not_occur(score):
    table, confusion = score(
        TRUTH, PREDICTIONS.replace("010,fear", "010,anger"), classes=["anger", "fear", "joy"]
    )
    assert values(table)["uf1"] == pytest.approx((0 + 0 + 4 / 5) / 3)
    assert np.isnan(values(table)["recall anger"]) and confusion.loc["anger"].sum() == 0


def test_missing_predictions(score):
    partial = PREDICTIONS.replace("010,fear\n", "")
    with pytest.raises(ConfigError, match="010: no prediction for 1 of 4 clips.*--missing wrong"):
        score(TRUTH, partial)
    table, confusion = score(TRUTH, partial, missing="wrong")
    # fear: no hit, two missed; joy: two hits, one false alarm
    assert values(table) == pytest.approx(
        {"accuracy": 0.5, "uf1": (0 + 4 / 5) / 2, "uar": 0.5, "recall fear": 0, "recall joy": 1}
    )
    assert confusion.loc["fear"].to_dict() == {"fear": 0, "joy": 1, "(missing)": 1}


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (PREDICTIONS + "006,joy\n", "006: a second row for this clip in line 6"),
        (PREDICTIONS + "099,joy\n", "099: 1 predictions of clips that have no label"),
        (PREDICTIONS.replace("fear", "faer"), r"unknown class 'faer' in line 2.*Did you mean 'fear'\?"),
        ("clip,label\n006,joy\n", "no column prediction. Expected the columns clip, prediction"),
        ("", "the table cannot be read"),
    ],
)
def test_bad_files(score, predictions, message):
    with pytest.raises(ConfigError, match=message) as caught:
        score(TRUTH, predictions)
    assert "predictions.csv" in str(caught.value)


def test_reference_cases(score, shared):
    """Hand-checked cases, folds as subjects."""
    cases = json.loads((shared / "oracles" / "metrics" / "recognition.json").read_text())["cases"]
    for case in cases:
        truth, predictions = ["clip,subject,label"], ["clip,prediction"]
        for fold in case["folds"]:
            for true, said in zip(fold["y_true"], fold["y_pred"], strict=True):
                clip = len(truth)
                truth.append(f"{clip},{fold['subject']},{true}")
                predictions.insert(1, f"{clip},{said}")
        classes = [str(name) for name in case["classes"]]
        table, confusion = score("\n".join(truth), "\n".join(predictions), classes=classes)
        found, expected = values(table), case["expected"]
        assert confusion.to_numpy().tolist() == expected["confusion"], case["name"]
        for name in ("accuracy", "uf1", "uar"):
            assert found[name] == pytest.approx(expected[name]["value"], abs=1e-12), (case["name"], name)
        recall = [np.nan if entry is None else entry["value"] for entry in expected["recall"]]
        np.testing.assert_allclose([found[f"recall {name}"] for name in classes], recall, atol=1e-12)
