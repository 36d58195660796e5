from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.evaluation import spotting
from mezoo.evaluation.score_strs_files import score_strs_files

HEAD = "video,type,onset,offset,label\n"
TRUTH = HEAD + "a,micro,10,19,neg\na,micro,50,59,pos\nb,micro,10,19,neg\nb,micro,80,89,sur\n"
#: Three of four found, two false alarms; of the three, two with the right label.
PREDICTIONS = (
    HEAD + "a,micro,10,18,neg\na,micro,50,59,neg\nb,micro,81,89,sur\nb,micro,200,209,sur\nc,micro,10,19,pos\n"
)


@pytest.fixture
def score(tmp_path):
    def run(truth: str, predictions: str, **options):
        (tmp_path / "truth.csv").write_text(truth)
        (tmp_path / "predictions.csv").write_text(predictions)
        return score_strs_files(tmp_path / "truth.csv", tmp_path / "predictions.csv", **options)

    return run


def values(table, kind="micro", column="value"):
    return table[table["type"] == kind].set_index("metric")[column].to_dict()


def test_by_hand(score):
    table, confusion = score(TRUTH, PREDICTIONS)
    f1 = 2 * 3 / (4 + 5)
    uf1 = (2 / 3 + 0 + 1) / 3  # neg: one right, one pos called neg; pos: missed; sur: right
    expected = {"precision": 3 / 5, "recall": 3 / 4, "f1": f1, "accuracy": 2 / 3, "uf1": uf1}
    assert values(table) == pytest.approx(expected | {"uar": 2 / 3, "strs": f1 * uf1})
    assert values(table, column="n") == {
        "precision": 5, "recall": 4, "f1": 4, "accuracy": 3, "uf1": 3, "uar": 3, "strs": 4
    }  # fmt: skip
    assert confusion.to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert set(table["type"]) == {"micro"} and "lower" not in table


def test_labels_of_false_alarms_do_not_matter(score):
    other = PREDICTIONS.replace("200,209,sur", "200,209,neg").replace(
        "c,micro,10,19,pos", "c,micro,10,19,sur"
    )
    assert values(score(TRUTH, other).table) == values(score(TRUTH, PREDICTIONS).table)


def test_classes_that_nobody_spots_count(score):
    only = HEAD + "a,micro,10,19,neg\n"
    assert values(score(TRUTH, only).table)["uf1"] == pytest.approx(1 / 3)
    table = score(HEAD + "a,micro,10,19,neg\n", only, classes=["neg", "pos"]).table
    assert values(table)["strs"] == 0.5


def test_types_are_matched_apart_and_summed(score):
    truth = TRUTH + "b,macro,300,399,neg\n"
    predictions = PREDICTIONS + "b,macro,300,399,pos\nb,macro,10,19,neg\n"
    table, confusion = score(truth, predictions)
    assert values(table, "micro") == values(score(TRUTH, PREDICTIONS).table)
    assert values(table, "macro")["f1"] == pytest.approx(2 / 3) and values(table, "macro")["strs"] == 0
    assert values(table, "all")["f1"] == pytest.approx(2 * 4 / (5 + 7))
    assert values(table, "all")["accuracy"] == pytest.approx(2 / 4)
    assert confusion.to_numpy().sum() == 4


def test_false_alarms_of_a_type_without_annotation_count(score):
    table = score(TRUTH, PREDICTIONS + "a,macro,300,399,pos\n").table
    assert values(table, "all")["f1"] == pytest.approx(2 * 3 / (4 + 6))


def test_nothing_spotted(score):
    found = values(score(TRUTH, HEAD).table)
    assert found["f1"] == found["uf1"] == found["strs"] == 0
    assert found["precision"] != found["precision"] and found["accuracy"] != found["accuracy"]  # NaN


def test_threshold(score):
    assert values(score(TRUTH, PREDICTIONS, iou=0.95).table)["recall"] == 1 / 4


def test_subjects_give_intervals(score):
    truth = "subject,video,type,onset,offset,label\n1,a,micro,10,19,neg\n2,b,micro,10,19,neg\n"
    predictions = "subject,video,type,onset,offset,label\n1,a,micro,10,19,neg\n3,c,micro,10,19,neg\n"
    table = score(truth, predictions).table
    strs = table.set_index("metric").loc["strs"]
    assert (strs["value"], strs["lower"], strs["upper"]) == (0.5, 0, 1)
    with pytest.raises(ConfigError, match="c: a video without annotation and without subject"):
        score(truth, predictions.replace("subject", "person"))


@pytest.mark.parametrize(
    ("truth", "predictions", "message"),
    [
        (TRUTH, PREDICTIONS.replace(",label", ",class"), "no column label"),
        (TRUTH, PREDICTIONS.replace("sur\nb", "surprise\nb"), "class 'surprise' in line 4.*predictions.csv"),
        (TRUTH.replace("pos", ""), PREDICTIONS, "class '' in line 3.*truth.csv"),
        (HEAD, PREDICTIONS, "no annotation"),
        (TRUTH, PREDICTIONS.replace("micro,10,18", "micro,18,10"), "'18..10' in line 2"),
    ],
)
def test_bad_files(score, truth, predictions, message):
    with pytest.raises(ConfigError, match=message):
        score(truth, predictions)


@pytest.mark.parametrize(
    ("counts", "recognition", "strs"),
    [((57, 223, 17), 0.6667, 0.0809), ((159, 389, 26), 0.5263, 0.0499)],  # CAS(ME)^2 and SAMM-LV
)
def test_published_products_of_mean(counts, recognition, strs):
    # Its F1 of recognition is printed to four digits, and the product is that of the printed parts: .1214 x .6667.
    spotted = round(float(spotting.f1(spotting.check(np.array(counts)))), 4)
    assert round(spotted * recognition, 4) == strs
