from __future__ import annotations

import pytest

from mezoo.errors import ConfigError
from mezoo.evaluation.score_files import score_spotting

TRUTH = "video,type,onset,offset\n006_1,micro,10,19\n006_1,macro,50,99\n"
PREDICTIONS = "video,type,onset,offset,score\n006_1,micro,10,14,0.5\n007_1,macro,1,30,0.4\n"


@pytest.fixture
def score(tmp_path):
    def run(truth: str, predictions: str):
        (tmp_path / "truth.csv").write_text(truth)
        (tmp_path / "predictions.csv").write_text(predictions)
        return score_spotting(tmp_path / "truth.csv", tmp_path / "predictions.csv")

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
    ],
)
def test_bad_files(score, predictions, message):
    with pytest.raises(ConfigError) as caught:
        score(TRUTH, predictions)
    assert message in str(caught.value) and "predictions.csv" in str(caught.value)


def test_absent_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read.*absent.csv"):
        score_spotting(tmp_path / "absent.csv", tmp_path / "absent.csv")
