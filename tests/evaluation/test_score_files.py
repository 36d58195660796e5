from __future__ import annotations

import json

import pandas as pd
import pytest

from mezoo.errors import ConfigError
from mezoo.evaluation.score_files import IOUS, MEAN, score_spotting

TRUTH = "video,type,onset,offset\n006_1,micro,10,19\n006_1,macro,50,99\n"
PREDICTIONS = "video,type,onset,offset,score\n006_1,micro,10,14,0.5\n007_1,macro,1,30,0.4\n"


@pytest.fixture
def score(tmp_path):
    def run(truth: str, predictions: str, **options):
        (tmp_path / "truth.csv").write_text(truth)
        (tmp_path / "predictions.csv").write_text(predictions)
        return score_spotting(tmp_path / "truth.csv", tmp_path / "predictions.csv", **options)

    return run


def test_scores(score):
    table = score(TRUTH, PREDICTIONS).set_index("type")
    assert table.loc["micro", ["n_gt", "n_pred", "tp", "f1"]].tolist() == [1, 1, 1, 1.0]
    assert table.loc["all", ["n_gt", "n_pred", "tp", "f1"]].tolist() == [2, 2, 1, 0.5]
    assert "f1_low" not in table


def test_subjects_give_an_interval(score):
    truth = (
        TRUTH.replace("offset\n", "offset,subject\n").replace("19\n", "19,006\n").replace("99\n", "99,006\n")
    )
    predictions = "video,type,onset,offset,subject\n006_1,micro,10,14,006\n007_1,macro,1,30,007\n"
    table = score(truth, predictions).set_index("type")
    assert table.loc["all", "f1_low"] == 0 and table.loc["all", "f1_high"] == pytest.approx(2 / 3)
    with pytest.raises(ConfigError, match="007_1: a video without annotation and without subject"):
        score(truth, PREDICTIONS)
    with pytest.raises(ConfigError, match="006_1: two subjects for one video"):
        score(truth, predictions.replace("14,006", "14,016"))


def test_no_predictions(score):
    assert score(TRUTH, "video,type,onset,offset\n")["tp"].tolist() == [0, 0, 0]


def test_ids_and_numbers_as_spreadsheets_write_them(score):
    assert score(TRUTH, "video,type,onset,offset\n006_1, micro ,10.0,19.0\n")["tp"].tolist() == [1, 0, 1]
    assert (
        score("video,type,onset,offset\n006,micro,1,9\n", "video,type,onset,offset\n6,micro,1,9\n")[
            "tp"
        ].sum()
        == 0
    )


def test_iou_grid(score):
    table = score(TRUTH, PREDICTIONS, ious=IOUS)
    micro = table[table["type"] == "micro"].set_index("iou")["f1"]
    assert micro.to_dict() == {**{iou: float(iou <= 0.5) for iou in IOUS}, MEAN: pytest.approx(5 / 9)}
    assert (table["n_gt"].dropna() == table["tp"].dropna() + table["fn"].dropna()).all()
    assert score(TRUTH, PREDICTIONS, ious=[0.5]).equals(score(TRUTH, PREDICTIONS))
    for wrong in ([0.0], [0.5, 1.5], []):
        with pytest.raises(ConfigError, match="Expected thresholds above 0, at most 1"):
            score(TRUTH, PREDICTIONS, ious=wrong)


def test_scores_give_average_precision(score):
    two = PREDICTIONS + "006_1,macro,50,99,0.3\n"
    table = score(TRUTH, two, ious=(0.5, 0.9)).set_index(["iou", "type"])["ap"]
    # Ranked: the hit of type micro, a false alarm, the hit of type macro.
    assert table[0.5].to_dict() == {"micro": 1, "macro": 0.5, "all": pytest.approx((1 + 2 / 3) / 2)}
    assert table[MEAN].to_dict() == {"micro": 0.5, "macro": 0.5, "all": pytest.approx((5 / 6 + 1 / 6) / 2)}
    assert "ap" not in score(TRUTH, "video,type,onset,offset\n006_1,micro,10,19\n")


def test_apexes_give_their_error(score):
    truth = "video,type,onset,apex,offset\na,micro,10,14,19\na,macro,50,60,99\nb,micro,10,,19\n"
    predictions = "video,type,onset,apex,offset\na,micro,10,16,19\na,macro,50,52,99\nb,micro,10,15,19\n"
    table = score(truth, predictions, fps=200).set_index("type")
    columns = ["apex_n", "apex_error", "apex_error_ms"]
    assert table[columns].to_dict("list") == {
        "apex_n": [1, 1, 2],
        "apex_error": [2, 8, 5],
        "apex_error_ms": [10, 40, 25],
    }
    own = truth.replace("offset\n", "offset,fps\n").replace("9\n", "9,25\n")
    assert score(own, predictions).set_index("type").loc["micro", "apex_error_ms"] == 80
    assert "apex_error_ms" not in score(truth, predictions)
    assert "apex_n" not in score(truth, PREDICTIONS)
    with pytest.raises(ConfigError, match="two frame rates"):
        score(own, predictions, fps=200)
    for fps in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ConfigError, match="frames per second"):
            score(truth, predictions, fps=fps)


def test_counting_of_published_code(score):
    head = "video,type,onset,offset\n"
    truth = head + "v,macro,100,0\nv,macro,200,240\nv,macro,300,340\n"  # an offset that was not coded
    predictions = "video,type,onset,offset,score\nv,macro,205,236,1\nv,macro,198,250,1\n"
    assert score(truth, predictions, counting="auwgcn")["tp"].tolist() == [0, 1, 1]
    assert score(truth, predictions, counting="auwgcn")["n_gt"].tolist() == [0, 3, 3]
    assert score(truth, predictions, counting="auwgcn_2023")["tp"].tolist() == [0, 2, 2]
    assert "ap" not in score(truth, predictions, counting="auwgcn")
    with pytest.raises(ConfigError, match="'100..0' in line 2"):
        score(truth, predictions)


def test_impossible_counts_are_one_sentence(score):
    truth = "video,type,onset,offset\nv,macro,200,240\n"
    predictions = "video,type,onset,offset\nv,macro,205,236\nv,macro,198,250\n"
    with pytest.raises(ConfigError) as caught:
        score(truth, predictions, counting="auwgcn_2023")
    message = "macro of v: impossible counts: 2 true positives of 1 annotations, 2 predictions at IoU 0.5"
    assert message in str(caught.value) and "predictions.csv" in str(caught.value)


@pytest.mark.parametrize("counting", ["megc2021", "auwgcn"])
def test_reference_videos_as_files(shared, tmp_path, counting):
    oracle = json.loads((shared / "oracles" / "metrics" / "spotting.json").read_text())
    for name in ("gt", "pred"):
        rows = [
            (video, kind, onset, offset)
            for video, content in oracle["videos"].items()
            for onset, offset, kind in content[name]
        ]
        table = pd.DataFrame(rows, columns=["video", "type", "onset", "offset"])
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    scores = score_spotting(tmp_path / "gt.csv", tmp_path / "pred.csv", counting=counting).set_index("type")
    for kind, expected in oracle["pooled"].items():
        if kind not in scores.index or not isinstance(expected, dict):
            continue
        found = scores.loc[kind]
        assert found[["n_gt", "n_pred"]].tolist() == [expected["n_gt"], expected["n_pred"]]
        if counting == "auwgcn":
            assert kind == "all" or found["tp"] == expected["tp_exclusive_strict"]
            continue
        assert found["tp"] == expected["tp"]
        for metric in ("precision", "recall", "f1"):
            assert found[metric] == pytest.approx(expected[metric]["value"], abs=1e-15)
    assert {"micro", "macro", "all"} <= set(oracle["pooled"])


def test_official_counts_as_files(shared, tmp_path):
    """Annotations with offset 0, IoU one half, and one annotation found twice by the older rule."""
    oracle = json.loads((shared / "oracles" / "auwgcn" / "tp_oracle.json").read_text())
    for name in ("gt", "pred"):
        table = pd.DataFrame(oracle[name], columns=["video", "onset", "offset", "type"])
        table["type"] = table["type"].map({1: "macro", 2: "micro"})
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    groups = pd.DataFrame(oracle["result"]).groupby("type_idx")[["n", "find", "tp"]].sum()
    for counting, column in (("auwgcn", "find"), ("auwgcn_2023", "tp")):
        scores = score_spotting(tmp_path / "gt.csv", tmp_path / "pred.csv", counting=counting)
        scores = scores.set_index("type")
        for kind, index in (("macro", 1), ("micro", 2)):
            expected = groups.loc[index, ["n", column]].tolist()  # n: predictions
            assert scores.loc[kind, ["n_pred", "tp"]].tolist() == expected


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        ("video,type,onset\n", "no column offset. Expected the columns video, type, onset, offset"),
        ("video,type,onset,offset\n006_1,blink,1,2\n", "'blink' in line 2. Expected micro or macro"),
        (
            "video,type,onset,offset\n006_1,micro,1,2\n006_1,micro,1,\n",
            "'' in line 3. Expected a whole frame number",
        ),
        (
            "video,type,onset,offset\n006_1,micro,1.5,2\n",
            "'1.5' in line 2. Expected a whole frame number as onset",
        ),
        ("video,type,onset,offset\n006_1,micro,5,2\n", "'5..2' in line 2. Expected onset <= offset"),
        ("", "the table cannot be read"),
        ("video,type,onset,offset,score\na,micro,1,2,high\n", "'high' in line 2. Expected a number as score"),
        ("video,type,onset,offset,score\na,micro,1,2,nan\n", "'nan' in line 2. Expected a number as score"),
        ("video,type,onset,offset,fps\na,micro,1,2,0\n", "'0' in line 2. Expected a number above 0 as fps"),
        (
            "video,type,onset,offset,apex\na,micro,1,2,1.5\n",
            "'1.5' in line 2. Expected a whole frame number as apex, or nothing",
        ),
    ],
)
def test_bad_files(score, predictions, message):
    with pytest.raises(ConfigError) as caught:
        score(TRUTH, predictions)
    assert message in str(caught.value) and "predictions.csv" in str(caught.value)


def test_absent_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read.*absent.csv"):
        score_spotting(tmp_path / "absent.csv", tmp_path / "absent.csv")
